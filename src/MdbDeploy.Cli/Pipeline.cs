using System.Collections.Immutable;
using System.Security.Cryptography;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;
using MdbDeploy.Inventory;
using MdbDeploy.Packages;
using MdbDeploy.Planning;
using MdbDeploy.Policies;
using MdbDeploy.Projects;
using MdbDeploy.Rendering;

namespace MdbDeploy.Cli;

/// <summary>The way data takes, step by step. A step whose input has errors shows all of them and ends the command; nothing is written before that is known.</summary>
/// <param name="terminal">Where things are shown.</param>
/// <param name="time">The clock.</param>
/// <param name="assets">The templates and policies.</param>
internal sealed class Pipeline(Terminal terminal, TimeProvider time, Assets assets)
{
    /// <summary>Reads mdbdeploy.yaml.</summary>
    /// <exception cref="InputException">It has errors.</exception>
    public static DeploymentProject ReadProject(string folder) => Require(ProjectReader.Read(folder), []);

    /// <summary>Reads project, packages and inventory, and plans.</summary>
    /// <exception cref="InputException">The input has errors.</exception>
    public async Task<PlanningResult> PlanAsync(string folder, DateTimeOffset? asOf, CancellationToken cancellationToken)
    {
        var diagnostics = new List<Diagnostic>();
        var project = Require(ProjectReader.Read(folder), diagnostics);
        var channels = Require(ChannelCatalog.Read(assets.Templates), diagnostics);
        var files = ProjectFiles.Inventory(project, diagnostics);
        var fleet = await terminal.StepAsync($"Reading {files.Count} inventory {(files.Count == 1 ? "file" : "files")}",
            () => Task.Run(() => InventoryReader.Read(files, new InventoryOptions(), null, cancellationToken), cancellationToken));
        diagnostics.AddRange(fleet.Problems);
        var packages = PackageReader.ReadFolder(Path.Combine(project.Folder, project.Packages));
        diagnostics.AddRange(packages.Diagnostics);
        var policies = PolicyCatalog.Read(assets.Policies, project.Policies);
        diagnostics.AddRange(policies.Diagnostics);
        if (diagnostics.Any(d => d.Severity == Severity.Error) || !packages.Succeeded(out var found) || !policies.Succeeded(out var presets))
        {
            throw new InputException(diagnostics);
        }

        var methods = channels.Select(c => c.Method).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var plan = Planner.Plan(fleet, project, Requirements.BuiltIn, methods, found, asOf ?? time.GetUtcNow());
        diagnostics.AddRange(plan.Diagnostics);
        if (diagnostics.Any(d => d.Severity == Severity.Error) || !plan.Succeeded(out var planned))
        {
            throw new InputException(diagnostics);
        }

        return new PlanningResult
        {
            Project = project,
            Fleet = fleet,
            Packages = found,
            Plan = planned,
            Channels = channels,
            Settings = [.. presets.Settings.Select(s => new RenderSetting(s.Setting.Id, s.Key, s.Value, s.Type, s.Data))],
            Diagnostics = diagnostics,
        };
    }

    /// <summary>Renders the bundle and writes it in place of the previous one.</summary>
    /// <exception cref="InputException">The templates or the input have errors; the previous bundle stands.</exception>
    public async Task<Bundle> RenderAsync(PlanningResult planned, CancellationToken cancellationToken)
    {
        var input = new RenderInput
        {
            Project = planned.Project,
            Plan = planned.Plan,
            Packages = planned.Packages,
            Settings = planned.Settings,
            Channels = planned.Channels,
            Sources = ProjectFiles.Hashes(planned.Project, planned.Fleet),
        };
        var bundle = Require(await terminal.StepAsync("Rendering the bundle", () => Task.Run(() => Renderer.Render(input, cancellationToken), cancellationToken)), planned.Diagnostics);
        Require(BundleFolder.Write(bundle, planned.OutFolder, cancellationToken), planned.Diagnostics);
        return bundle;
    }

    /// <summary>The value of an outcome; its diagnostics join the others.</summary>
    /// <exception cref="InputException">There is none.</exception>
    public static T Require<T>(Outcome<T> outcome, List<Diagnostic> diagnostics)
        where T : class
    {
        diagnostics.AddRange(outcome.Diagnostics);
        return outcome.Value ?? throw new InputException(diagnostics);
    }
}

/// <summary>What the steps up to the plan made.</summary>
internal sealed record PlanningResult
{
    /// <summary>The project.</summary>
    public required DeploymentProject Project { get; init; }

    /// <summary>The merged inventory.</summary>
    public required Fleet Fleet { get; init; }

    /// <summary>The packages.</summary>
    public required PackageSet Packages { get; init; }

    /// <summary>The plan.</summary>
    public required Plan Plan { get; init; }

    /// <summary>The channels.</summary>
    public required IReadOnlyList<Channel> Channels { get; init; }

    /// <summary>Settings of the project's policy presets.</summary>
    public required ImmutableArray<RenderSetting> Settings { get; init; }

    /// <summary>Everything noticed so far; later steps add to it.</summary>
    public required List<Diagnostic> Diagnostics { get; init; }

    /// <summary>The folder results are written to.</summary>
    public string OutFolder => Path.Combine(Project.Folder, Project.Out);
}

/// <summary>The input has errors: the command ends with <see cref="ExitCode.InputErrors"/> after showing them all.</summary>
/// <param name="diagnostics">Everything noticed.</param>
internal sealed class InputException(IReadOnlyList<Diagnostic> diagnostics) : Exception("The input has errors.")
{
    /// <summary>Everything noticed.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics { get; } = diagnostics;
}
