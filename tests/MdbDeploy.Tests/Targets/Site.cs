using System.Collections.Immutable;
using MdbDeploy.Targets;
using Microsoft.Extensions.Time.Testing;

namespace MdbDeploy.Tests.Targets;

/// <summary>A live system in memory with a project folder beside it.</summary>
internal sealed class Site : IDisposable
{
    public Site()
    {
        Folder = Directory.CreateTempSubdirectory("mdbdeploy-").FullName;
        Reconciler = new Reconciler(Target, Folder, Time);
    }

    public string Folder { get; }

    public string Runs => Path.Combine(Folder, ".mdbdeploy", "runs");

    public string StateFile => Path.Combine(Folder, ".mdbdeploy", "memory.state.json");

    public MemoryTarget Target { get; } = new();

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 23, 5, 45, 0, TimeSpan.Zero));

    public Reconciler Reconciler { get; }

    public Task<ChangeSet> Plan(DesiredState desired, params string[] adopt) =>
        Reconciler.PlanAsync(desired, new ReconcileOptions { Adopt = [.. adopt] }, TestContext.Current.CancellationToken);

    public Task<ChangeSet> PlanHolding(DesiredState desired, params string[] held) =>
        Reconciler.PlanAsync(desired, new ReconcileOptions { Held = held.ToImmutableHashSet(StringComparer.OrdinalIgnoreCase) }, TestContext.Current.CancellationToken);

    public Task<ChangeSet> PlanRing(DesiredState desired, string ring) =>
        Reconciler.PlanAsync(desired, new ReconcileOptions { Ring = ring }, TestContext.Current.CancellationToken);

    public async Task<PushResult> Push(DesiredState desired, params string[] adopt) =>
        await Reconciler.ApplyAsync(await Plan(desired, adopt), null, TestContext.Current.CancellationToken);

    public Task<ChangeSet> PlanLeaving(DesiredState desired, bool offboard = false) =>
        Reconciler.PlanAsync(desired, new ReconcileOptions { Offboard = offboard }, TestContext.Current.CancellationToken);

    public async Task<PushResult> PushLeaving(DesiredState desired, bool offboard = false) =>
        await Reconciler.ApplyAsync(await PlanLeaving(desired, offboard), null, TestContext.Current.CancellationToken);

    public string AllWritten() => string.Concat(Directory.EnumerateFiles(Path.Combine(Folder, ".mdbdeploy"), "*", SearchOption.AllDirectories).Select(File.ReadAllText));

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
