using System.Collections.Immutable;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;

namespace MdbDeploy.Targets.ConfigMgr;

/// <summary>Who is in a collection, against whom its rules name.</summary>
/// <param name="Address">Address of the rules.</param>
/// <param name="Collection">Name of the collection.</param>
/// <param name="Expected">How many devices its rules name that could be members now: clients in the limiting collection that no other rule leaves out.</param>
/// <param name="Missing">Those of them that are not members yet, by name.</param>
/// <param name="IsEvaluated">Whether the collection and those it is limited to are evaluated; while they are not, more devices may be expected.</param>
public sealed record CollectionMembers(string Address, string Collection, int Expected, ImmutableArray<string> Missing, bool IsEvaluated)
{
    /// <summary>Whether there is nothing to wait for.</summary>
    public bool IsComplete => IsEvaluated && Missing.IsEmpty;
}

/// <summary>How far the waiting is.</summary>
/// <param name="There">Members that are there.</param>
/// <param name="Expected">Members that are expected.</param>
public sealed record MembershipProgress(int There, int Expected);

/// <summary>
/// Waits until the site has evaluated collections: 201 to a rule makes nobody a member, and MemberCount may be right before the rows are there. What counts are the rows of
/// SMS_FullCollectionMembership.
/// </summary>
internal sealed class MembershipWait(AdminService service, TimeProvider time)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>Rules whose members are waited for, with those they name.</summary>
    /// <param name="Address">Address of the rules.</param>
    /// <param name="Id">Id of the collection.</param>
    /// <param name="Names">Names of the devices.</param>
    /// <param name="AreOneByOne">Whether each name stands for one record, so that a name that several bear is not waited for.</param>
    internal sealed record Wanted(string Address, string Id, HashSet<string> Names, bool AreOneByOne);

    /// <summary>What rules name: in their queries, by direct rules, or by the custom property that a query asks for.</summary>
    /// <param name="rules">The rules as rendered.</param>
    /// <param name="id">Id of the collection.</param>
    /// <param name="properties">The resources that set custom properties.</param>
    public static Wanted Expected(Resource rules, string id, IReadOnlyList<Resource> properties)
    {
        var texts = (rules.Body["rules"] as JsonArray ?? []).Select(MembershipRule.QueryOf).OfType<string>().Where(_ => properties.Count > 0).Select(q => QueryExpression.Texts(q).ToHashSet(StringComparer.OrdinalIgnoreCase)).ToList();
        var asked = properties.Where(p => texts.Exists(t => t.Contains(DeviceProperties.PropertyOf(p)) && t.Contains(DeviceProperties.ValueOf(p)))).ToList();
        var names = asked.Prepend(rules).SelectMany(r => DeviceRecords.NamesIn(r.Body)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return new Wanted(rules.Address, id, names, asked.Count > 0 || DeviceRecords.AreNamedOneByOne(rules.Body));
    }

    /// <summary>Looks again and again, at growing intervals, until everybody is there or the time is over.</summary>
    /// <param name="rules">The rules whose members are waited for; those that name nobody are left out.</param>
    /// <param name="atMost">How long to wait; zero looks once.</param>
    /// <param name="progress">Told of every look; null when nobody watches.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="TargetException">The site cannot be read.</exception>
    public async Task<IReadOnlyList<CollectionMembers>> RunAsync(
        IReadOnlyList<Wanted> rules, TimeSpan atMost, IProgress<MembershipProgress>? progress, CancellationToken cancellationToken)
    {
        var named = rules.Where(r => r.Names.Count > 0).ToList();
        var started = time.GetTimestamp();
        for (var pause = First; ; pause = pause * 2 < Longest ? pause * 2 : Longest)
        {
            var looked = await LookAsync(named, cancellationToken);
            progress?.Report(new MembershipProgress(looked.Sum(l => l.Expected - l.Missing.Length), looked.Sum(l => l.Expected)));
            var left = atMost - time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero || looked.All(l => l.IsComplete))
            {
                return looked;
            }

            await Task.Delay(pause < left ? pause : left, time, cancellationToken);
        }
    }

    private async Task<IReadOnlyList<CollectionMembers>> LookAsync(List<Wanted> named, CancellationToken cancellationToken)
    {
        var known = new Dictionary<string, JsonObject?>(StringComparer.OrdinalIgnoreCase);
        for (var open = named.ConvertAll(r => r.Id); open.Count > 0;)
        {
            foreach (var (id, collection) in open.Zip(await AdminService.EachAsync(open, id => service.ReadAsync("wmi/SMS_Collection", id, cancellationToken), cancellationToken)))
            {
                known[id] = collection;
            }

            open = [.. known.Values.Select(LimitOf).Where(id => id.Length > 0 && !BuiltIn.Is(id) && !known.ContainsKey(id)).Distinct(StringComparer.OrdinalIgnoreCase)];
        }

        var collections = named.ConvertAll(r => known[r.Id]);
        string[] Excluded(JsonObject? collection) => [.. (collection?["CollectionRules"] as JsonArray ?? []).Select(r => r?["ExcludeCollectionID"]?.ToString()).OfType<string>()];
        var ids = collections.Zip(named, (c, r) => new[] { r.Id, LimitOf(c) }.Concat(Excluded(c))).SelectMany(i => i)
            .Where(id => id.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        var rows = await AdminService.EachAsync(ids, id => service.ListAsync("wmi/SMS_FullCollectionMembership", $"CollectionID eq {AdminService.Quote(id)}", [], cancellationToken), cancellationToken);
        var members = ids.Zip(rows).ToDictionary(p => p.First, p => p.Second, StringComparer.OrdinalIgnoreCase);
        return [.. named.Zip(collections, (r, c) =>
        {
            var possible = members.GetValueOrDefault(LimitOf(c)) ?? [];
            var leftOut = Excluded(c).SelectMany(id => Names(members[id])).ToHashSet(StringComparer.OrdinalIgnoreCase);
            // The queries ask for Client = 1 and Obsolete = 0.
            var expected = Names(possible.Where(p => DeviceRecords.IsOn(p["IsClient"]) && !DeviceRecords.IsOn(p["IsObsolete"]))).Where(n => r.Names.Contains(n) && !leftOut.Contains(n))
                .GroupBy(n => n, StringComparer.OrdinalIgnoreCase).Where(g => !r.AreOneByOne || g.Count() == 1).Select(g => g.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
            var there = Names(members[r.Id]).ToHashSet(StringComparer.OrdinalIgnoreCase);
            return new CollectionMembers(r.Address, c?["Name"]?.ToString() ?? r.Id, expected.Count, [.. expected.Where(n => !there.Contains(n)).Order(StringComparer.OrdinalIgnoreCase)], IsEvaluated(r.Id, known));
        })];
    }

    private static string LimitOf(JsonObject? collection) => collection?["LimitToCollectionID"]?.ToString() ?? "";

    /// <summary>Whether a collection and all that it is limited to are ready: CurrentStatus 1 (SMS_Collection class reference); a site that does not tell it counts as ready.</summary>
    private static bool IsEvaluated(string id, Dictionary<string, JsonObject?> known)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var at = id; known.TryGetValue(at, out var collection) && collection is not null && seen.Add(at); at = LimitOf(collection))
        {
            if (collection["CurrentStatus"]?.ToString() is not (null or "" or "0" or "1"))
            {
                return false;
            }
        }

        return true;
    }

    private static IEnumerable<string> Names(IEnumerable<JsonObject> rows) => rows.Select(r => r["Name"]?.ToString()).OfType<string>();
}
