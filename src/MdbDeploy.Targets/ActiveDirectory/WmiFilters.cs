using System.DirectoryServices.Protocols;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Formats;

namespace MdbDeploy.Targets.ActiveDirectory;

/// <summary>
/// WMI filters, the objects msWMI-Som below <c>CN=SOM,CN=WMIPolicy,CN=System</c>: one query each. Only those with this project's marker in the description
/// (msWMI-Parm1) are written.
/// </summary>
/// <param name="directory">The directory.</param>
/// <param name="time">The time of the domain, which the console shows as that of the last change.</param>
internal sealed class WmiFilters(DomainDirectory directory, Func<DateTimeOffset?> time)
{
    private static readonly string[] Attributes = ["cn", "msWMI-Name", "msWMI-Parm1", "msWMI-Parm2"];

    private string Container => $"CN=SOM,CN=WMIPolicy,CN=System,{directory.NamingContext}";

    /// <summary>The filters in the place of desired ones, and those that carry the project's marker.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="desired">The bundle's resources.</param>
    public IReadOnlyList<LiveResource> Find(ResourceKind kind, DesiredState desired)
    {
        var wanted = desired.Resources.Where(r => r.Kind == kind.Name).ToList();
        var live = new List<LiveResource>();
        foreach (var entry in directory.Search(Container, SearchScope.OneLevel, "(objectClass=msWMI-Som)", withDescriptor: false, Attributes) ?? [])
        {
            var marker = MarkerOf(entry);
            var isOurs = marker?.Project == desired.Project;
            var places = wanted.Where(r => (isOurs && marker!.Address == r.Address) || Same(r.Body["guid"], IdOf(entry)) || Same(r.Body["name"], DomainDirectory.Text(entry, "msWMI-Name"))).Select(r => r.Address).ToList();
            live.AddRange((places.Count == 0 && isOurs ? [marker!.Address] : places).Select(address => Read(entry, address, kind.Name)));
        }

        return live;
    }

    /// <summary>Whether a filter was made by this tool; false also when it is gone or may not be seen.</summary>
    /// <param name="id">Identifier: braces, upper case.</param>
    public bool IsOurs(string id) => directory.Find(NameOf(id), Attributes) is { } entry && MarkerOf(entry) is not null;

    /// <summary>Makes a filter, or puts it right.</summary>
    public LiveResource Write(Change change)
    {
        var body = change.Desired!.Body;
        var id = change.Actual?.RemoteId ?? Of("guid").ToUpperInvariant();
        var filter = new WmiFilter
        {
            Id = Guid.Parse(id),
            Name = Of("name"),
            Description = Of("description"),
            Author = "mdbdeploy",
            Queries = [new WmiQuery(Of("namespace"), Of("query"))],
        };
        var moment = WmiFilter.Moment(time() ?? filter.Changed);
        (string Attribute, string Value)[] values =
            [("msWMI-Name", filter.Name), ("msWMI-Parm1", filter.Description), ("msWMI-Parm2", filter.Parm2), ("msWMI-Author", filter.Author), ("msWMI-ChangeDate", moment)];
        if (directory.Find(NameOf(id), "cn") is null)
        {
            directory.Change(new AddRequest(NameOf(id),
            [
                new DirectoryAttribute("objectClass", "msWMI-Som"),
                new DirectoryAttribute("msWMI-ID", id),
                new DirectoryAttribute("instanceType", "4"),
                new DirectoryAttribute("showInAdvancedViewOnly", "TRUE"),
                new DirectoryAttribute("msWMI-CreationDate", moment),
                .. values.Select(v => new DirectoryAttribute(v.Attribute, v.Value)),
            ]), $"create the WMI filter '{filter.Name}'");
        }
        else
        {
            var request = new ModifyRequest(NameOf(id));
            foreach (var (attribute, value) in values)
            {
                var modification = new DirectoryAttributeModification { Name = attribute, Operation = DirectoryAttributeOperation.Replace };
                modification.Add(value);
                request.Modifications.Add(modification);
            }

            directory.Change(request, $"change the WMI filter '{filter.Name}'");
        }

        return Read(directory.Find(NameOf(id), Attributes)!, change.Address, change.ResourceKind.Name);

        // A rollback gives the fields of before, and no others.
        string Of(string field) => (body[field] ?? change.Actual?.Body[field])?.GetValue<string>() ?? "";
    }

    /// <summary>Removes a filter; the policies that had it were written before.</summary>
    public void Delete(Change change) => directory.Change(new DeleteRequest(NameOf(change.Actual!.RemoteId)), $"delete the WMI filter '{change.Actual.Name}'");

    private string NameOf(string id) => $"CN={id},{Container}";

    private static LiveResource Read(SearchResultEntry entry, string address, string kind)
    {
        var text = DomainDirectory.Text(entry, "msWMI-Parm2") ?? "";
        // What cannot be read, or has more queries than one, is shown as it stands: it is not what we wrote.
        var query = WmiQueries.Read(text, address).Value is [var only] ? only : new WmiQuery("", text);
        return new LiveResource
        {
            Address = address,
            Kind = kind,
            RemoteId = IdOf(entry),
            Name = DomainDirectory.Text(entry, "msWMI-Name") ?? IdOf(entry),
            Marker = MarkerOf(entry),
            Body = new JsonObject
            {
                ["guid"] = IdOf(entry),
                ["name"] = DomainDirectory.Text(entry, "msWMI-Name"),
                ["description"] = DomainDirectory.Text(entry, "msWMI-Parm1"),
                ["namespace"] = query.Namespace,
                ["query"] = query.Query,
            },
        };
    }

    private static Marker? MarkerOf(SearchResultEntry entry) => Marker.Find(DomainDirectory.Text(entry, "msWMI-Parm1"));

    private static string IdOf(SearchResultEntry entry) => (DomainDirectory.Text(entry, "cn") ?? "").ToUpperInvariant();

    private static bool Same(JsonNode? wanted, string? there) => there is not null && string.Equals(wanted?.ToString(), there, StringComparison.OrdinalIgnoreCase);
}
