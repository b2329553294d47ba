using System.Text.Json.Nodes;

namespace MdbDeploy.Lab.Graph;

/// <summary>Groups and their members (learn.microsoft.com/graph/api/resources/group).</summary>
internal sealed class Groups(LabState state)
{
    private const int MostLinks = 20;

    public LabAnswer Answer(LabRequest request, string[] rest) => (request.Method, rest) switch
    {
        ("GET", []) => List(request),
        ("POST", []) => Create(request, Body(request), 201),
        ("GET", ["$count"]) => Count(request),
        ("GET", ["uniqueName=", var name]) => GraphPage.Single(request, "groups", Read(Visible(g => (string?)g.Properties["uniqueName"] == name, name))),
        ("PATCH", ["uniqueName=", var name]) => Upsert(request, name),
        ("GET", [var id]) => GraphPage.Single(request, "groups", Read(Visible(id))),
        ("PATCH", [var id]) => Update(Any(id), Body(request)),
        ("DELETE", [var id]) => Delete(Any(id)),
        ("GET", [var id, "members"]) => Members(request, Visible(id), withType: true),
        ("GET", [var id, "members", "$count"]) => CountMembers(request, Visible(id)),
        ("GET", [var id, "members" or "transitiveMembers", "microsoft.graph.device"]) => Members(request, Visible(id), withType: false),
        ("POST", [var id, "members", "$ref"]) => AddOne(Any(id), Body(request)),
        ("DELETE", [var id, "members", var member, "$ref"]) => Remove(Visible(id), member),
        ("DELETE", [var id, "members", var member]) => DeleteDevice(Visible(id), member),
        (_, [_, "members", "$ref"] or [_, "members"] or [_] or []) => throw GraphException.NoMethod(),
        _ => throw GraphException.NoSegment(rest[^1]),
    };

    private LabAnswer List(LabRequest request)
    {
        DirectoryQuery.Check(request, Read(Template), "group");
        return GraphPage.List(request, "groups", VisibleGroups().Select(Read), state.Options.Habits.DirectoryPageSize, 999);
    }

    private LabAnswer Count(LabRequest request)
    {
        DirectoryQuery.RequireEventual(request);
        return GraphPage.Count(request, VisibleGroups().Select(Read));
    }

    private LabAnswer Create(LabRequest request, JsonObject body, int status)
    {
        GraphSchema.Check(body, "group");
        CheckNames(body);
        if ((string?)body["uniqueName"] is { } unique && state.DirectoryGroups.Any(g => (string?)g.Properties["uniqueName"] == unique))
        {
            throw GraphException.Directory("Another object with the same value for property uniqueName already exists.");
        }

        var links = Links(body);
        var now = state.Now;
        var id = state.NewId().ToString();
        var properties = new JsonObject
        {
            ["classification"] = null,
            ["createdDateTime"] = Timestamp.Of(now),
            ["creationOptions"] = new JsonArray(),
            ["description"] = null,
            ["displayName"] = null,
            ["expirationDateTime"] = null,
            ["groupTypes"] = new JsonArray(),
            ["infoCatalogs"] = new JsonArray(),
            ["isAssignableToRole"] = null,
            ["isManagementRestricted"] = null,
            ["mail"] = null,
            ["mailEnabled"] = false,
            ["mailNickname"] = null,
            ["membershipRule"] = null,
            ["membershipRuleProcessingState"] = null,
            ["onPremisesSyncEnabled"] = null,
            ["organizationId"] = LabServer.LabTenantId,
            ["preferredDataLocation"] = null,
            ["preferredLanguage"] = null,
            ["proxyAddresses"] = new JsonArray(),
            ["renewedDateTime"] = Timestamp.Of(now),
            ["resourceBehaviorOptions"] = new JsonArray(),
            ["resourceProvisioningOptions"] = new JsonArray(),
            ["securityEnabled"] = false,
            ["theme"] = null,
            ["uniqueName"] = null,
            ["visibility"] = null,
        };
        var group = new Group { Id = id, Properties = properties, VisibleFrom = now + state.Options.Habits.GroupDelay };
        Assign(group, body);
        foreach (var computer in links)
        {
            group.Add(new Member(computer, now + state.Options.Habits.MemberDelay));
        }

        state.DirectoryGroups.Add(group);
        return GraphPage.Single(request with { Query = new([]) }, "groups", Read(group), status).With("Location", $"{request.Origin}/v1.0/groups/{id}");
    }

    /// <summary><c>PATCH groups(uniqueName='x')</c>: with <c>Prefer: create-if-missing</c> it creates (learn.microsoft.com/graph/api/group-upsert).</summary>
    private LabAnswer Upsert(LabRequest request, string name)
    {
        var body = Body(request);
        GraphSchema.Check(body, "group", partial: true);
        if ((string?)body["uniqueName"] is { } given && given != name)
        {
            throw GraphException.Directory("The value of the property 'uniqueName' in the body differs from the key.");
        }

        if (state.DirectoryGroups.Find(g => (string?)g.Properties["uniqueName"] == name) is { } group)
        {
            body.Remove("uniqueName");
            return Update(group, body);
        }

        if (request.Header("Prefer")?.Contains("create-if-missing", StringComparison.OrdinalIgnoreCase) != true)
        {
            throw GraphException.NoObject(name);
        }

        body["uniqueName"] = name;
        return Create(request, body, 201);
    }

    private LabAnswer Update(Group group, JsonObject body)
    {
        GraphSchema.Check(body, "group", partial: true);
        CheckNames(body);
        if (body.ContainsKey("uniqueName") && (string?)body["uniqueName"] != (string?)group.Properties["uniqueName"])
        {
            throw GraphException.Directory("Property 'uniqueName' is read-only and cannot be set.");
        }

        var links = Links(body);
        if (links.Count > 0)
        {
            Bind(group, links);
        }

        Assign(group, body);
        return new LabAnswer(204);
    }

    private LabAnswer AddOne(Group group, JsonObject body)
    {
        if (body.Count != 1 || body["@odata.id"] is not JsonValue reference || !reference.TryGetValue<string>(out var id))
        {
            throw GraphException.BadRequest("A reference is an object with '@odata.id' and nothing else.");
        }

        Bind(group, [Linked(id)]);
        return new LabAnswer(204);
    }

    private void Bind(Group group, List<Computer> links)
    {
        if (group.VisibleFrom > state.Now)
        {
            throw GraphException.Directory("The source resource object or one of the objects being referenced do not exist.");
        }

        if ((string?)group.Properties["membershipRuleProcessingState"] == "On")
        {
            throw GraphException.Directory("Insufficient privileges to complete the operation: the group's membership is dynamic.");
        }

        if (links.Any(group.Has) || links.Distinct().Count() < links.Count)
        {
            throw GraphException.Directory("One or more added object references already exist for the following modified properties: 'members'.");
        }

        foreach (var computer in links)
        {
            group.Add(new Member(computer, state.Now + state.Options.Habits.MemberDelay));
        }
    }

    private LabAnswer Remove(Group group, string member) =>
        state.Computer(member) is { } computer && group.Remove(computer) ? new LabAnswer(204) : throw GraphException.NoObject(member);

    /// <summary>Without <c>/$ref</c> it is not the membership that goes but the device (learn.microsoft.com/graph/api/group-delete-members).</summary>
    private LabAnswer DeleteDevice(Group group, string member)
    {
        var computer = state.Computer(member) is { } found && group.Has(found) ? found : throw GraphException.NoObject(member);
        computer.DeletedFromEntra = true;
        foreach (var other in state.DirectoryGroups)
        {
            other.Remove(computer);
        }

        return new LabAnswer(204);
    }

    private LabAnswer Delete(Group group)
    {
        state.DirectoryGroups.Remove(group);
        return new LabAnswer(204);
    }

    private LabAnswer Members(LabRequest request, Group group, bool withType)
    {
        var rows = VisibleMembers(group).Select(c => Devices.DirectoryObject(c, withType));
        DirectoryQuery.Check(request, Devices.DirectoryObject(new Computer(new LabDevice { Name = "" }, 0, default), withType), withType ? "directoryObject" : "device");
        return GraphPage.List(request, withType ? "directoryObjects" : "devices", rows, state.Options.Habits.DirectoryPageSize, 999);
    }

    private LabAnswer CountMembers(LabRequest request, Group group)
    {
        DirectoryQuery.RequireEventual(request);
        return GraphPage.Count(request, VisibleMembers(group).Select(c => Devices.DirectoryObject(c)));
    }

    // A list, so that rows are made for the page that is wanted only.
    private List<Computer> VisibleMembers(Group group) => [.. group.Members.Where(m => m.VisibleFrom <= state.Now).Select(m => m.Computer)];

    private IEnumerable<Group> VisibleGroups() => state.DirectoryGroups.Where(g => g.VisibleFrom <= state.Now);

    private Group Visible(string id) => Visible(g => g.Id == id, id);

    private Group Visible(Func<Group, bool> isIt, string key) => VisibleGroups().FirstOrDefault(isIt) ?? throw GraphException.NoObject(key);

    private Group Any(string id) => state.DirectoryGroups.Find(g => g.Id == id) ?? throw GraphException.NoObject(id);

    private List<Computer> Links(JsonObject body)
    {
        var links = body["members@odata.bind"]?.AsArray().Select(n => n!.GetValue<string>()).ToList() ?? [];
        var owners = body["owners@odata.bind"]?.AsArray().Count ?? 0;
        if (links.Count + owners > MostLinks)
        {
            throw GraphException.Directory($"A resource cannot contain more than {MostLinks} link changes.");
        }

        return [.. links.Select(Linked)];
    }

    private Computer Linked(string reference)
    {
        var segments = OData.ODataPath.Split(Uri.TryCreate(reference, UriKind.Absolute, out var uri) && uri.Scheme == "https" ? uri.AbsolutePath : "");
        if (segments is not [_, "directoryObjects" or "devices", var id])
        {
            throw GraphException.Directory("Invalid value specified for property 'members' of resource 'Group': a reference is https://graph.microsoft.com/v1.0/directoryObjects/ID.");
        }

        return state.Computer(id) is { IsInEntra: true } computer ? computer : throw GraphException.NoObject(id);
    }

    private static void CheckNames(JsonObject body)
    {
        if (body.ContainsKey("displayName") && (string?)body["displayName"] is not { Length: > 0 and <= 256 })
        {
            throw GraphException.Directory("Invalid value specified for property 'displayName' of resource 'Group'.");
        }

        if (body.ContainsKey("mailNickname")
            && ((string?)body["mailNickname"] is not { Length: > 0 and <= 64 } nickname || nickname.Any(c => c is <= ' ' or > '~' || @"@()\[]"";:<>,".Contains(c, StringComparison.Ordinal))))
        {
            throw GraphException.Directory("Invalid value specified for property 'mailNickname' of resource 'Group'.");
        }

        if ((string?)body["description"] is { Length: 0 or > 1024 })
        {
            throw GraphException.Directory("Invalid value specified for property 'description' of resource 'Group'.");
        }
    }

    private static void Assign(Group group, JsonObject body)
    {
        foreach (var (name, value) in body.Where(p => !p.Key.Contains('@', StringComparison.Ordinal)))
        {
            group.Properties[name] = value?.DeepClone();
        }
    }

    private static Group Template { get; } = new()
    {
        Id = "",
        VisibleFrom = default,
        Properties = new JsonObject
        {
            ["createdDateTime"] = null,
            ["description"] = null,
            ["displayName"] = null,
            ["groupTypes"] = null,
            ["mail"] = null,
            ["mailEnabled"] = null,
            ["mailNickname"] = null,
            ["membershipRule"] = null,
            ["membershipRuleProcessingState"] = null,
            ["securityEnabled"] = null,
            ["uniqueName"] = null,
            ["visibility"] = null,
        },
    };

    private static JsonObject Read(Group group)
    {
        var row = new JsonObject { ["id"] = group.Id, ["deletedDateTime"] = null };
        foreach (var (name, value) in group.Properties)
        {
            row[name] = value?.DeepClone();
        }

        return row;
    }

    private static JsonObject Body(LabRequest request) =>
        request.ReadObject() ?? throw GraphException.BadRequest("Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.");
}
