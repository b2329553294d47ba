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

    /// <summary>How many values one change carries; a domain controller takes 5,000 (MaxValRange does not concern writing; MS-ADTS 3.1.1.5.3.1.1).</summary>
    private const int MembersPerChange = 1000;

    /// <summary>The computers that are members now.</summary>
    /// <param name="set">The desired set.</param>
    /// <param name="group">Security identifier of the group.</param>
    public LiveResource Read(Resource set, string group)
    {
        var name = new SecurityGroups(directory).DirectoryName(group);
        var members = directory.Search(directory.NamingContext, SearchScope.Subtree, $"(&(objectCategory=computer)(memberOf={DirectoryText.InFilter(name)}))", withDescriptor: false, ComputerAccount.Attributes) ?? [];
        return Live(set.Address, set.Kind, group, members.Select(ComputerAccount.Read).OfType<ComputerAccount>());
    }

    /// <summary>The desired sets with their devices found among the computers of the domain; those that are not there are left out and reported.</summary>
    /// <param name="sets">The sets.</param>
    /// <param name="diagnostics">Receives what was left out.</param>
    /// <param name="cancellationToken">Ends it between two searches.</param>
    public IEnumerable<Resource> Resolve(IReadOnlyList<Resource> sets, ICollection<Diagnostic> diagnostics, CancellationToken cancellationToken)
    {
        var account = ComputerAccount.Find(directory, sets.SelectMany(Devices), cancellationToken);
        foreach (var set in sets)
        {
            var devices = Devices(set).ToList();
            var found = devices.Select(device => (Device: device, Computer: account(device))).ToList();
            var missing = found.Where(f => f.Computer is null).Select(f => f.Device.Name).ToList();
            if (missing.Count > 0)
            {
                diagnostics.Add(Problems.ComputersNotInDomain.At(Location.Of(set.Address), $"{missing.Count} of {devices.Count} devices of '{set.Address}' are no computers of the domain '{directory.Domain}', and are left out: {Names.Of(missing)}."));
            }

            yield return set with { Body = Body(found.Select(f => f.Computer).OfType<ComputerAccount>()) };
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

    private static LiveResource Live(string address, string kind, string group, IEnumerable<ComputerAccount> computers) => new() { Address = address, Kind = kind, RemoteId = group, Name = address, Body = Body(computers) };

    private static JsonObject Body(IEnumerable<ComputerAccount> computers) => new()
    {
        [Property] = new JsonArray([.. computers.DistinctBy(c => c.Name, StringComparer.OrdinalIgnoreCase).OrderBy(c => c.Name, StringComparer.OrdinalIgnoreCase)
            .Select(c => (JsonNode)new JsonObject { ["computer"] = c.Name.ToUpperInvariant(), ["name"] = c.DistinguishedName })]),
    };

    private static IEnumerable<NamedComputer> Devices(Resource set) => (set.Body[Property] as JsonArray ?? []).OfType<JsonObject>()
        .Select(item => new NamedComputer(item["name"]!.GetValue<string>(), item["domain"]?.GetValue<string>()));
}
