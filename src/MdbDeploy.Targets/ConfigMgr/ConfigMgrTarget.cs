using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets.Http;

namespace MdbDeploy.Targets.ConfigMgr;

/// <summary>
/// A Configuration Manager site through its AdminService: collections (handler <c>object</c>), their membership rules (handler <c>rules</c>), the custom
/// property that rules may ask for (handler <c>properties</c>) and the folder the collections lie in (handler <c>folder</c>). Built-in collections and
/// those without this project's marker are never written.
/// </summary>
public sealed partial class ConfigMgrTarget : ITarget
{
    private readonly AdminService service;
    private readonly CollectionObjects objects;
    private readonly CollectionRules rules;
    private readonly CollectionFolder folder;
    private readonly DeviceProperties properties;

    /// <summary>Creates the target.</summary>
    /// <param name="client">The connection, from <see cref="ConfigMgrConnection"/>; not disposed here.</param>
    public ConfigMgrTarget(RestClient client)
    {
        service = new AdminService(client);
        objects = new CollectionObjects(service);
        rules = new CollectionRules(service);
        folder = new CollectionFolder(service);
        properties = new DeviceProperties(service);
    }

    /// <inheritdoc/>
    public string Name => "configmgr";

    /// <inheritdoc/>
    public async Task<Reading> ReadAsync(DesiredState desired, CancellationToken cancellationToken)
    {
        foreach (var resource in desired.Resources)
        {
            CheckHandler(desired.Kinds[resource.Kind]);
        }

        var live = await FindAsync(desired, cancellationToken);
        List<Resource> Of(string handler) => [.. desired.Resources.Where(r => desired.Kinds[r.Kind].Handler == handler)];
        List<Resource> members = [.. Of("rules"), .. Of("properties")];
        var records = await DeviceRecords.ReadAsync(service, members, cancellationToken);
        rules.Project = desired.Project;
        var resolved = Resolved(Of("rules"), live, desired.Project);
        var collections = await AdminService.EachAsync(resolved, set => rules.ReadAsync(KeyOf(set.Path)!, cancellationToken), cancellationToken);
        var there = resolved.Zip(collections).Where(p => p.Second is not null).ToDictionary(p => p.First.Address, p => DirectMembers.IdsIn(p.Second!["CollectionRules"] as JsonArray), StringComparer.Ordinal);
        foreach (var (set, collection) in resolved.Zip(collections).Where(p => p.Second is not null))
        {
            live.Add(CollectionRules.Live(DirectMembers.Resolve(set, records, there[set.Address]), desired.Kinds[set.Kind], KeyOf(set.Path)!, collection!));
        }

        foreach (var found in await properties.ReadAsync(Of("properties"), cancellationToken))
        {
            live.Add(found);
            there[found.Address] = DirectMembers.IdsIn(found.Body["devices"] as JsonArray);
        }

        foreach (var wanted in Of("folder"))
        {
            live.Add(await folder.ReadAsync(wanted, cancellationToken));
        }

        return new Reading(
            live,
            [.. desired.Resources.Select(r => DirectMembers.Resolve(r, records, there.GetValueOrDefault(r.Address) ?? []))],
            await MembershipPreflight.CheckAsync(service, members, records, cancellationToken));
    }

    /// <summary>Waits until the devices that rules name are members of their collections.</summary>
    /// <param name="desired">What the bundle wants.</param>
    /// <param name="addresses">Addresses of the rules to wait for.</param>
    /// <param name="atMost">How long to wait; zero looks once.</param>
    /// <param name="time">The clock.</param>
    /// <param name="progress">Told of every look; null when nobody watches.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="TargetException">The site cannot be read.</exception>
    public async Task<IReadOnlyList<CollectionMembers>> AwaitMembersAsync(
        DesiredState desired, IReadOnlyCollection<string> addresses, TimeSpan atMost, TimeProvider time, IProgress<MembershipProgress>? progress, CancellationToken cancellationToken)
    {
        var live = await FindAsync(desired, cancellationToken);
        var resolved = Resolved(desired.Resources.Where(r => addresses.Contains(r.Address) && desired.Kinds[r.Kind].Handler == "rules"), live, desired.Project);
        var properties = desired.Resources.Where(r => desired.Kinds[r.Kind].Handler == "properties").ToList();
        return await new MembershipWait(service, time).RunAsync([.. resolved.Select(r => MembershipWait.Expected(r, KeyOf(r.Path)!, properties))], atMost, progress, cancellationToken);
    }

    private async Task<List<LiveResource>> FindAsync(DesiredState desired, CancellationToken cancellationToken)
    {
        var live = new List<LiveResource>();
        foreach (var kind in desired.Kinds.Values.Where(k => k.Handler == "object").OrderBy(k => k.Name, StringComparer.Ordinal))
        {
            live.AddRange(await objects.FindAsync(kind, desired, cancellationToken));
        }

        return live;
    }

    /// <summary>Rules with the ids of their collections, those whose collection is there.</summary>
    private static List<Resource> Resolved(IEnumerable<Resource> sets, List<LiveResource> live, string project) =>
        [.. sets.Select(set => ResourceIds.Resolve(set, address => IdOf(live, address, project))).Where(set => KeyOf(set.Path) is not null)];

    /// <inheritdoc/>
    public async Task<string?> ApplyAsync(Change change, CancellationToken cancellationToken)
    {
        CheckHandler(change.ResourceKind);
        LiveResource? live = change switch
        {
            { ResourceKind.Handler: "rules", Desired: { } set } => await rules.ApplyAsync(change, KeyOf(set.Path)!, cancellationToken),
            { ResourceKind.Handler: "properties", Desired: not null } => await properties.ApplyAsync(change, cancellationToken),
            { ResourceKind.Handler: "folder", Desired: not null } => await folder.ApplyAsync(change, cancellationToken),
            { Kind: ChangeKind.Create } => await objects.CreateAsync(change, cancellationToken),
            { Kind: ChangeKind.Delete } => await objects.DeleteAsync(change, cancellationToken),
            _ => await objects.UpdateAsync(change, cancellationToken),
        };
        return live?.RemoteId;
    }

    /// <summary>The key in a path such as <c>wmi/SMS_Collection('P0100014')/AdminService.AddMembershipRule</c>; null while a placeholder stands there.</summary>
    private static string? KeyOf(string path) => KeyPattern.Match(path) is { Success: true } match ? match.Groups["key"].Value : null;

    private static string? IdOf(List<LiveResource> live, string address, string project)
    {
        var candidates = live.Where(l => l.Address == address).ToList();
        return (candidates.Find(l => l.Marker is { } marker && marker.Project == project && marker.Address == address) ?? candidates.FirstOrDefault())?.RemoteId;
    }

    private static void CheckHandler(ResourceKind kind)
    {
        if (kind.Handler is not ("object" or "rules" or "properties" or "folder"))
        {
            throw new TargetException(Problems.HandlerUnknown.At(Location.Of(kind.Name), $"The kind '{kind.Name}' has the handler '{kind.Handler}'; this target has 'object', 'rules', 'properties' and 'folder'."));
        }
    }

    [GeneratedRegex(@"\('(?<key>[A-Za-z0-9_-]+)'\)", RegexOptions.CultureInvariant)]
    private static partial Regex KeyPattern { get; }
}
