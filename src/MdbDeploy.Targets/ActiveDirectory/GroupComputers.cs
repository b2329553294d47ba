using System.DirectoryServices.Protocols;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Targets.ActiveDirectory;

/// <summary>The handler <c>members</c>: computers of a group. Who is no computer, or was put there by somebody else, stays.</summary>
/// <param name="directory">The directory.</param>
internal sealed class GroupComputers(DomainDirectory directory)
{
    private const string Property = "members";

    /// <summary>How many names one search asks for.</summary>
    private const int NamesPerSearch = 100;

    /// <summary>How many values one change carries; a domain controller takes 5,000 (MaxValRange does not concern writing; MS-ADTS 3.1.1.5.3.1.1).</summary>
    private const int MembersPerChange = 1000;

    /// <summary>A NetBIOS name is the first 15 characters of a computer's name, and its account's name without the dollar sign.</summary>
    private const int NetBiosLength = 15;

    private static readonly string[] Attributes = ["sAMAccountName", "dNSHostName"];

    /// <summary>The computers that are members now.</summary>
    /// <param name="set">The desired set.</param>
    /// <param name="group">Security identifier of the group.</param>
    public LiveResource Read(Resource set, string group)
    {
        var name = new SecurityGroups(directory).DirectoryName(group);
        var members = directory.Search(directory.NamingContext, SearchScope.Subtree, $"(&(objectCategory=computer)(memberOf={DirectoryText.InFilter(name)}))", withDescriptor: false, Attributes) ?? [];
        return Live(set.Address, set.Kind, group, members.Select(Computer.Read).OfType<Computer>());
    }

    /// <summary>The desired sets with their devices found among the computers of the domain; those that are not there are left out and reported.</summary>
    /// <param name="sets">The sets.</param>
    /// <param name="diagnostics">Receives what was left out.</param>
    /// <param name="cancellationToken">Ends it between two searches.</param>
    public IEnumerable<Resource> Resolve(IReadOnlyList<Resource> sets, ICollection<Diagnostic> diagnostics, CancellationToken cancellationToken)
    {
        var computers = new Dictionary<string, Computer>(StringComparer.OrdinalIgnoreCase);
        foreach (var names in sets.SelectMany(Devices).Where(IsHere).Select(AccountOf).Distinct(StringComparer.OrdinalIgnoreCase).Chunk(NamesPerSearch))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var filter = string.Concat(names.Select(name => $"(sAMAccountName={DirectoryText.InFilter(name)}$)"));
            foreach (var computer in (directory.Search(directory.NamingContext, SearchScope.Subtree, $"(&(objectCategory=computer)(|{filter}))", withDescriptor: false, Attributes) ?? []).Select(Computer.Read).OfType<Computer>())
            {
                computers[computer.Name] = computer;
            }
        }

        foreach (var set in sets)
        {
            var devices = Devices(set).ToList();
            var found = devices.Select(device => (Device: device, Computer: IsHere(device) && computers.GetValueOrDefault(AccountOf(device)) is { } computer && computer.Is(device) ? computer : null)).ToList();
            var missing = found.Where(f => f.Computer is null).Select(f => f.Device.Name).ToList();
            if (missing.Count > 0)
            {
                diagnostics.Add(Problems.ComputersNotInDomain.At(Location.Of(set.Address), $"{missing.Count} of {devices.Count} devices of '{set.Address}' are no computers of the domain '{directory.Domain}', and are left out: {Names.Of(missing)}."));
            }

            yield return set with { Body = Body(found.Select(f => f.Computer).OfType<Computer>()) };
        }
    }

    /// <summary>Adds and removes members. Whoever is there already, or gone, is no failure: so that it can be repeated.</summary>
    public LiveResource Write(Change change)
    {
        var group = change.Actual?.RemoteId ?? change.Desired!.Path;
        var name = new SecurityGroups(directory).DirectoryName(group);
        var add = change.Fields.Where(f => f.Actual is null).Select(f => f.Desired).ToList();
        var remove = change.Fields.Where(f => f.Desired is null).Select(f => f.Actual).ToList();
        foreach (var (operation, items) in new[] { (DirectoryAttributeOperation.Delete, remove), (DirectoryAttributeOperation.Add, add) })
        {
            foreach (var part in items.Chunk(MembersPerChange))
            {
                var members = new DirectoryAttributeModification { Name = "member", Operation = operation };
                foreach (var item in part)
                {
                    members.Add(item!["name"]!.GetValue<string>());
                }

                var request = new ModifyRequest(name, members);
                request.Controls.Add(new PermissiveModifyControl());
                directory.Change(request, $"change the members of '{name}'");
            }
        }

        return Read(change.Desired!, group);
    }

    private static LiveResource Live(string address, string kind, string group, IEnumerable<Computer> computers) => new() { Address = address, Kind = kind, RemoteId = group, Name = address, Body = Body(computers) };

    private static JsonObject Body(IEnumerable<Computer> computers) => new()
    {
        [Property] = new JsonArray([.. computers.DistinctBy(c => c.Name, StringComparer.OrdinalIgnoreCase).OrderBy(c => c.Name, StringComparer.OrdinalIgnoreCase)
            .Select(c => (JsonNode)new JsonObject { ["computer"] = c.Name.ToUpperInvariant(), ["name"] = c.DistinguishedName })]),
    };

    private static IEnumerable<Device> Devices(Resource set) => (set.Body[Property] as JsonArray ?? []).OfType<JsonObject>()
        .Select(item => new Device(item["name"]!.GetValue<string>(), item["domain"]?.GetValue<string>()));

    // The same name in two domains is two devices.
    private bool IsHere(Device device) => device.Domain is null || device.Domain.Equals(directory.Domain, StringComparison.OrdinalIgnoreCase) || device.Domain.Equals(directory.NetBiosDomain, StringComparison.OrdinalIgnoreCase);

    private static string AccountOf(Device device) => device.Name.Length > NetBiosLength ? device.Name[..NetBiosLength] : device.Name;

    private sealed record Device(string Name, string? Domain);

    /// <summary>A computer account.</summary>
    /// <param name="Name">Its name without the dollar sign.</param>
    /// <param name="DistinguishedName">Where it is.</param>
    /// <param name="Host">Host name as it stands in DNS; null when it is not known.</param>
    private sealed record Computer(string Name, string DistinguishedName, string? Host)
    {
        // Of two long names that begin alike only one has the account.
        public bool Is(Device device) => device.Name.Length <= NetBiosLength || (Host is not null && Host.Split('.')[0].Equals(device.Name, StringComparison.OrdinalIgnoreCase));

        public static Computer? Read(SearchResultEntry entry) => DomainDirectory.Text(entry, "sAMAccountName") is { } account
            ? new Computer(account.TrimEnd('$'), entry.DistinguishedName, DomainDirectory.Text(entry, "dNSHostName")) : null;
    }
}
