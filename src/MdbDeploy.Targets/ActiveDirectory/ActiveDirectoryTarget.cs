using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets.Checks;

namespace MdbDeploy.Targets.ActiveDirectory;

/// <summary>
/// A domain: Group Policy Objects, WMI filters and security groups (handler <c>object</c>), computers of a group (handler <c>members</c>), whom a policy applies to (handler
/// <c>trustees</c>), and links (handler <c>links</c>; all of the domain, or those of the policy in the path). Objects without
/// this project's marker are never written.
/// </summary>
public sealed class ActiveDirectoryTarget : ITarget, IDisposable
{
    /// <summary>The kind of the policies that onboard; others hold settings, and say nothing of who is reached.</summary>
    public const string OnboardingPolicy = "group-policy-object";

    private const string Groups = "group";
    private const string Filters = "msWMI-Som";

    private readonly ActiveDirectorySettings settings;
    private readonly SemaphoreSlim turn = new(1, 1);
    private DomainDirectory? directory;

    /// <summary>Creates the target. Signs in when it is first used.</summary>
    public ActiveDirectoryTarget(ActiveDirectorySettings settings) => this.settings = settings;

    /// <inheritdoc/>
    public string Name => "active-directory";

    /// <inheritdoc/>
    public Task<Reading> ReadAsync(DesiredState desired, CancellationToken cancellationToken) => InTurnAsync(
        () =>
        {
            var live = new List<LiveResource>();
            var wanted = desired.Resources.Select(r => desired.Kinds[r.Kind].Handler == "links" ? new GroupPolicyLinks(Directory()).Spell(r) : r).ToList();
            desired = desired with { Resources = wanted };
            var diagnostics = new List<Diagnostic>();
            foreach (var kind in desired.Kinds.Values.OrderBy(k => k.Phase).ThenBy(k => k.Name, StringComparer.Ordinal))
            {
                switch (kind.Handler)
                {
                    case "object":
                        live.AddRange(kind.Collection switch
                        {
                            Groups => new SecurityGroups(Directory()).Find(kind, desired, diagnostics),
                            Filters => Wmi().Find(kind, desired),
                            _ => Objects().Find(kind, desired, cancellationToken),
                        });
                        break;
                    case "members":
                        live.AddRange(desired.Resources.Where(r => r.Kind == kind.Name).Select(set => Owner(set, desired.Project, live) is { } group ? new GroupComputers(Directory()).Read(set, group) : null).OfType<LiveResource>().ToList());
                        break;
                    case "trustees":
                        live.AddRange(desired.Resources.Where(r => r.Kind == kind.Name).Select(set => Owner(set, desired.Project, live) is { } policy ? Objects().ReadTrustees(set, policy) : null).OfType<LiveResource>().ToList());
                        break;
                    case "links":
                        // All objects are read by now: their kinds come in phases of their own, and links may come before those of other objects.
                        break;
                    default:
                        throw new TargetException(Problems.HandlerUnknown.At(Location.Of(kind.Name), $"The kind '{kind.Name}' has the handler '{kind.Handler}'; this target has 'object', 'members', 'trustees' and 'links'."));
                }
            }

            live.AddRange(Links(desired, live, diagnostics));
            var lists = desired.Resources.Where(r => desired.Kinds[r.Kind].Handler == "members").ToList();
            var resolved = new GroupComputers(Directory()).Resolve(lists, diagnostics, cancellationToken).ToDictionary(r => r.Address, StringComparer.Ordinal);
            return new Reading(live, [.. desired.Resources.Select(r => resolved.GetValueOrDefault(r.Address, r))], diagnostics);
        },
        cancellationToken);

    /// <summary>The sets of links: a set of one policy has that policy's links, and the set of the domain has the links of all other objects.</summary>
    private List<LiveResource> Links(DesiredState desired, List<LiveResource> live, ICollection<Diagnostic> diagnostics)
    {
        var links = new GroupPolicyLinks(Directory());
        var ours = live.Where(l => l.Marker?.Project == desired.Project).Select(l => l.RemoteId).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var sets = desired.Resources.Where(r => desired.Kinds[r.Kind].Handler == "links").Select(set => (Set: set, IsOwned: ResourceDocument.Placeholders(set.Path).Any(), Owner: Owner(set, desired.Project, live))).ToList();
        var owned = sets.Select(s => s.Owner).OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
        return [.. sets.Where(s => !s.IsOwned || s.Owner is not null).Select(s => s.Owner is { } policy
            ? links.Read(s.Set, policy, [policy], gpo => gpo.Equals(policy, StringComparison.OrdinalIgnoreCase), diagnostics)
            : links.Read(s.Set, s.Set.Path, ours.Except(owned, StringComparer.OrdinalIgnoreCase), gpo => !owned.Contains(gpo), diagnostics))];
    }

    /// <summary>Clock, sign-in and rights, of all that a push touches. Writes nothing.</summary>
    /// <param name="time">This machine's clock.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<IReadOnlyList<TargetCheck>> CheckAsync(TimeProvider time, CancellationToken cancellationToken) =>
        InTurnAsync(() => DomainCheck.Run(settings, Directory, Sysvol, time), cancellationToken);

    /// <summary>Whether the Group Policy Object of each computer's ring applies to it. Reads each kind of thing once.</summary>
    /// <param name="policies">The Group Policy Objects of a bundle, each of a ring.</param>
    /// <param name="computers">The computers.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>By <see cref="PlannedComputer.Key"/>; computers that the inventory places in another domain are left out.</returns>
    /// <exception cref="TargetException">The domain cannot be read.</exception>
    public Task<IReadOnlyDictionary<string, GroupPolicyReach>> ReachAsync(IReadOnlyList<Resource> policies, IReadOnlyList<PlannedComputer> computers, CancellationToken cancellationToken) =>
        InTurnAsync(() => new DomainReach(Directory()).Read(policies, computers, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<string?> ApplyAsync(Change change, CancellationToken cancellationToken) => InTurnAsync(
        () =>
        {
            if (change.ResourceKind.Handler == "links")
            {
                return new GroupPolicyLinks(Directory()).Write(change)?.RemoteId;
            }

            if (change.ResourceKind.Handler == "members")
            {
                return new GroupComputers(Directory()).Write(change)?.RemoteId;
            }

            if (change.ResourceKind.Handler == "trustees")
            {
                return Objects().WriteTrustees(change)?.RemoteId;
            }

            if (change.Kind != ChangeKind.Delete)
            {
                LiveResource? written = change.ResourceKind.Collection switch
                {
                    Groups => new SecurityGroups(Directory()).Write(change),
                    Filters => Wmi().Write(change),
                    _ => Objects().Write(change, cancellationToken),
                };
                return written?.RemoteId;
            }

            Action<Change> delete = change.ResourceKind.Collection switch
            {
                Groups => new SecurityGroups(Directory()).Delete,
                Filters => Wmi().Delete,
                _ => Objects().Delete,
            };
            delete(change);
            return null;
        },
        cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        directory?.Dispose();
        turn.Dispose();
    }

    private DomainDirectory Directory() => directory ??= DomainDirectory.Connect(settings);

    private ISysvol Sysvol() => OperatingSystem.IsWindows() ? new UncSysvol(Directory().Server) : new SmbClientSysvol(Directory().Server);

    private GroupPolicyObjects Objects() => new(Directory(), Sysvol(), Wmi(), settings.Domain);

    private WmiFilters Wmi() => new(Directory(), () => DomainDirectory.TimeOf(settings));

    /// <summary>Identifier of the object that a set belongs to: ours, else the one that stands in its place.</summary>
    private static string? Owner(Resource set, string project, List<LiveResource> live)
    {
        var address = ResourceDocument.Placeholders(set.Path).FirstOrDefault();
        return live.Where(l => l.Address == address).OrderByDescending(l => l.Marker?.Project == project).ThenBy(l => l.RemoteId, StringComparer.Ordinal).FirstOrDefault()?.RemoteId;
    }

    // The LDAP library and the programs for SYSVOL block; one at a time keeps versions apart.
    private async Task<T> InTurnAsync<T>(Func<T> what, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(what, cancellationToken);
        }
        finally
        {
            turn.Release();
        }
    }
}
