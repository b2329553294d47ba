using System.Text.Json.Nodes;

namespace MdbDeploy.Lab.Graph;

/// <summary><c>/assign</c> of policies and profiles: the whole set at once.</summary>
internal static class Assignments
{
    /// <summary>Replaces the assignments.</summary>
    /// <param name="request">The request.</param>
    /// <param name="state">What the lab holds.</param>
    /// <param name="assigned">What is assigned.</param>
    /// <param name="schema">The schema of the body.</param>
    /// <param name="type">Type of an assignment, for the context.</param>
    public static LabAnswer Assign(LabRequest request, LabState state, IAssignable assigned, string schema, string type)
    {
        var body = request.ReadObject() ?? throw GraphException.BadRequest("Unable to read JSON request payload.");
        GraphSchema.Check(body, schema);
        var isBeta = request.Segments[0] == "beta";
        var assignments = state.Options.Habits.AssignReplaces ? new List<JsonObject>() : [.. assigned.Assignments];
        foreach (var target in body["assignments"]!.AsArray().Select(a => a!["target"]!.AsObject()))
        {
            var key = (string?)target["groupId"] ?? (string?)target["collectionId"] ?? "";
            if (target.ContainsKey("groupId") && state.DirectoryGroups.All(g => g.Id != key))
            {
                throw GraphException.BadRequest($"The group '{key}' of an assignment was not found.");
            }

            if (!isBeta && target.Any(p => p.Key.StartsWith("deviceAndApp", StringComparison.Ordinal)))
            {
                throw GraphException.BadRequest("The property 'deviceAndAppManagementAssignmentFilterId' does not exist on type 'microsoft.graph.groupAssignmentTarget'.");
            }

            if ((string?)target["deviceAndAppManagementAssignmentFilterId"] is { } filter && state.AssignmentFilters.All(f => f.Id != filter))
            {
                throw GraphException.BadRequest($"The assignment filter '{filter}' was not found.");
            }

            var id = $"{assigned.Id}_{(key.Length > 0 ? key : state.NewId())}";
            if (assignments.RemoveAll(a => !state.Options.Habits.AssignReplaces && (string?)a["id"] == id) == 0 && assignments.Any(a => (string?)a["id"] == id))
            {
                throw GraphException.BadRequest($"Duplicate assignment of the group '{key}'.");
            }

            var read = target.DeepClone().AsObject();
            if (isBeta)
            {
                read.TryAdd("deviceAndAppManagementAssignmentFilterId", null);
                read.TryAdd("deviceAndAppManagementAssignmentFilterType", "none");
            }

            assignments.Add(new JsonObject { ["id"] = id, ["source"] = "direct", ["sourceId"] = assigned.Id, ["target"] = read });
        }

        assigned.Assignments = assignments;
        return new LabAnswer(200, new JsonObject
        {
            ["@odata.context"] = $"{request.Origin}/{request.Segments[0]}/$metadata#Collection(microsoft.graph.{type})",
            ["value"] = new JsonArray([.. assignments.Select(a => a.DeepClone())]),
        });
    }
}
