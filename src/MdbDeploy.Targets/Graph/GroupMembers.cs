using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets.Http;

namespace MdbDeploy.Targets.Graph;

/// <summary>
/// The handler <c>members</c>: devices of a group. The directory takes 20 members per request, all or nothing, refuses those that are members already, and does not know
/// a new group everywhere at once (learn.microsoft.com/graph/api/group-post-members).
/// </summary>
internal sealed class GroupMembers(GraphClient graph)
{
    private const string Property = "members";
    private const int MostLinks = 20;

    /// <summary>How many rounds without progress are taken for a delay rather than a refusal.</summary>
    private const int MostRounds = 4;

    /// <summary>The devices that are members now.</summary>
    public async Task<LiveResource> ReadAsync(Resource resource, string groupId, CancellationToken cancellationToken) =>
        Live(resource.Address, resource.Kind, groupId, await ListAsync(groupId, cancellationToken));

    /// <summary>Adds and removes members; returns the id of the group.</summary>
    public async Task<string> ApplyAsync(Change change, CancellationToken cancellationToken)
    {
        var groupId = change.Actual?.RemoteId ?? GraphIds.Last(change.Desired!.Path);
        var adds = change.Fields.Select(f => f.Desired).OfType<JsonObject>().Select(Member.Read).OfType<Member>().DistinctBy(m => m.ObjectId).ToList();
        var removals = change.Fields.Where(f => f.Desired is null).Select(f => f.Actual).OfType<JsonObject>().Select(Member.Read).OfType<Member>()
            .DistinctBy(m => m.ObjectId).ToList();
        var work = new Work();
        var patience = graph.Patience();
        var rounds = 0;
        while (true)
        {
            var open = adds.Where(m => !work.Done.Contains(m.ObjectId)).ToLookup(m => work.Alone.Contains(m.ObjectId));
            var left = removals.Where(m => !work.Done.Contains(m.ObjectId)).ToList();
            var before = work.Done.Count;
            var answer = await SendAsync(groupId, [.. open[false].Chunk(MostLinks), .. open[true].Chunk(1)], left, work, cancellationToken);
            if (answer.IsComplete)
            {
                return groupId;
            }

            if (answer.Refusal is { Status: 401 or 403 } denied)
            {
                throw new RefusedException(denied, Location.Of(change.Address));
            }

            // Some of a batch may get through just when the group becomes known: that is progress, and the rest follows.
            rounds = work.Done.Count > before ? 0 : rounds + 1;
            var isMissing = answer.Refusal is null || Says(answer.Refusal, "not exist");
            if (rounds >= MostRounds && isMissing && open[false].Any())
            {
                // It is not the group but one of the devices, which spoils the other nineteen of its request.
                work.Alone.UnionWith(open[false].Select(m => m.ObjectId));
            }
            else if (rounds >= MostRounds && !(isMissing && work.Done.Count == 0))
            {
                throw Left(change, open.SelectMany(m => m).Concat(left), work.Done, answer.Refusal);
            }

            if (!await patience.WaitAsync(cancellationToken))
            {
                throw Left(change, open.SelectMany(m => m).Concat(left), work.Done, answer.Refusal);
            }

            // What is there already must not be sent: it would spoil its request. Our own additions may not show yet.
            var there = (await ListOrNewAsync(groupId, cancellationToken)).Select(m => m.ObjectId).ToHashSet();
            work.Done.UnionWith(adds.Where(m => there.Contains(m.ObjectId)).Concat(removals.Where(m => !there.Contains(m.ObjectId))).Select(m => m.ObjectId));
        }
    }

    /// <summary>Sends additions and removals batch by batch, and notes those that are done. Complete when nothing was refused or lost.</summary>
    private async Task<(bool IsComplete, RestError? Refusal)> SendAsync(
        string groupId, IReadOnlyList<Member[]> additions, List<Member> removals, Work work, CancellationToken cancellationToken)
    {
        IEnumerable<(Member[] Members, RestRequest Request)> requests = additions.Select(chunk => (chunk, Add(groupId, chunk)))
            .Concat(removals.Select(member => (new[] { member }, Remove(groupId, member))));
        var isComplete = true;
        RestError? refusal = null;
        foreach (var batch in requests.Chunk(GraphClient.BatchSize))
        {
            var before = work.Done.Count;
            try
            {
                foreach (var (item, answer) in batch.Zip(await graph.BatchAsync([.. batch.Select(w => w.Request)], cancellationToken)))
                {
                    if (IsDone(answer, item.Members.Length))
                    {
                        work.Done.UnionWith(item.Members.Select(m => m.ObjectId));
                        continue;
                    }

                    (isComplete, refusal) = (false, RestError.Read(answer));
                    if (Says(refusal, "already exist"))
                    {
                        work.Alone.UnionWith(item.Members.Select(m => m.ObjectId));
                    }
                }
            }
            catch (LostAnswerException)
            {
                // Which of them arrived shows when they are looked at again, and perhaps not at once.
                work.Alone.UnionWith(batch.SelectMany(w => w.Members).Select(m => m.ObjectId));
                return (false, null);
            }

            if (work.Done.Count == before)
            {
                // The group is not known yet: the next batch would be refused as well.
                break;
            }
        }

        return (isComplete, refusal);
    }

    private static bool IsDone(RestResponse answer, int count) =>
        answer.IsSuccess
        || (answer.Request.Method == HttpMethod.Delete && answer.Status == 404)
        || (count == 1 && answer.Status == 400 && Says(RestError.Read(answer), "already exist"));

    private static bool Says(RestError error, string words) => error.Message.Contains(words, StringComparison.OrdinalIgnoreCase);

    /// <summary>The devices of a member list that was read.</summary>
    public static IEnumerable<DirectoryDevice> DevicesOf(JsonObject body) =>
        (body[Property] as JsonArray ?? []).OfType<JsonObject>().Select(Member.Read).OfType<Member>()
            .Where(m => Guid.TryParse(m.DeviceId, out _)).Select(m => new DirectoryDevice(Guid.Parse(m.DeviceId), m.ObjectId.ToString(), m.Name ?? ""));

    private async Task<List<Member>> ListOrNewAsync(string groupId, CancellationToken cancellationToken)
    {
        try
        {
            return await ListAsync(groupId, cancellationToken);
        }
        catch (RefusedException e) when (e.Error.Status == 404)
        {
            // A group of a moment ago cannot be read everywhere yet; it has no members.
            return [];
        }
    }

    private async Task<List<Member>> ListAsync(string groupId, CancellationToken cancellationToken)
    {
        var members = new List<Member>();
        await foreach (var row in graph.ListAsync($"groups/{groupId}/members/microsoft.graph.device?$select=id,deviceId,displayName&$top=999", cancellationToken))
        {
            if (Guid.TryParse(Json.Text(row["id"]), out var id) && Json.Text(row["deviceId"]) is { } deviceId)
            {
                members.Add(new Member(id, deviceId, Json.Text(row["displayName"])));
            }
        }

        return members;
    }

    private RestRequest Add(string groupId, Member[] members) => new(
        HttpMethod.Patch, $"groups/{groupId}",
        new JsonObject { ["members@odata.bind"] = new JsonArray([.. members.Select(m => (JsonNode)graph.DirectoryObject(m.ObjectId))]) });

    private static RestRequest Remove(string groupId, Member member) => new(HttpMethod.Delete, $"groups/{groupId}/members/{member.ObjectId}/$ref");

    private static TargetException Left(Change change, IEnumerable<Member> members, HashSet<Guid> done, RestError? refusal) => new(Problems.MembersRefused.At(
        Location.Of(change.Address),
        $"{Names.Of(members.Where(m => !done.Contains(m.ObjectId)).Select(m => m.Name ?? m.DeviceId))}: {refusal?.ToString() ?? "the answer was lost several times"}"));

    private static LiveResource Live(string address, string kind, string groupId, IEnumerable<Member> members) => new()
    {
        Address = address,
        Kind = kind,
        RemoteId = groupId,
        Name = address,
        Body = new JsonObject
        {
            [Property] = new JsonArray([.. members.OrderBy(m => m.DeviceId, StringComparer.OrdinalIgnoreCase).Select(m => (JsonNode)new JsonObject
            {
                ["entraDeviceId"] = m.DeviceId,
                ["objectId"] = m.ObjectId.ToString(),
                // Not "name", which would be compared with the inventory's spelling.
                ["displayName"] = m.Name,
            })]),
        },
    };

    /// <summary>How far the changes of a group are, by object id.</summary>
    private sealed class Work
    {
        /// <summary>Added or removed.</summary>
        public HashSet<Guid> Done { get; } = [];

        /// <summary>May be a member already, or gone: sent in a request of its own.</summary>
        public HashSet<Guid> Alone { get; } = [];
    }

    /// <summary>A device as a member.</summary>
    private sealed record Member(Guid ObjectId, string DeviceId, string? Name)
    {
        public static Member? Read(JsonObject item) =>
            Guid.TryParse(Json.Text(item["objectId"]), out var id) && Json.Text(item["entraDeviceId"]) is { } deviceId
                ? new Member(id, deviceId, Json.Text(item["name"]) ?? Json.Text(item["displayName"]))
                : null;
    }
}
