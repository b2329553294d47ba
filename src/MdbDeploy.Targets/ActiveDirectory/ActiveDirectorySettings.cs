using System.Collections.Immutable;
using System.Text.Json.Nodes;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets.Http;

namespace MdbDeploy.Targets.ActiveDirectory;

/// <summary>
/// The settings of the target <c>activeDirectory</c>: <c>{domain, server?, link?, groups?, targeting?, wmiFilter?}</c>. Signing in is the machine's: on Windows the signed-in user, elsewhere the Kerberos
/// ticket in the credential cache (<c>kinit</c>, <c>KRB5CCNAME</c>).
/// </summary>
public sealed record ActiveDirectorySettings
{
    private const string Name = "targets.activeDirectory";
    private static readonly string[] Keys = ["domain", "server", "link", "groups", "targeting", "wmiFilter"];

    /// <summary><c>domain</c>: DNS name of the domain.</summary>
    public required string Domain { get; init; }

    /// <summary><c>server</c>: the domain controller to work with; the domain's name when it is not given, which finds one.</summary>
    public required string Server { get; init; }

    /// <summary><c>link</c>: the places that policies are linked to.</summary>
    public ImmutableArray<string> Link { get; init; } = [];

    /// <summary><c>groups</c>: where the rings' security groups are made; the container Users when it is not given.</summary>
    public string? Groups { get; init; }

    /// <summary>Reads the settings.</summary>
    /// <param name="settings">The object <c>targets.activeDirectory</c> of the project file.</param>
    public static Outcome<ActiveDirectorySettings> Read(JsonObject settings)
    {
        var problems = new List<Diagnostic>();
        SettingText.CheckKeys(settings, Keys, Name, problems);
        var domain = SettingText.Read(settings, "domain", Name, problems);
        var server = SettingText.Read(settings, "server", Name, problems);
        if (domain is null)
        {
            problems.Add(Problems.TargetSettingMissing.At(Location.Of($"{Name}.domain"), "'domain' is missing: the DNS name of the domain, such as corp.contoso.example."));
        }
        else if (Uri.CheckHostName(domain) != UriHostNameType.Dns || !domain.Contains('.', StringComparison.Ordinal))
        {
            problems.Add(Problems.TargetSettingInvalid.At(Location.Of($"{Name}.domain"), $"'{domain}' is no DNS name of a domain, such as corp.contoso.example."));
        }

        if (server is not null && (Uri.CheckHostName(server) != UriHostNameType.Dns || !server.Contains('.', StringComparison.Ordinal)))
        {
            problems.Add(Problems.TargetSettingInvalid.At(Location.Of($"{Name}.server"), $"'{server}' is no full name of a domain controller: Kerberos knows it only by that."));
        }

        // How rings are told apart is the templates' affair; a slip of the pen is told here.
        if (SettingText.Read(settings, "targeting", Name, problems) is { } targeting && targeting is not ("auto" or "unit"))
        {
            problems.Add(Problems.TargetSettingInvalid.At(Location.Of($"{Name}.targeting"), $"'{targeting}' is neither 'auto' (each ring's computers, by name or by group) nor 'unit' (every computer of the linked units)."));
        }

        if (SettingText.Read(settings, "wmiFilter", Name, problems) is { } query && (!query.StartsWith("select ", StringComparison.OrdinalIgnoreCase) || query.Any(char.IsControl)))
        {
            problems.Add(Problems.TargetSettingInvalid.At(Location.Of($"{Name}.wmiFilter"), $"'{query}' is no WQL query, such as SELECT * FROM Win32_OperatingSystem WHERE ProductType = 1."));
        }

        return new(
            new ActiveDirectorySettings
            {
                Domain = domain ?? "",
                Server = server ?? domain ?? "",
                Link = [.. (settings["link"] as JsonArray ?? []).OfType<JsonValue>().Select(place => place.ToString())],
                Groups = SettingText.Read(settings, "groups", Name, problems),
            },
            problems);
    }
}
