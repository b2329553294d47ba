using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets.Http;

namespace MdbDeploy.Targets.ConfigMgr;

/// <summary>
/// The settings of the target <c>configmgr</c>: <c>{server, siteCode?, limitingCollection?, auth?, user?, endpoint?, scope?, caFile?, thumbprint?, folder?, membership?}</c>.
/// </summary>
public sealed partial record ConfigMgrSettings
{
    private const string Name = "targets.configmgr";
    private static readonly string[] Keys = ["server", "siteCode", "limitingCollection", "auth", "user", "endpoint", "scope", "caFile", "thumbprint",
        "folder", "membership"];
    private static readonly string[] Memberships = ["query-by-name", "direct", "custom-property"];
    private static readonly string[] Methods = ["negotiate", "bearer"];

    /// <summary>
    /// Base address of the requests, with a final slash: <c>https://SERVER/AdminService/</c>, or <c>https://SERVER/AdminService_TokenAuth/</c> with a token
    /// (learn.microsoft.com/intune/configmgr/develop/adminservice/set-up); <c>endpoint</c> replaces it.
    /// </summary>
    public required Uri BaseAddress { get; init; }

    /// <summary><c>auth</c>: whether to sign in with an Entra token (<c>bearer</c>) rather than with Kerberos (<c>negotiate</c>).</summary>
    public required bool UsesToken { get; init; }

    /// <summary><c>scope</c>: scope of the token, for a site <c>api://TENANT/SERVERAPPLICATION/.default</c>.</summary>
    public required string Scope { get; init; }

    /// <summary><c>siteCode</c>: three letters or digits; null when it is not given.</summary>
    public string? SiteCode { get; init; }

    /// <summary><c>limitingCollection</c>: the collection that limits the rings; All Desktop and Server Clients when it is not given.</summary>
    public string LimitingCollection { get; init; } = "SMSDM003";

    /// <summary><c>caFile</c>: PEM file of the certificate authority of the site's role certificate; null for the machine's.</summary>
    public string? CaFile { get; init; }

    /// <summary><c>user</c>: user@REALM to sign in as, with the password of the environment; null for the account that runs the command.</summary>
    public string? User { get; init; }

    /// <summary><c>thumbprint</c>: SHA-1 or SHA-256 of the site's certificate in hexadecimal, which is trusted whoever issued it; null does not pin.</summary>
    public string? Thumbprint { get; init; }

    /// <summary>Reads the settings.</summary>
    /// <param name="settings">The object <c>targets.configmgr</c> of the project file.</param>
    /// <param name="folder">Folder that relative file names are relative to: the project's.</param>
    /// <returns>The settings, or everything that is wrong with them.</returns>
    public static Outcome<ConfigMgrSettings> Read(JsonObject settings, string folder)
    {
        var problems = new List<Diagnostic>();
        SettingText.CheckKeys(settings, Keys, Name, problems);
        var usesToken = Text("auth", m => Methods.Contains(m), $"'auth' is one of {string.Join(", ", Methods)}.") == "bearer";
        var server = Text("server", s => HostPattern.IsMatch(s), "'server' is the fully qualified name of the SMS provider, such as cm01.contoso.example.");
        var endpoint = Endpoint();
        if (server is null && endpoint is null && !settings.ContainsKey("server"))
        {
            problems.Add(Problems.TargetSettingMissing.At(Location.Of($"{Name}.server"), "'server' is missing: the fully qualified name of the SMS provider."));
        }

        if (!usesToken && server is not null && (IPAddress.TryParse(server, out _) || !server.Contains('.', StringComparison.Ordinal)))
        {
            problems.Add(Problems.TargetSettingInvalid.At(
                Location.Of($"{Name}.server"), $"'{server}' is no fully qualified name. Kerberos knows the SMS provider only by that, and the AdminService accepts nothing else since version 2509."));
        }

        var siteCode = Text("siteCode", s => s.Length == 3 && s.All(char.IsAsciiLetterOrDigit), "'siteCode' is three letters or digits.");
        var limiting = Text("limitingCollection", s => s.Length == 8 && s.All(char.IsAsciiLetterOrDigit), "'limitingCollection' is the id of a collection: eight letters or digits, such as SMSDM003.");
        var scope = Text("scope", s => Uri.TryCreate(s, UriKind.Absolute, out _) && s.EndsWith("/.default", StringComparison.Ordinal), "'scope' ends with /.default, such as api://TENANT/SERVERAPPLICATION/.default.");
        var user = Text("user", s => UserPattern.IsMatch(s), "'user' is written as user@REALM, the realm in capitals, or as DOMAIN\\user.");
        var thumbprint = Text("thumbprint", s => HexOf(s) is { Length: 40 or 64 } hex && hex.All(char.IsAsciiHexDigit), "'thumbprint' is the SHA-1 or SHA-256 of the certificate: 40 or 64 hexadecimal digits.");
        Text("membership", m => Memberships.Contains(m), $"'membership' is one of {string.Join(", ", Memberships)}.");
        Text("folder", s => s.Trim().Length is > 0 and <= 100 && !s.Contains('\\', StringComparison.Ordinal) && !s.Contains('/', StringComparison.Ordinal), "'folder' is the name of one folder of the console, without slashes.");
        var caFile = SettingText.Read(settings, "caFile", Name, problems);
        var address = endpoint ?? new Uri($"https://{server ?? "localhost"}/{(usesToken ? "AdminService_TokenAuth" : "AdminService")}/");
        return new Outcome<ConfigMgrSettings>(
            new ConfigMgrSettings
            {
                BaseAddress = address,
                UsesToken = usesToken,
                Scope = scope ?? $"{address.GetLeftPart(UriPartial.Authority)}/.default",
                SiteCode = siteCode?.ToUpperInvariant(),
                LimitingCollection = limiting ?? "SMSDM003",
                User = user,
                Thumbprint = thumbprint is null ? null : HexOf(thumbprint),
                CaFile = caFile is null ? null : Path.Combine(folder, caFile),
            },
            problems);

        string? Text(string key, Func<string, bool> isValid, string otherwise)
        {
            var text = SettingText.Read(settings, key, Name, problems);
            if (text is not null && !isValid(text))
            {
                problems.Add(Problems.TargetSettingInvalid.At(Location.Of($"{Name}.{key}"), $"'{text}' does not do: {otherwise}"));
                return null;
            }

            return text;
        }

        Uri? Endpoint() =>
            Text("endpoint", s => Uri.TryCreate(s, UriKind.Absolute, out var u) && u.Scheme == Uri.UriSchemeHttps && u.UserInfo.Length == 0 && u.Query.Length == 0 && u.Fragment.Length == 0,
                "'endpoint' is an address over https, such as https://cm01.contoso.example/AdminService/.") is { } text
                ? new Uri(text.TrimEnd('/') + "/")
                : null;
    }

    // The console shows thumbprints with blanks, OpenSSL with colons.
    private static string HexOf(string thumbprint) => thumbprint.Replace(" ", "", StringComparison.Ordinal).Replace(":", "", StringComparison.Ordinal);

    [GeneratedRegex(@"^([^@\\\s]+@[A-Z0-9.-]+|[^@\\\s]+\\[^@\\\s]+)$", RegexOptions.CultureInvariant)]
    private static partial Regex UserPattern { get; }

    [GeneratedRegex(@"^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$", RegexOptions.CultureInvariant)]
    private static partial Regex HostPattern { get; }
}
