using System.DirectoryServices.Protocols;
using System.Globalization;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;
using MdbDeploy.Formats;

namespace MdbDeploy.Targets.ActiveDirectory;

/// <summary>Security groups of computers, one per ring: whom a ring's policy applies to. Their remote identifier is the security identifier, which no move or new name changes.</summary>
/// <param name="directory">The directory.</param>
internal sealed class SecurityGroups(DomainDirectory directory)
{
    // A global group that carries rights (MS-ADTS 2.2.12): it may be a member in other domains, and its members are of this one.
    private const int GlobalSecurity = unchecked((int)0x80000002);

    private static readonly string[] Attributes = ["cn", "sAMAccountName", "description", "objectSid", "groupType"];

    /// <summary>The groups in the place of desired ones, wherever people moved them, and those with the project's marker in the containers of desired ones.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="desired">The bundle's resources.</param>
    /// <param name="diagnostics">Receives containers that do not exist.</param>
    public IReadOnlyList<LiveResource> Find(ResourceKind kind, DesiredState desired, ICollection<Diagnostic> diagnostics)
    {
        var wanted = desired.Resources.Where(r => r.Kind == kind.Name).ToList();
        foreach (var container in wanted.Select(r => Container(r.Path)).Distinct(StringComparer.OrdinalIgnoreCase).Where(c => directory.Find(c, "cn") is null))
        {
            diagnostics.Add(Problems.LinkPlaceMissing.At(Location.Of(container), $"There is no '{container}' in the domain for the groups of the rings ('groups' under targets.activeDirectory), or you may not see it."));
        }

        var live = new List<LiveResource>();
        foreach (var entry in wanted.SelectMany(r => Named(NameOf(r.Body))).Concat(wanted.Select(r => Container(r.Path)).Distinct(StringComparer.OrdinalIgnoreCase).SelectMany(c => Marked(c, desired.Project)))
            .DistinctBy(e => e.DistinguishedName, StringComparer.OrdinalIgnoreCase))
        {
            var marker = Marker.Find(DomainDirectory.Text(entry, "description"));
            var places = wanted.Where(r => (marker?.Project == desired.Project && marker.Address == r.Address)
                || NameOf(r.Body).Equals(DomainDirectory.Text(entry, "sAMAccountName"), StringComparison.OrdinalIgnoreCase)).Select(r => r.Address).ToList();
            live.AddRange((places.Count == 0 && marker is not null ? [marker.Address] : places).Select(address => Read(entry, address, kind.Name, marker)));
        }

        return live;
    }

    /// <summary>Makes a group, or puts its name and description right.</summary>
    public LiveResource Write(Change change)
    {
        var body = change.Desired!.Body;
        var description = new DirectoryAttributeModification { Name = "description", Operation = DirectoryAttributeOperation.Replace };
        description.Add(body["description"]!.GetValue<string>());
        if (change.Actual is { } there)
        {
            var name = new DirectoryAttributeModification { Name = "sAMAccountName", Operation = DirectoryAttributeOperation.Replace };
            name.Add(NameOf(body));
            directory.Change(new ModifyRequest(DirectoryName(there.RemoteId), description, name), $"change the group '{there.Name}'");
        }
        else
        {
            directory.Change(new AddRequest($"CN={NameOf(body)},{Container(change.Desired.Path)}",
                new DirectoryAttribute("objectClass", "group"),
                new DirectoryAttribute("sAMAccountName", NameOf(body)),
                new DirectoryAttribute("groupType", GlobalSecurity.ToString(CultureInfo.InvariantCulture)),
                new DirectoryAttribute("description", body["description"]!.GetValue<string>())), $"create the group '{NameOf(body)}'");
        }

        var entry = (change.Actual is { } known ? directory.Find($"<SID={known.RemoteId}>", Attributes) : Named(NameOf(body)).FirstOrDefault())
            ?? throw new TargetException(Problems.DirectoryRefused.At(Location.Of(change.Address), $"The group '{NameOf(body)}' cannot be read after it was made."));
        return Read(entry, change.Address, change.ResourceKind.Name, Marker.Find(body["description"]!.GetValue<string>()));
    }

    /// <summary>Removes a group; its computers stay.</summary>
    public void Delete(Change change) => directory.Change(new DeleteRequest(DirectoryName(change.Actual!.RemoteId)), $"delete the group '{change.Actual.Name}'");

    /// <summary>Distinguished name of a group.</summary>
    /// <param name="sid">Its security identifier.</param>
    /// <exception cref="TargetException">There is none.</exception>
    public string DirectoryName(string sid) => directory.Find($"<SID={sid}>", "cn")?.DistinguishedName
        ?? throw new TargetException(Problems.DirectoryRefused.At(Location.None, $"The group {sid} is gone, or you may not see it."));

    // Without a place of their own, groups stand where the domain puts new ones.
    private string Container(string path) => path.Contains('=', StringComparison.Ordinal) ? path : $"CN=Users,{directory.NamingContext}";

    private List<SearchResultEntry> Named(string name) =>
        directory.Search(directory.NamingContext, SearchScope.Subtree, $"(sAMAccountName={DirectoryText.InFilter(name)})", withDescriptor: false, Attributes) ?? [];

    private List<SearchResultEntry> Marked(string container, string project) =>
        directory.Search(container, SearchScope.OneLevel, $"(&(objectClass=group)(description=*mdbdeploy:{DirectoryText.InFilter(project)}/*))", withDescriptor: false, Attributes) ?? [];

    private static string NameOf(JsonObject body) => body["sAMAccountName"]!.GetValue<string>();

    private static LiveResource Read(SearchResultEntry entry, string address, string kind, Marker? marker) => new()
    {
        Address = address,
        Kind = kind,
        RemoteId = DomainDirectory.Bytes(entry, "objectSid") is { } sid ? SecurityIdentifier.Read(sid) ?? entry.DistinguishedName : entry.DistinguishedName,
        Name = DomainDirectory.Text(entry, "sAMAccountName") ?? entry.DistinguishedName,
        Marker = marker,
        Body = new JsonObject
        {
            ["sAMAccountName"] = DomainDirectory.Text(entry, "sAMAccountName"),
            ["description"] = DomainDirectory.Text(entry, "description"),
        },
    };
}
