using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets.Comparison;
using MdbDeploy.Targets.Http;

namespace MdbDeploy.Targets.Graph;

/// <summary>
/// The handler <c>assignments</c>: whom an Intune policy is for. <c>/assign</c> replaces all of them, so they are read again, merged and sent whole; those of others stay.
/// </summary>
internal sealed class PolicyAssignments(GraphClient graph)
{
    private const string Property = "assignments";
    private const int MostAttempts = 4;

    /// <summary>The assignments there are.</summary>
    public async Task<LiveResource> ReadAsync(Resource resource, ResourceKind kind, string policyId, CancellationToken cancellationToken) =>
        Live(resource.Address, kind, policyId, await ListAsync(kind, policyId, cancellationToken));

    /// <summary>Adds, replaces and removes assignments; returns the id of the policy.</summary>
    public async Task<string> ApplyAsync(Change change, CancellationToken cancellationToken)
    {
        var kind = change.ResourceKind;
        var policyId = change.Actual?.RemoteId ?? GraphIds.Last(change.Desired!.Path);
        var keyPath = kind.Sets[$"/{Property}"];
        var patience = graph.Patience();
        for (var attempt = 1; ; attempt++)
        {
            var merged = KeyedSet.Of(await ListAsync(kind, policyId, cancellationToken), keyPath);
            foreach (var field in change.Fields)
            {
                var key = KeyedSet.KeyOf(field.Desired ?? field.Actual, keyPath) ?? field.Path;
                merged.Remove(key);
                if (field.Desired is not null)
                {
                    merged[key] = field.Desired;
                }
            }

            JsonArray assignments = [.. merged.Values.OfType<JsonObject>().Select(a => (JsonNode)new JsonObject { ["target"] = a["target"]?.DeepClone() })];
            var request = new RestRequest(HttpMethod.Post, $"{PolicyPath(kind, policyId)}/assign", new JsonObject { [Property] = assignments });
            try
            {
                var response = await graph.SendAsync(request, cancellationToken);
                if (response.IsSuccess)
                {
                    return policyId;
                }

                // A group or policy of a moment ago is not known everywhere yet.
                var isNew = response.Status is 400 or 404 && IsNotFound(RestError.Read(response).Message);
                if ((!isNew && response.Status < 500) || (response.Status >= 500 && attempt > 1) || !await patience.WaitAsync(cancellationToken))
                {
                    throw new RefusedException(RestError.Read(response), Location.Of(change.Address));
                }
            }
            catch (LostAnswerException) when (attempt < MostAttempts)
            {
                await patience.WaitAsync(cancellationToken);
            }
        }
    }

    private static bool IsNotFound(string message) =>
        message.Contains("not found", StringComparison.OrdinalIgnoreCase) || message.Contains("not exist", StringComparison.OrdinalIgnoreCase);

    // Not $expand=assignments on the policy, which came back empty in August 2026.
    private async Task<JsonArray> ListAsync(ResourceKind kind, string policyId, CancellationToken cancellationToken)
    {
        var assignments = new JsonArray();
        await foreach (var row in graph.ListAsync($"{PolicyPath(kind, policyId)}/assignments", cancellationToken))
        {
            assignments.Add((JsonNode)new JsonObject { ["target"] = row["target"]?.DeepClone() });
        }

        return assignments;
    }

    private static string PolicyPath(ResourceKind kind, string policyId) => $"{kind.Collection}('{Uri.EscapeDataString(policyId)}')";

    private static LiveResource Live(string address, ResourceKind kind, string policyId, JsonArray assignments) => new()
    {
        Address = address,
        Kind = kind.Name,
        RemoteId = policyId,
        Name = address,
        Body = new JsonObject { [Property] = assignments },
    };
}
