using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets.Http;

namespace MdbDeploy.Targets.Graph;

/// <summary>
/// Entra ID and Intune through Microsoft Graph (beta). Handlers: <c>object</c>, <c>members</c> of a group, <c>assignments</c> of a policy. A new kind of object needs data
/// only, see <see cref="ResourceKind"/>.
/// </summary>
public sealed class GraphTarget : ITarget
{
    private readonly GraphOptions options;
    private readonly GraphClient graph;
    private readonly GraphObjects objects;
    private readonly GroupMembers members;
    private readonly PolicyAssignments assignments;

    /// <summary>Creates the target.</summary>
    /// <param name="rest">Client of Graph's beta version, see <see cref="GraphConnection.Graph"/>.</param>
    /// <param name="time">The clock.</param>
    /// <param name="options">Its patience; null for the defaults.</param>
    /// <param name="approvals">File that remembers what waits for approval, <c>.mdbdeploy/graph.approvals.json</c>; null to forget it with the process.</param>
    public GraphTarget(RestClient rest, TimeProvider time, GraphOptions? options = null, string? approvals = null)
    {
        this.options = options ?? new GraphOptions();
        graph = new GraphClient(rest, this.options, time, new Approvals(approvals));
        objects = new GraphObjects(graph);
        members = new GroupMembers(graph);
        assignments = new PolicyAssignments(graph);
    }

    /// <inheritdoc/>
    public string Name => "graph";

    /// <inheritdoc/>
    public async Task<Reading> ReadAsync(DesiredState desired, CancellationToken cancellationToken)
    {
        var live = new List<LiveResource>();
        var diagnostics = new List<Diagnostic>();
        foreach (var kind in desired.Kinds.Values.Where(k => k.Handler == "object").OrderBy(k => k.Phase).ThenBy(k => k.Name, StringComparer.Ordinal))
        {
            live.AddRange(await objects.ReadAsync(kind, [.. desired.Resources.Where(r => r.Kind == kind.Name)], desired.Project, cancellationToken));
        }

        foreach (var resource in desired.Resources)
        {
            var kind = desired.Kinds[resource.Kind];
            if (kind.Handler is "members" or "assignments" && Owner(resource, desired.Project, live) is { } owner)
            {
                live.Add(kind.Handler == "members"
                    ? await members.ReadAsync(resource, owner, cancellationToken)
                    : await assignments.ReadAsync(resource, kind, owner, cancellationToken));
            }
        }

        var resolved = await ResolveMembersAsync(desired, live, diagnostics, cancellationToken);
        diagnostics.AddRange(await new PolicyConflicts(graph).FindAsync(desired with { Resources = resolved }, live, cancellationToken));
        diagnostics.AddRange(await new Connector(graph).CheckAsync(desired.Resources.Where(r => desired.Kinds[r.Kind].Handler == "object"), cancellationToken));
        return new Reading(live, resolved, diagnostics);
    }

    /// <inheritdoc/>
    public async Task<string?> ApplyAsync(Change change, CancellationToken cancellationToken)
    {
        try
        {
            switch (change.ResourceKind.Handler, change.Kind)
            {
                case ("object", ChangeKind.Create):
                    return (await objects.CreateAsync(change, cancellationToken)).RemoteId;
                case ("object", ChangeKind.Update or ChangeKind.Adopt):
                    return (await objects.UpdateAsync(change, cancellationToken)).RemoteId;
                case ("object", ChangeKind.Delete):
                    await objects.DeleteAsync(change, cancellationToken);
                    return null;
                case ("members", ChangeKind.Create or ChangeKind.Update):
                    return await members.ApplyAsync(change, cancellationToken);
                case ("assignments", ChangeKind.Create or ChangeKind.Update):
                    return await assignments.ApplyAsync(change, cancellationToken);
                default:
                    throw new TargetException(Problems.KindUnknown.At(
                        Location.Of(change.Address), $"'{change.Address}': the target 'graph' has no handler '{change.ResourceKind.Handler}' for the change '{change.Kind}'."));
            }
        }
        catch (TargetException e) when (e.Diagnostic.Where == Location.None && e is not WaitingException)
        {
            throw new TargetException(e.Diagnostic with { Where = Location.Of(change.Address) }, e);
        }
    }

    /// <summary>Id of the object that a set belongs to: the one that is ours, else the one that stands in its place.</summary>
    private static string? Owner(Resource set, string project, List<LiveResource> live)
    {
        var address = ResourceDocument.Placeholders(set.Path).FirstOrDefault();
        var candidates = live.Where(l => l.Address == address).OrderBy(l => l.RemoteId, StringComparer.Ordinal).ToList();
        return (candidates.Find(l => l.Marker?.Project == project && l.Marker.Address == address) ?? candidates.FirstOrDefault())?.RemoteId;
    }

    /// <summary>The desired resources with the devices of member lists resolved to directory objects; those that are not there or ambiguous are left out and reported.</summary>
    private async Task<IReadOnlyList<Resource>> ResolveMembersAsync(DesiredState desired, List<LiveResource> live, List<Diagnostic> diagnostics, CancellationToken cancellationToken)
    {
        var lists = desired.Resources.Where(r => desired.Kinds[r.Kind].Handler == "members").ToDictionary(
            r => r.Address, r => (r.Body["members"] as JsonArray ?? []).OfType<JsonObject>().Select(WantedDevice.Read).ToList(), StringComparer.Ordinal);
        if (lists.Values.All(l => l.Count == 0))
        {
            return desired.Resources;
        }

        // Whoever is a member already need not be looked up again by the id that names it for certain.
        var known = new DeviceIndex();
        foreach (var member in live.Where(l => lists.ContainsKey(l.Address)).SelectMany(l => GroupMembers.DevicesOf(l.Body)))
        {
            known.Add(member);
        }

        var index = await new DeviceLookup(graph, options).ReadAsync([.. lists.Values.SelectMany(l => l).Where(d => known.FindById(d) is null).Distinct()], cancellationToken);
        return [.. desired.Resources.Select(r => lists.TryGetValue(r.Address, out var wanted) ? r with { Body = Resolve(r.Address, wanted) } : r)];

        JsonObject Resolve(string address, List<WantedDevice> wanted)
        {
            var matches = wanted.Select(device => (Device: device, Match: known.FindById(device) is { } member ? new DeviceMatch(member, 1) : index.Find(device))).ToList();
            Report(Problems.DevicesNotInDirectory, "not in Entra ID", [.. matches.Where(m => m.Match.Count == 0).Select(m => m.Device.Name)]);
            Report(Problems.DevicesAmbiguousInDirectory, "more than one object of Entra ID", [.. matches.Where(m => m.Match.Count > 1).Select(m => m.Device.Name)]);
            var found = matches.Where(m => m.Match.Device is not null).DistinctBy(m => m.Match.Device!.DeviceId);
            return new JsonObject
            {
                ["members"] = new JsonArray([.. found.Select(m => (JsonNode)new JsonObject
                {
                    ["name"] = m.Device.Name,
                    ["entraDeviceId"] = m.Match.Device!.DeviceId.ToString(),
                    ["objectId"] = m.Match.Device.ObjectId,
                })]),
            };

            void Report(Problem problem, string what, List<string> names)
            {
                if (names.Count > 0)
                {
                    diagnostics.Add(problem.At(Location.Of(address), $"{names.Count} of {wanted.Count} devices of '{address}' are {what}, and are left out: {Names.Of(names)}."));
                }
            }
        }
    }
}
