using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets;
using MdbDeploy.Targets.Comparison;

namespace MdbDeploy.Tests.Targets;

/// <summary>A live system in memory: objects with an id and properties, and sets that belong to them. It keeps what it is told and nothing else.</summary>
internal sealed class MemoryTarget : ITarget
{
    private int nextId;

    public string Name => "memory";

    /// <summary>The objects, by id. Sets stand in them under their property.</summary>
    public ConcurrentDictionary<string, (string Kind, JsonObject Body)> Objects { get; } = new(StringComparer.Ordinal);

    /// <summary>The changes carried out, in order.</summary>
    public ConcurrentQueue<Change> Applied { get; } = new();

    /// <summary>Properties that never read back.</summary>
    public HashSet<string> Hidden { get; } = [];

    /// <summary>Called before a change; throw to refuse it.</summary>
    public Func<Change, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>Called after a change was carried out; throw to lose the answer.</summary>
    public Action<Change> After { get; set; } = _ => { };

    public int MostAtATime { get; private set; }

    private int atATime;

    public string Add(string kind, JsonObject body)
    {
        var id = $"id-{Interlocked.Increment(ref nextId)}";
        Objects[id] = (kind, body);
        return id;
    }

    public JsonObject The(string kind, string name) => Objects.Values.Single(o => o.Kind == kind && o.Body["name"]!.ToString() == name).Body;

    public Task<Reading> ReadAsync(DesiredState desired, CancellationToken cancellationToken)
    {
        var live = new List<LiveResource>();
        var idOf = new Dictionary<string, string>();
        foreach (var resource in desired.Resources.Where(r => desired.Kinds[r.Kind].Handler == "object"))
        {
            var name = resource.Body["name"]!.ToString();
            foreach (var (id, item) in Objects.Where(o => o.Value.Kind == resource.Kind && (MarkerOf(o.Value.Body)?.Address == resource.Address || o.Value.Body["name"]!.ToString() == name)))
            {
                live.Add(Live(resource.Address, id, item.Kind, item.Body));
                idOf[resource.Address] = id;
            }
        }

        foreach (var resource in desired.Resources.Where(r => desired.Kinds[r.Kind].Handler != "object"))
        {
            var parent = ResourceDocument.Placeholders(resource.Path).First();
            if (idOf.TryGetValue(parent, out var id) || (id = Objects.FirstOrDefault(o => MarkerOf(o.Value.Body)?.Address == parent).Key) is not null)
            {
                var sets = desired.Kinds[resource.Kind].Sets.Keys.Select(p => p[1..]);
                var body = new JsonObject(sets.Select(s => KeyValuePair.Create(s, (JsonNode?)(Objects[id].Body[s]?.DeepClone() ?? new JsonArray()))));
                live.Add(new LiveResource { Address = resource.Address, Kind = resource.Kind, RemoteId = id, Name = parent, Body = body });
            }
        }

        foreach (var (id, item) in Objects)
        {
            if (MarkerOf(item.Body) is { } marker && marker.Project == desired.Project && desired.Resources.All(r => r.Address != marker.Address))
            {
                live.Add(Live(marker.Address, id, item.Kind, item.Body));
            }
        }

        return Task.FromResult(new Reading(live, desired.Resources, []));
    }

    public async Task<string?> ApplyAsync(Change change, CancellationToken cancellationToken)
    {
        lock (Applied)
        {
            MostAtATime = Math.Max(MostAtATime, ++atATime);
        }

        try
        {
            await Before(change);
            cancellationToken.ThrowIfCancellationRequested();
            Applied.Enqueue(change);
            var live = change.ResourceKind.Handler == "object" ? ApplyObject(change) : ApplySet(change);
            After(change);
            return live?.RemoteId;
        }
        finally
        {
            lock (Applied)
            {
                atATime--;
            }
        }
    }

    /// <summary>Properties that an update silently passes over.</summary>
    public HashSet<string> OnlyAtCreation { get; } = [];

    private LiveResource? ApplyObject(Change change)
    {
        if (change.Kind == ChangeKind.Delete)
        {
            Objects.TryRemove(change.Actual!.RemoteId, out _);
            return null;
        }

        var body = (JsonObject)change.Desired!.Body.DeepClone();

        // A create whose answer was lost is found again by its name.
        var id = change.Actual?.RemoteId
            ?? Objects.FirstOrDefault(o => o.Value.Kind == change.ResourceKind.Name && MarkerOf(o.Value.Body)?.Address == change.Address).Key
            ?? Add(change.ResourceKind.Name, []);
        foreach (var (name, value) in body.Where(p => change.Actual is null || !OnlyAtCreation.Contains(p.Key)))
        {
            Objects[id].Body[name] = value?.DeepClone();
        }

        return Live(change.Address, id, change.ResourceKind.Name, Objects[id].Body);
    }

    private LiveResource ApplySet(Change change)
    {
        var id = change.Desired!.Path.Split('/')[1];
        foreach (var (pointer, key) in change.ResourceKind.Sets)
        {
            var items = KeyedSet.Of(Objects[id].Body[pointer[1..]] as JsonArray, key);
            foreach (var field in change.Fields)
            {
                if (field.Actual is { } gone)
                {
                    items.Remove(KeyedSet.KeyOf(gone, key)!);
                }

                if (field.Desired is { } added)
                {
                    items[KeyedSet.KeyOf(added, key)!] = added;
                }
            }

            Objects[id].Body[pointer[1..]] = new JsonArray([.. items.Values.Select(v => v?.DeepClone())]);
        }

        return new LiveResource { Address = change.Address, Kind = change.ResourceKind.Name, RemoteId = id, Name = id, Body = [] };
    }

    private LiveResource Live(string address, string id, string kind, JsonObject body)
    {
        var seen = (JsonObject)body.DeepClone();
        foreach (var property in Hidden)
        {
            seen.Remove(property);
        }

        return new() { Address = address, Kind = kind, RemoteId = id, Name = body["name"]!.ToString(), Marker = MarkerOf(body), Body = seen };
    }

    private static Marker? MarkerOf(JsonObject body) => Marker.Find(body["description"]?.ToString());

    public static TargetException Refusal(string why) => new(Problems.NeedIsNotThere.At(Location.None, why));
}
