using System.Text.RegularExpressions;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets.Http;

namespace MdbDeploy.Targets.ConfigMgr;

/// <summary>
/// A Configuration Manager site through its AdminService: collections (handler <c>object</c>), their membership rules (handler <c>rules</c>) and the folder
/// they lie in (handler <c>folder</c>). Built-in collections and
/// those without this project's marker are never written.
/// </summary>
public sealed partial class ConfigMgrTarget : ITarget
{
    private readonly AdminService service;
    private readonly CollectionObjects objects;
    private readonly CollectionRules rules;
    private readonly CollectionFolder folder;

    /// <summary>Creates the target.</summary>
    /// <param name="client">The connection, from <see cref="ConfigMgrConnection"/>; not disposed here.</param>
    public ConfigMgrTarget(RestClient client)
    {
        service = new AdminService(client);
        objects = new CollectionObjects(service);
        rules = new CollectionRules(service);
        folder = new CollectionFolder(service);
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
        var sets = desired.Resources.Where(r => desired.Kinds[r.Kind].Handler == "rules").ToList();
        rules.Project = desired.Project;
        var resolved = Resolved(sets, live, desired.Project);
        var found = await AdminService.EachAsync(resolved, set => rules.ReadAsync(set, desired.Kinds[set.Kind], KeyOf(set.Path)!, cancellationToken), cancellationToken);
        live.AddRange(found.OfType<LiveResource>());
        foreach (var wanted in desired.Resources.Where(r => desired.Kinds[r.Kind].Handler == "folder"))
        {
            live.Add(await folder.ReadAsync(wanted, cancellationToken));
        }

        return new Reading(live, desired.Resources, await MembershipPreflight.CheckAsync(service, sets, cancellationToken));
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
        return await new MembershipWait(service, time).RunAsync([.. resolved.Select(r => (r, KeyOf(r.Path)!))], atMost, progress, cancellationToken);
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
    public async Task<LiveResource?> ApplyAsync(Change change, CancellationToken cancellationToken)
    {
        CheckHandler(change.ResourceKind);
        return change switch
        {
            { ResourceKind.Handler: "rules", Desired: { } set } => await rules.ApplyAsync(change, KeyOf(set.Path)!, cancellationToken),
            { ResourceKind.Handler: "folder", Desired: not null } => await folder.ApplyAsync(change, cancellationToken),
            { Kind: ChangeKind.Create } => await objects.CreateAsync(change, cancellationToken),
            { Kind: ChangeKind.Delete } => await objects.DeleteAsync(change, cancellationToken),
            _ => await objects.UpdateAsync(change, cancellationToken),
        };
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
        if (kind.Handler is not ("object" or "rules" or "folder"))
        {
            throw new TargetException(Problems.HandlerUnknown.At(Location.Of(kind.Name), $"The kind '{kind.Name}' has the handler '{kind.Handler}'; this target has 'object', 'rules' and 'folder'."));
        }
    }

    [GeneratedRegex(@"\('(?<key>[A-Za-z0-9_-]+)'\)", RegexOptions.CultureInvariant)]
    private static partial Regex KeyPattern { get; }
}
