using System.Globalization;
using System.Text.Json.Nodes;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets.Http;

namespace MdbDeploy.Targets.Graph;

/// <summary>Graph as the target uses it: below its limits, with <c>$batch</c>, and never deleting a device by mistake.</summary>
internal sealed class GraphClient(RestClient rest, GraphOptions options, TimeProvider time, Approvals approvals)
{
    /// <summary>Most requests of one <c>$batch</c> (learn.microsoft.com/graph/json-batching).</summary>
    public const int BatchSize = 20;

    private const int BatchesAtATime = 4;

    private readonly RequestBudget intuneWrites = RequestBudget.IntuneWrites(time);
    private readonly string directoryObjects = new Uri(rest.BaseAddress, "/v1.0/directoryObjects/").AbsoluteUri;
    private readonly RequestBudget directoryWrites = options.DirectoryWrites ?? RequestBudget.DirectoryWrites(time);

    /// <summary>A new series of waits.</summary>
    public Patience Patience() => new(options, time);

    /// <summary>Address by which a directory object is named in a body: that of the service, whatever version the request goes to (learn.microsoft.com/graph/api/group-update).</summary>
    public string DirectoryObject(Guid objectId) => $"{directoryObjects}{objectId:D}";

    /// <summary>Sends one request; see <see cref="RestClient.SendAsync(RestRequest, CancellationToken)"/>.</summary>
    public async Task<RestResponse> SendAsync(RestRequest request, CancellationToken cancellationToken)
    {
        await PrepareAsync([request], cancellationToken);
        return request.IsRead || !IsIntune(request.Path)
            ? await rest.SendAsync(request, cancellationToken)
            : await approvals.SendAsync(request, rest, cancellationToken);
    }

    /// <summary>Whether a path belongs to Intune, in either version; the rest is the directory's.</summary>
    public static bool IsIntune(string path) =>
        path.StartsWith("deviceManagement/", StringComparison.Ordinal) || path.StartsWith("/v1.0/deviceManagement/", StringComparison.Ordinal);

    /// <summary>Reads one object; null when it is not there.</summary>
    public async Task<JsonObject?> FindAsync(string path, CancellationToken cancellationToken)
    {
        var response = await rest.SendAsync(RestRequest.Get(path), cancellationToken);
        return response.Status == 404 ? null : response.EnsureSuccess().AsObject();
    }

    /// <summary>Reads a list to its last page.</summary>
    public IAsyncEnumerable<JsonObject> ListAsync(string path, CancellationToken cancellationToken) => rest.ListAsync(path, cancellationToken: cancellationToken);

    /// <summary>
    /// Sends requests 20 at a time in <c>$batch</c>. Each is throttled by itself: those that the server puts off are sent again after the longest time that it names, the
    /// others not.
    /// </summary>
    /// <returns>The answers in the order of the requests, whatever their status.</returns>
    /// <exception cref="LostAnswerException">The answer to a batch of writes was lost: some may have happened.</exception>
    public async Task<RestResponse[]> BatchAsync(IReadOnlyList<RestRequest> requests, CancellationToken cancellationToken)
    {
        var answers = new RestResponse[requests.Count];
        var open = Enumerable.Range(0, requests.Count).ToArray();
        var isRead = requests.All(r => r.IsRead);
        var patience = Patience();
        while (open.Length > 0)
        {
            await Parallel.ForEachAsync(
                open.Chunk(BatchSize),
                new ParallelOptions { MaxDegreeOfParallelism = isRead ? BatchesAtATime : 1, CancellationToken = cancellationToken },
                async (indexes, token) =>
                {
                    var chunk = indexes.Select(i => requests[i]).ToArray();
                    await PrepareAsync(chunk, token);
                    foreach (var (index, answer) in indexes.Zip(await SendBatchAsync(chunk, isRead, token)))
                    {
                        answers[index] = answer;
                    }
                });
            open = [.. open.Where(i => IsPutOff(answers[i]))];
            if (open.Length == 0)
            {
                break;
            }

            var named = open.Max(i => RestResponse.RetryAfter(answers[i].Header("Retry-After"), time.GetUtcNow())) ?? TimeSpan.Zero;
            if (named > options.Patience || !await patience.WaitAsync(cancellationToken))
            {
                break;
            }

            await Task.Delay(named, time, cancellationToken);
        }

        return answers;
    }

    private async Task<RestResponse[]> SendBatchAsync(RestRequest[] requests, bool isRead, CancellationToken cancellationToken)
    {
        var items = requests.Select((request, index) =>
        {
            var item = new JsonObject { ["id"] = index.ToString(CultureInfo.InvariantCulture), ["method"] = request.Method.Method, ["url"] = "/" + request.Path };
            var headers = new JsonObject(request.Headers.Select(h => KeyValuePair.Create(h.Key, (JsonNode?)h.Value)));
            if (request.Body is not null)
            {
                // Only a request that is sent again is in a batch already.
                item["body"] = request.Body.Parent is null ? request.Body : request.Body.DeepClone();
                headers["Content-Type"] = "application/json";
            }

            if (headers.Count > 0)
            {
                item["headers"] = headers;
            }

            return (JsonNode)item;
        });
        var batch = new RestRequest(HttpMethod.Post, "$batch", new JsonObject { ["requests"] = new JsonArray([.. items]) }) { IsRead = isRead, Operations = requests.Length };
        var response = (await rest.SendAsync(batch, cancellationToken)).EnsureSuccess().AsObject();
        var byId = (response["responses"] as JsonArray ?? []).OfType<JsonObject>().Where(r => r["id"] is not null).ToLookup(r => r["id"]!.ToString(), StringComparer.OrdinalIgnoreCase);
        // An item without an answer counts as one that a gateway gave up on.
        return [.. requests.Select((request, index) => Answer(request, byId[index.ToString(CultureInfo.InvariantCulture)].FirstOrDefault() ?? []))];
    }

    private static RestResponse Answer(RestRequest request, JsonObject item)
    {
        var status = item["status"] is JsonValue value && value.TryGetValue<int>(out var number) ? number : 504;
        var headers = (item["headers"] as JsonObject ?? []).ToDictionary(h => h.Key, h => h.Value?.ToString() ?? "", StringComparer.OrdinalIgnoreCase);
        var body = item["body"];
        return new RestResponse(request, status, body?.DeepClone(), "", headers);
    }

    // A write is sent again only when it certainly did not happen.
    private static bool IsPutOff(RestResponse answer) => answer.Status == 429
        || (answer.Status == 503 && (answer.Request.IsRead || answer.Header("Retry-After") is not null))
        || (answer.Status is 408 or 502 or 504 && answer.Request.IsRead);

    private async Task PrepareAsync(IReadOnlyCollection<RestRequest> requests, CancellationToken cancellationToken)
    {
        foreach (var request in requests)
        {
            RefuseToDeleteMembers(request);
        }

        foreach (var area in requests.Where(r => !r.IsRead).GroupBy(r => IsIntune(r.Path)))
        {
            await (area.Key ? intuneWrites : directoryWrites).SpendAsync(area.Count(), cancellationToken);
        }
    }

    /// <summary>Without <c>/$ref</c> not the membership would be deleted but the device itself (learn.microsoft.com/graph/api/group-delete-members).</summary>
    /// <exception cref="TargetException">The request would do that. Nothing was sent.</exception>
    internal static void RefuseToDeleteMembers(RestRequest request)
    {
        var path = Uri.UnescapeDataString(request.Path.Split('?')[0]);
        var isDirectory = path.StartsWith("devices", StringComparison.OrdinalIgnoreCase) || path.StartsWith("directoryObjects", StringComparison.OrdinalIgnoreCase)
            || path.Contains("/members", StringComparison.OrdinalIgnoreCase) || path.Contains("managedDevices", StringComparison.OrdinalIgnoreCase);
        if (request.Method == HttpMethod.Delete && isDirectory && !path.EndsWith("/$ref", StringComparison.Ordinal))
        {
            throw new TargetException(Problems.RequestRefused.At(Location.None, $"{RestError.Describe(request)} would delete a device, not its membership. It was not sent."));
        }
    }
}
