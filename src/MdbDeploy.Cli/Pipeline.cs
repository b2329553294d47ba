using System.Collections.Immutable;
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
    /// <param name="folder">The project.</param>
    /// <param name="asOf">The moment staleness is judged at; now when null.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <param name="listProblems">Whether to write <c>problems.csv</c> into the project's output folder, once it is known that there is a plan.</param>
    /// <exception cref="InputException">The input has errors.</exception>
    public async Task<PlanningResult> PlanAsync(string folder, DateTimeOffset? asOf, CancellationToken cancellationToken, bool listProblems = false)
    {
        var diagnostics = new List<Diagnostic>();
        var project = Require(ProjectReader.Read(folder), diagnostics);
        var inventory = ProjectFiles.InventoryOptions(project.Folder, diagnostics);
        project = ProjectFiles.WithOffboardFile(project, inventory, diagnostics, cancellationToken);
        var channels = ChannelCatalog.Read(assets.Templates);
        var names = InventoryFiles.Expand(project);
        var packages = PackageReader.ReadFolder(Path.Combine(project.Folder, project.Packages), project.Packages, cancellationToken);
        var catalog = PolicyCatalog.Read(assets.Policies, project.Folder);
        var policies = catalog.Value?.Select(project.Policies);
        var existing = project.ExistingPolicies.Select(path => catalog.Value is { } known ? PolicyImport.Read(Path.Combine(project.Folder, path), known.Settings) : null).OfType<Outcome<IReadOnlyList<ImportedPolicy>>>().ToList();
        diagnostics.AddRange([.. channels.Diagnostics, .. names.Diagnostics, .. packages.Diagnostics, .. catalog.Diagnostics, .. policies?.Diagnostics ?? [], .. existing.SelectMany(read => read.Diagnostics)]);
        var imageSettings = ImmutableSortedDictionary<string, ImmutableArray<RegistryValue>>.Empty;
        var imagePolicies = new Dictionary<string, PolicySelection>(StringComparer.Ordinal);
        foreach (var image in project.Images)
        {
            var chosen = catalog.Value?.Select(image.Policies);
            diagnostics.AddRange(chosen?.Diagnostics ?? []);
            imagePolicies[image.Name] = chosen?.Value ?? PolicySelection.Empty;
            imageSettings = imageSettings.SetItem(image.Name, [.. RegistryChannel.Write(imagePolicies[image.Name].Last).Value ?? []]);
        }

        var files = names.Value?.Select(name => new InventoryFile(name, Path.Combine(project.Folder, name), project.ImportProfiles.GetValueOrDefault(name))).ToList() ?? [];
        using var list = listProblems ? new StagedFile(Path.Combine(project.Folder, project.Out, "problems.csv")) : null;
        inventory = inventory with { ProblemsCsv = list?.Stream };
        var fleet = await terminal.StepAsync($"Reading {files.Count} inventory {(files.Count == 1 ? "file" : "files")}",
            () => Task.Run(() => InventoryReader.Read(files, inventory, null, cancellationToken), cancellationToken));
        diagnostics.AddRange(fleet.Problems);
        if (channels.Value is not { } known || packages.Value is not { } found || policies?.Value is not { } settings || diagnostics.Any(d => d.Severity == Severity.Error))
        {
            throw new InputException(diagnostics);
        }

        var result = new PlanningResult
        {
            Project = project,
            Fleet = fleet,
            Packages = found,
            Channels = known,
            Settings = [.. RegistryChannel.Write(settings.Last).Value ?? []],
            Policies = settings,
            Catalogue = [.. catalog.Value?.Settings.Values ?? []],
            ImageSettings = imageSettings,
            Diagnostics = diagnostics,
            AsOf = asOf ?? time.GetUtcNow(),
        };
        result = result with { Plan = Require(Planner.Plan(fleet, project, Requirements.BuiltIn, result.Methods, found, result.AsOf), diagnostics) };
        ImportedPolicy[] others = [.. existing.SelectMany(read => read.Value ?? [])];
        Require(new Outcome<Plan>(result.Plan,
        [
            .. PolicyConflicts.Find(result.Plan, settings, others),
            .. ImagePolicyConflicts.Find(result.Plan, project, imagePolicies, others),
            .. PolicyReach.Find(result.Plan, project, settings),
        ]), diagnostics);
        list?.Commit();
        return result;
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
            Policies = planned.Policies,
            Catalogue = planned.Catalogue,
            ImageSettings = planned.ImageSettings,
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
    private static readonly Plan Nothing = new(default, [], [], []);

    /// <summary>The project.</summary>
    public required DeploymentProject Project { get; init; }

    /// <summary>The merged inventory.</summary>
    public required Fleet Fleet { get; init; }

    /// <summary>The packages.</summary>
    public required PackageSet Packages { get; init; }

    /// <summary>The plan.</summary>
    public Plan Plan { get; init; } = Nothing;

    /// <summary>The channels.</summary>
    public required IReadOnlyList<Channel> Channels { get; init; }

    /// <summary>Registry settings of the project's policy presets, for devices outside of rings.</summary>
    public required ImmutableArray<RegistryValue> Settings { get; init; }

    /// <summary>The settings of the project's policy presets.</summary>
    public required PolicySelection Policies { get; init; }

    /// <summary>All settings of the catalogue.</summary>
    public required ImmutableArray<PolicySetting> Catalogue { get; init; }

    /// <summary>Registry settings for the desktops of each golden image.</summary>
    public required ImmutableSortedDictionary<string, ImmutableArray<RegistryValue>> ImageSettings { get; init; }

    /// <summary>Everything noticed so far; later steps add to it.</summary>
    public required List<Diagnostic> Diagnostics { get; init; }

    /// <summary>The moment staleness is judged at.</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>The methods that channels bring.</summary>
    public IReadOnlySet<string> Methods => Channels.Select(c => c.Method).OfType<string>().ToHashSet(StringComparer.Ordinal);

    /// <summary>What must be in place for the methods and packages of the plan.</summary>
    public Prerequisites Prerequisites => Planning.Prerequisites.Of(Plan, Packages);

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
