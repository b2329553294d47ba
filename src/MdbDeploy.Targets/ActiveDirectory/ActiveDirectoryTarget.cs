using MdbDeploy.Diagnostics;

namespace MdbDeploy.Targets.ActiveDirectory;

/// <summary>A domain: Group Policy Objects (handler <c>object</c>) and their links (handler <c>links</c>). Objects without this project's marker are never written.</summary>
public sealed class ActiveDirectoryTarget : ITarget, IDisposable
{
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
                        live.AddRange(Objects().Find(kind, desired, cancellationToken));
                        break;
                    case "links":
                        var ours = live.Where(l => l.Marker?.Project == desired.Project).Select(l => l.RemoteId).ToList();
                        live.AddRange(desired.Resources.Where(r => r.Kind == kind.Name).Select(set => new GroupPolicyLinks(Directory()).Read(set, ours, diagnostics)));
                        break;
                    default:
                        throw new TargetException(Problems.HandlerUnknown.At(Location.Of(kind.Name), $"The kind '{kind.Name}' has the handler '{kind.Handler}'; this target has 'object' and 'links'."));
                }
            }

            return new Reading(live, desired.Resources, diagnostics);
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<LiveResource?> ApplyAsync(Change change, CancellationToken cancellationToken) => InTurnAsync(
        () =>
        {
            if (change.ResourceKind.Handler == "links")
            {
                return new GroupPolicyLinks(Directory()).Write(change);
            }

            if (change.Kind != ChangeKind.Delete)
            {
                return Objects().Write(change, cancellationToken);
            }

            Objects().Delete(change);
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

    private GroupPolicyObjects Objects() => new(
        Directory(), OperatingSystem.IsWindows() ? new UncSysvol(Directory().Server) : new SmbClientSysvol(Directory().Server), settings.Domain);

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
