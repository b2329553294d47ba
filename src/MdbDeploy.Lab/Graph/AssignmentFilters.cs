using System.Text.Json.Nodes;

namespace MdbDeploy.Lab.Graph;

/// <summary><c>deviceManagement/assignmentFilters</c>, beta only. A filter that an assignment names cannot be deleted.</summary>
internal sealed class AssignmentFilters(LabState state)
{
    private const string Set = "deviceManagement/assignmentFilters";
    private const string Type = "deviceAndAppManagementAssignmentFilter";

    private static readonly string[] CreateOnly = ["platform", "assignmentFilterManagementType"];

    public LabAnswer Answer(LabRequest request, string[] rest) => (request.Method, rest) switch
    {
        ("GET", []) => GraphPage.List(request, Set, state.AssignmentFilters.Select(f => f.Properties), state.Options.Habits.PolicyPageSize, 1000),
        ("POST", []) => Create(request, Body(request)),
        ("GET", [var id]) => GraphPage.Single(request, Set, Find(id).Properties),
        ("PATCH", [var id]) => Update(Find(id), Body(request)),
        ("DELETE", [var id]) => Delete(Find(id)),
        (_, [] or [_]) => throw GraphException.NoMethod(),
        _ => throw GraphException.NoSegment(rest[^1]),
    };

    private LabAnswer Create(LabRequest request, JsonObject body)
    {
        GraphSchema.Check(body, Type);
        CheckRule(body);
        if (state.AssignmentFilters.Any(f => (string?)f.Properties["displayName"] == (string?)body["displayName"]))
        {
            throw GraphException.BadRequest("An assignment filter of this name exists already.");
        }

        var filter = new AssignmentFilter(state.NewId().ToString(), []);
        filter.Properties["id"] = filter.Id;
        filter.Properties["createdDateTime"] = Timestamp.Of(state.Now);
        filter.Properties["lastModifiedDateTime"] = Timestamp.Of(state.Now);
        filter.Properties["roleScopeTags"] = new JsonArray("0");
        filter.Properties["assignmentFilterManagementType"] = "devices";
        Assign(filter, body);
        state.AssignmentFilters.Add(filter);
        return GraphPage.Single(request with { Query = new([]) }, Set, filter.Properties, 201);
    }

    private LabAnswer Update(AssignmentFilter filter, JsonObject body)
    {
        GraphSchema.Check(body, Type, partial: true);
        CheckRule(body);
        if (CreateOnly.FirstOrDefault(body.ContainsKey) is { } fixedName)
        {
            throw GraphException.BadRequest($"The property '{fixedName}' of an assignment filter cannot be changed.");
        }

        Assign(filter, body);
        filter.Properties["lastModifiedDateTime"] = Timestamp.Of(state.Now);
        return new LabAnswer(204);
    }

    private LabAnswer Delete(AssignmentFilter filter)
    {
        if (state.ConfigurationPolicies.SelectMany(p => p.Assignments).Any(a => (string?)a["target"]!["deviceAndAppManagementAssignmentFilterId"] == filter.Id))
        {
            throw GraphException.BadRequest("The assignment filter is used by an assignment and cannot be deleted.");
        }

        state.AssignmentFilters.Remove(filter);
        return new LabAnswer(204);
    }

    /// <summary>Not the whole language: conditions on <c>device.</c>, in brackets, and no dangling quote.</summary>
    private static void CheckRule(JsonObject body)
    {
        if ((string?)body["rule"] is { } rule
            && (rule.Length > 3072 || !rule.StartsWith("(device.", StringComparison.Ordinal) || rule.Count(c => c == '"') % 2 != 0 || rule.Count(c => c == '(') != rule.Count(c => c == ')')))
        {
            throw GraphException.BadRequest("The rule of the assignment filter is not valid.");
        }
    }

    private static void Assign(AssignmentFilter filter, JsonObject body)
    {
        foreach (var (name, value) in body.Where(p => !p.Key.Contains('@', StringComparison.Ordinal)))
        {
            filter.Properties[name] = value?.DeepClone();
        }
    }

    private AssignmentFilter Find(string id) =>
        state.AssignmentFilters.Find(f => f.Id == id) ?? throw new GraphException(404, "ResourceNotFound", $"The assignment filter '{id}' was not found");

    private static JsonObject Body(LabRequest request) => request.ReadObject() ?? throw GraphException.BadRequest("Unable to read JSON request payload.");
}
