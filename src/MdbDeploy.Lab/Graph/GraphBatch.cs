using System.Text;
using System.Text.Json.Nodes;

namespace MdbDeploy.Lab.Graph;

/// <summary>
/// <c>$batch</c> (learn.microsoft.com/graph/json-batching): up to 20 requests, each with its own status; those that depend on a failed one get 424. The answers come in
/// an order of their own, here from the last to the first.
/// </summary>
internal sealed class GraphBatch(Func<LabRequest, LabAnswer> respond)
{
    private const int Most = 20;

    public LabAnswer Answer(LabRequest request)
    {
        if (request.Method != "POST" || request.InBatch)
        {
            throw GraphException.NoMethod();
        }

        var items = (request.ReadObject()?["requests"] as JsonArray)?.OfType<JsonObject>().ToList()
            ?? throw GraphException.BadRequest("Invalid batch payload format.");
        if (items.Count is 0 or > Most)
        {
            throw GraphException.BadRequest(items.Count == 0 ? "Invalid batch payload format." : $"Number of batch request steps exceeds the maximum value of '{Most}'.");
        }

        var statuses = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var item in items)
        {
            if (Text(item["id"]) is not { Length: > 0 } id || Text(item["method"]) is null || Text(item["url"]) is null)
            {
                throw GraphException.BadRequest("Invalid batch payload format: each request needs id, method and url.");
            }

            if (item["body"] is not null && !Headers(item).ContainsKey("Content-Type"))
            {
                throw GraphException.BadRequest($"Write request id : {id} does not contain Content-Type header or body.");
            }

            if (!statuses.TryAdd(id, 0))
            {
                throw GraphException.BadRequest($"Batch request ids must be unique; '{id}' occurs twice.");
            }
        }

        foreach (var dependency in items.SelectMany(Dependencies))
        {
            if (!statuses.ContainsKey(dependency))
            {
                throw GraphException.BadRequest($"Request depends on request '{dependency}', which the batch does not hold.");
            }
        }

        var responses = new List<JsonNode>();
        var abort = false;
        for (var waiting = items; waiting.Count > 0;)
        {
            var ready = waiting.Where(i => Dependencies(i).All(d => statuses[d] != 0)).ToList();
            if (ready.Count == 0)
            {
                throw GraphException.BadRequest("The requests of the batch depend on each other in a circle.");
            }

            foreach (var item in ready)
            {
                var id = Text(item["id"])!;
                var answer = Dependencies(item).All(d => statuses[d] is >= 200 and < 300)
                    ? respond(Request(request, item))
                    : new LabAnswer(424, new JsonObject { ["error"] = new JsonObject { ["code"] = "FailedDependency", ["message"] = "Failed Dependency" } });
                abort |= answer.Abort;
                statuses[id] = answer.Status == 0 ? 500 : answer.Status;
                responses.Insert(0, Response(id, answer));
            }

            waiting = [.. waiting.Except(ready)];
        }

        return new LabAnswer(200, new JsonObject { ["responses"] = new JsonArray([.. responses]) }) { Abort = abort };
    }

    private static JsonObject Response(string id, LabAnswer answer)
    {
        var headers = new JsonObject();
        foreach (var (name, value) in answer.Headers)
        {
            headers[name] = value;
        }

        if (answer.Body is not null)
        {
            headers["Content-Type"] = "application/json; odata.metadata=minimal; odata.streaming=true; IEEE754Compatible=false; charset=utf-8";
        }

        var response = new JsonObject { ["id"] = id, ["status"] = answer.Status, ["headers"] = headers };
        if (answer.Body is not null)
        {
            response["body"] = answer.Body.DeepClone();
        }
        else if (answer.Text is { } text)
        {
            response["body"] = text.Text;
        }

        return response;
    }

    private static LabRequest Request(LabRequest batch, JsonObject item)
    {
        var headers = Headers(item);
        // The token of the batch holds for its items.
        headers["Authorization"] = batch.Header("Authorization") ?? "";
        var body = item["body"];
        return LabRequest.Create(
            Text(item["method"])!.ToUpperInvariant(),
            batch.Origin,
            $"/{batch.Segments[0]}/{Text(item["url"])!.TrimStart('/')}",
            headers,
            body is null ? default : Encoding.UTF8.GetBytes(body.ToJsonString())) with
        { InBatch = true };
    }

    private static Dictionary<string, string> Headers(JsonObject item)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in item["headers"] as JsonObject ?? [])
        {
            headers[name] = Text(value) ?? "";
        }

        return headers;
    }

    private static IEnumerable<string> Dependencies(JsonObject item) => (item["dependsOn"] as JsonArray)?.Select(Text).OfType<string>() ?? [];

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
