using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets.Http;

namespace MdbDeploy.Targets.Graph;

/// <summary>The handler <c>object</c>: groups, policies, and whatever else has a collection, a name and a marker. What it must know of a kind is data.</summary>
internal sealed class GraphObjects(GraphClient graph)
{
    /// <summary>Alternate key of a group (learn.microsoft.com/graph/api/group-upsert); unchangeable, so that it finds a group whose name and marker are gone.</summary>
    private const string UniqueName = "uniqueName";

    /// <summary>A server error on a creation may come after the object was made; two of them are a refusal.</summary>
    private const int MostServerErrors = 2;

    private const int MostAttempts = 4;

    /// <summary>What a policy is given besides what the bundle says, when it is replaced whole: the service would reset it.</summary>
    private static readonly string[] KeptOnReplacement = ["roleScopeTagIds"];

    /// <summary>Reads the live counterparts of the desired objects of a kind, and those that carry the project's marker though nobody desires them.</summary>
    public async Task<List<LiveResource>> ReadAsync(ResourceKind kind, IReadOnlyList<Resource> wanted, string project, CancellationToken cancellationToken)
    {
        var found = new List<LiveResource>();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        await foreach (var row in graph.ListAsync(ListPath(kind, wanted), cancellationToken))
        {
            if (Json.Text(row[kind.IdProperty]) is not { } id || !seen.Add(id))
            {
                continue;
            }

            var marker = MarkerOf(kind, row);
            var owner = marker?.Project == project ? marker.Address : null;
            string[] addresses = [.. wanted.Where(r => owner is null ? IsInPlaceOf(kind, row, r) : r.Address == owner).Select(r => r.Address)];
            if (addresses.Length == 0 && owner is not null)
            {
                // Nobody desires it; or it stands in the place of a desired one that had another address before.
                addresses = [.. wanted.Where(r => IsInPlaceOf(kind, row, r)).Select(r => r.Address)];
                addresses = addresses.Length == 0 ? [owner] : addresses;
            }

            if (addresses.Length > 0 && await WholeAsync(kind, id, row, cancellationToken) is { } body)
            {
                found.AddRange(addresses.Select(address => Live(kind, address, id, body)));
            }
        }

        return found;
    }

    /// <summary>Creates an object, once: an answer that was lost is looked for before the request is repeated.</summary>
    public async Task<LiveResource> CreateAsync(Change change, CancellationToken cancellationToken)
    {
        var (kind, desired) = (change.ResourceKind, change.Desired!);
        var request = new RestRequest(new HttpMethod(desired.Method), desired.Path, desired.Body);
        var serverErrors = 0;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var response = await graph.SendAsync(request, cancellationToken);
                if (response.IsSuccess)
                {
                    var body = response.AsObject();
                    return Live(kind, change.Address, Json.Text(body[kind.IdProperty]) ?? throw Unreadable(request), body);
                }

                // The key may be taken by the very group that we made: its answer was lost, or a push of a moment ago made it and was cancelled, and it cannot be listed yet.
                var mayBeOurs = response.Status >= 500 ? ++serverErrors < MostServerErrors : attempt < MostAttempts && IsKeyTaken(response);
                if (!mayBeOurs)
                {
                    throw Refusal(response, change.Address);
                }
            }
            catch (LostAnswerException) when (attempt < MostAttempts)
            {
            }

            if (await LookAsync(change, cancellationToken) is { } there)
            {
                return there;
            }
        }
    }

    /// <summary>Changes an object: the fields that differ, or with PUT the whole of it. Repeating it changes nothing more.</summary>
    public async Task<LiveResource> UpdateAsync(Change change, CancellationToken cancellationToken)
    {
        var (kind, desired, actual) = (change.ResourceKind, change.Desired!, change.Actual!);
        var body = kind.Update == "PUT" ? Whole(desired, actual) : ChangedFields(change);
        var request = new RestRequest(new HttpMethod(kind.Update), ObjectPath(kind, actual.RemoteId), body);
        await RepeatAsync(request, change.Address, isDone: status => status is >= 200 and < 300, cancellationToken);

        var after = (JsonObject)actual.Body.DeepClone();
        foreach (var (name, value) in body)
        {
            after[name] = value?.DeepClone();
        }

        return Live(kind, change.Address, actual.RemoteId, after);
    }

    /// <summary>Deletes an object; one that is gone already is as good.</summary>
    public Task DeleteAsync(Change change, CancellationToken cancellationToken) =>
        RepeatAsync(
            new RestRequest(HttpMethod.Delete, ObjectPath(change.ResourceKind, change.Actual!.RemoteId)), change.Address,
            isDone: status => status is (>= 200 and < 300) or 404, cancellationToken);

    private async Task RepeatAsync(RestRequest request, string address, Func<int, bool> isDone, CancellationToken cancellationToken)
    {
        var patience = graph.Patience();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var response = await graph.SendAsync(request, cancellationToken);
                if (isDone(response.Status))
                {
                    return;
                }

                if (response.Status < 500 || attempt >= MostServerErrors)
                {
                    throw Refusal(response, address);
                }
            }
            catch (LostAnswerException) when (attempt < MostAttempts)
            {
            }

            await patience.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Looks for an object that may have been made; a list may lag behind, so several times.</summary>
    private async Task<LiveResource?> LookAsync(Change change, CancellationToken cancellationToken)
    {
        var desired = change.Desired!;
        var project = MarkerOf(change.ResourceKind, desired.Body)?.Project ?? "";
        var patience = graph.Patience();
        for (var look = 0; look < 4 && await patience.WaitAsync(cancellationToken); look++)
        {
            var live = await ReadAsync(change.ResourceKind, [desired], project, cancellationToken);
            if (live.Find(l => l.Marker?.Project == project && l.Marker.Address == change.Address) is { } ours)
            {
                return ours;
            }
        }

        return null;
    }

    private async Task<JsonObject?> WholeAsync(ResourceKind kind, string id, JsonObject row, CancellationToken cancellationToken) =>
        kind.Expand is null ? row : await graph.FindAsync($"{ObjectPath(kind, id)}?{kind.Expand}", cancellationToken);

    private static string ListPath(ResourceKind kind, IReadOnlyList<Resource> wanted)
    {
        var names = new[] { kind.IdProperty, kind.NameProperty, kind.MarkerProperty }.OfType<string>();
        if (kind.Expand is null)
        {
            // Graph leaves some properties out unless they are asked for.
            names = names.Concat(wanted.SelectMany(r => r.Body.Select(p => p.Key)).Where(n => !n.Contains('@', StringComparison.Ordinal)));
        }

        // Directory objects come in pages of 100 unless asked otherwise; Intune decides by itself (25 policies).
        var top = GraphClient.IsIntune(kind.Collection) ? "" : "&$top=999";
        return $"{kind.Collection}?$select={string.Join(',', names.Distinct(StringComparer.Ordinal))}{top}";
    }

    private static bool IsInPlaceOf(ResourceKind kind, JsonObject row, Resource wanted) =>
        Same(row[kind.NameProperty], wanted.Body[kind.NameProperty]) || Same(row[UniqueName], wanted.Body[UniqueName]);

    private static bool Same(JsonNode? left, JsonNode? right) => Json.Text(left) is { } text && string.Equals(text, Json.Text(right), StringComparison.OrdinalIgnoreCase);

    private static bool IsKeyTaken(RestResponse response) =>
        response.Status is 400 or 409 && RestError.Read(response).Message is var message
        && message.Contains(UniqueName, StringComparison.OrdinalIgnoreCase) && message.Contains("already exist", StringComparison.OrdinalIgnoreCase);

    private static JsonObject Whole(Resource desired, LiveResource actual)
    {
        var body = (JsonObject)desired.Body.DeepClone();
        foreach (var name in KeptOnReplacement.Where(n => !body.ContainsKey(n) && actual.Body[n] is not null))
        {
            body[name] = actual.Body[name]!.DeepClone();
        }

        return body;
    }

    private static JsonObject ChangedFields(Change change)
    {
        var desired = change.Desired!.Body;
        // An object of a derived type must say its type whenever it is written (OData JSON format 4.01 §4.6.3).
        var names = change.Fields.Select(f => f.Path.Split('/')[1]).Append(change.ResourceKind.MarkerProperty).OfType<string>().Prepend("@odata.type");
        return new JsonObject(names.Distinct(StringComparer.Ordinal).Where(desired.ContainsKey).Select(n => KeyValuePair.Create(n, desired[n]?.DeepClone())));
    }

    private static LiveResource Live(ResourceKind kind, string address, string id, JsonObject body) => new()
    {
        Address = address,
        Kind = kind.Name,
        RemoteId = id,
        Name = Json.Text(body[kind.NameProperty]) ?? id,
        Marker = MarkerOf(kind, body),
        Body = body,
    };

    private static Marker? MarkerOf(ResourceKind kind, JsonObject body) => kind.MarkerProperty is { } property ? Marker.Find(Json.Text(body[property])) : null;

    private static string ObjectPath(ResourceKind kind, string id) => $"{kind.Collection}/{Uri.EscapeDataString(id)}";

    private static RefusedException Refusal(RestResponse response, string address) => new(RestError.Read(response), Location.Of(address));

    private static TargetException Unreadable(RestRequest request) =>
        new(Problems.AnswerUnreadable.At(Location.None, $"{RestError.Describe(request)}: the created object has no id."));
}
