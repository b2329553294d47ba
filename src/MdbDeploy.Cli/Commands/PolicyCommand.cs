using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using MdbDeploy.Diagnostics;
using MdbDeploy.Policies;
using MdbDeploy.Yaml;
using Spectre.Console;

namespace MdbDeploy.Cli.Commands;

/// <summary><c>policy list</c>, <c>explain</c>, <c>diff</c> and <c>import</c>: the settings catalogue, and the way between channels.</summary>
internal static class PolicyCommand
{
    private static readonly Option<string> Project = new("--project") { Description = "Folder of a project, whose own presets count too.", DefaultValueFactory = _ => ".", HelpName = "folder" };

    /// <summary>The command.</summary>
    public static Command Create(CommandLine line) =>
        new("policy", "The catalogue of Defender settings, the presets made of it, and the way from one channel to another.") { List(line), Explain(line), Diff(line), Import(line) };

    private static Command List(CommandLine line)
    {
        var list = new Command("list", "The presets and the settings they are made of.") { Project };
        line.Handle(list, run =>
        {
            var catalog = Catalog(run);
            foreach (var preset in catalog.Presets.Values)
            {
                run.Terminal.Line($"[bold]{ConsoleText.Of(preset.Name)}[/]  {ConsoleText.Of(preset.Description.Length > 0 ? preset.Description : preset.Title)}");
                foreach (var entry in preset.Entries)
                {
                    run.Terminal.Line($"  {ConsoleText.Of(entry.Setting.Id),-28} {ConsoleText.Of(Words(entry)),-18} [grey]{ConsoleText.Of(entry.Setting.Title)}[/]");
                }
            }

            run.Terminal.Result(() => new JsonObject
            {
                ["presets"] = new JsonObject(catalog.Presets.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)new JsonObject(p.Value.Entries.Select(e => KeyValuePair.Create(e.Setting.Id, (JsonNode?)Words(e))))))),
                ["settings"] = new JsonArray([.. catalog.Settings.Keys.Select(id => (JsonNode?)id)]),
            });
            return Task.FromResult(ExitCode.Done);
        });
        return list;
    }

    private static Command Explain(CommandLine line)
    {
        var id = new Argument<string>("setting") { Description = "Identifier of a setting (av.rtp), or its name in any channel: a registry value, a rule's identifier, an OMA-URI, a definition of Intune." };
        var explain = new Command("explain", "One setting in the words of every channel, and where that is written.") { id };
        explain.Aliases.Add("show");
        line.Handle(explain, run =>
        {
            var catalog = Pipeline.Require(PolicyCatalog.Read(run.Assets.Policies), []);
            var wanted = run.Parsed.GetRequiredValue(id);
            if (SettingSearch.Exactly(wanted, catalog) is not [var setting])
            {
                var near = SettingSearch.Exactly(wanted, catalog) is { Count: > 0 } several ? several : SettingSearch.Near(wanted, catalog);
                throw new InputException([Problems.PolicySettingUnknown.At(Location.Of(wanted),
                    $"No single setting is called '{wanted}'.{(near.Count > 0 ? $" Did you mean {string.Join(", ", near.Select(s => $"'{s.Id}' ({s.Title})"))}?" : "")}")]);
            }

            var facts = PolicyWords.Of(setting);
            facts.ToList().ForEach(f => run.Terminal.Line($"  [grey]{f.Name,-21}[/] {ConsoleText.Of(f.Value)}"));
            run.Terminal.Result(() => new JsonObject(facts.Select(f => KeyValuePair.Create(f.Name, (JsonNode?)f.Value))));
            return Task.FromResult(ExitCode.Done);
        });
        return explain;
    }

    private static Command Diff(CommandLine line)
    {
        var a = new Argument<string>("a") { Description = "Name of a preset, a preset's file, or anything 'policy import' reads." };
        var b = new Argument<string>("b") { Description = "The same." };
        var diff = new Command("diff", "Where two presets, files or backups differ. Exit code 2 when they do.") { a, b, Project };
        line.Handle(diff, run =>
        {
            var catalog = Catalog(run);
            var (left, right) = (Side(run, catalog, run.Parsed.GetRequiredValue(a)), Side(run, catalog, run.Parsed.GetRequiredValue(b)));
            var changes = left.Keys.Union(right.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
                .Select(id => (Id: id, Left: left.GetValueOrDefault(id), Right: right.GetValueOrDefault(id))).Where(change => change.Left != change.Right).ToList();
            foreach (var (id, was, becomes) in changes)
            {
                run.Terminal.Line($"{(was is null ? "[green]+[/]" : becomes is null ? "[red]-[/]" : "[yellow]~[/]")} {ConsoleText.Of(id),-28} {ConsoleText.Of(was ?? "not set")} → {ConsoleText.Of(becomes ?? "not set")}");
            }

            if (changes.Count == 0)
            {
                run.Terminal.Line("[green]They say the same.[/]");
            }

            run.Terminal.Result(() => new JsonArray([.. changes.Select(c => (JsonNode?)new JsonObject { ["setting"] = c.Id, ["a"] = c.Left, ["b"] = c.Right })]));
            return Task.FromResult(changes.Count == 0 ? ExitCode.Done : ExitCode.Differences);
        });
        return diff;
    }

    private static Command Import(CommandLine line)
    {
        var path = new Argument<string>("path") { Description = "A folder with a Group Policy backup, a registry.pol, an LGPO text, a policy exported from Intune (JSON) or an antimalware policy (XML)." };
        var to = new Option<string?>("--out") { Description = "File to write the preset to; shown when left out. An existing file is not overwritten.", HelpName = "file" };
        var import = new Command("import", "Turns a policy of any channel into a preset, and lists what it did not understand.") { path, to };
        line.Handle(import, run =>
        {
            var catalog = Pipeline.Require(PolicyCatalog.Read(run.Assets.Policies), []);
            var source = run.Parsed.GetRequiredValue(path);
            var diagnostics = new List<Diagnostic>();
            var policies = Pipeline.Require(PolicyImport.Read(source, catalog.Settings), diagnostics);
            var reading = PolicyReading.Join(policies.Select(policy => policy.Reading));
            diagnostics.AddRange(reading.Diagnostics);
            var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(source)));
            var yaml = PresetText.Write(policies.Count == 1 ? policies[0].Name : name, $"Imported from {name}.", reading.Values);
            run.Terminal.Diagnostics(diagnostics);
            if (run.Parsed.GetValue(to) is { } file)
            {
                if (File.Exists(file))
                {
                    throw new InputException([Problems.PolicyFileExists.At(new Location(file))]);
                }

                AtomicFile.Write(file, Encoding.UTF8.GetBytes(yaml));
            }
            else
            {
                run.Terminal.Line(ConsoleText.Lines(yaml.TrimEnd('\n')));
            }

            var left = diagnostics.Count(d => d.Problem == Problems.PolicyNotUnderstood || d.Problem == Problems.PolicyValueNotAllowed);
            run.Terminal.Line($"[grey]{reading.Values.Length} settings understood, {left} {(left == 1 ? "thing" : "things")} not carried over.[/]");
            run.Terminal.Result(() => new JsonObject
            {
                ["policies"] = new JsonArray([.. policies.Select(p => (JsonNode?)p.Name)]),
                ["settings"] = new JsonObject(reading.Values.Select(v => KeyValuePair.Create(v.Setting.Id, (JsonNode?)v.Word))),
                ["notCarriedOver"] = new JsonArray([.. diagnostics.Select(d => (JsonNode?)d.ToString())]),
                ["preset"] = yaml,
            });
            return Task.FromResult(ExitCode.Done);
        });
        return import;
    }

    private static PolicyCatalog Catalog(Run run) => Pipeline.Require(PolicyCatalog.Read(run.Assets.Policies, run.Parsed.GetValue(Project)), []);

    // Settings by identifier, in words.
    private static Dictionary<string, string> Side(Run run, PolicyCatalog catalog, string what)
    {
        if (catalog.Presets.TryGetValue(what, out var preset) || (Path.GetExtension(what) is ".yaml" or ".yml" && Pipeline.Require(catalog.ReadPreset(what), []) is var own && (preset = own) is not null))
        {
            return preset.Entries.ToDictionary(e => e.Setting.Id, Words, StringComparer.Ordinal);
        }

        if (!File.Exists(what) && !Directory.Exists(what))
        {
            throw new InputException([Problems.PolicyPresetUnknown.At(Location.Of(what), $"'{what}' is neither a preset nor a file or folder.{(Nearest.To(what, catalog.Presets.Keys) is { } near ? $" Did you mean '{near}'?" : "")}")]);
        }

        var diagnostics = new List<Diagnostic>();
        var reading = PolicyReading.Join(Pipeline.Require(PolicyImport.Read(what, catalog.Settings), diagnostics).Select(policy => policy.Reading));
        run.Terminal.Diagnostics([.. diagnostics, .. reading.Diagnostics]);
        return reading.Values.ToDictionary(v => v.Setting.Id, v => v.Word, StringComparer.Ordinal);
    }

    private static string Words(PresetEntry entry) => string.Join(", ", entry.Stages.Select(entry.Setting.Allowed.Word));
}
