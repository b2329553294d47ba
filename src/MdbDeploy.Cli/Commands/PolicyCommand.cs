using System.CommandLine;
using System.Text.Json.Nodes;
using MdbDeploy.Policies;
using MdbDeploy.Yaml;
using Spectre.Console;

namespace MdbDeploy.Cli.Commands;

/// <summary><c>policy list</c> and <c>policy show</c>: the settings catalogue.</summary>
internal static class PolicyCommand
{
    /// <summary>The command.</summary>
    public static Command Create(CommandLine line)
    {
        var list = new Command("list", "The presets and the settings they are made of.");
        line.Handle(list, run =>
        {
            var catalog = Pipeline.Require(PolicyCatalog.Read(run.Assets.Policies), []);
            foreach (var preset in catalog.Presets.Values)
            {
                run.Terminal.Line($"[bold]{Markup.Escape(preset.Name)}[/]  {Markup.Escape(preset.Title)}");
                foreach (var value in preset.Values)
                {
                    run.Terminal.Line($"  {Markup.Escape(value.Setting.Id),-28} {Markup.Escape(value.Value),-8} [grey]{Markup.Escape(value.Setting.Title)}[/]");
                }
            }

            run.Terminal.Result(() => new JsonObject
            {
                ["presets"] = new JsonObject(catalog.Presets.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)new JsonObject(p.Value.Values.Select(v => KeyValuePair.Create(v.Setting.Id, (JsonNode?)v.Value)))))),
                ["settings"] = new JsonArray([.. catalog.Settings.Keys.Select(id => (JsonNode?)id)]),
            });
            return Task.FromResult(ExitCode.Done);
        });
        var id = new Argument<string>("setting") { Description = "Identifier of a setting, for example av.rtp." };
        var show = new Command("show", "One setting: what it does, its Group Policy value and its CSP node.") { id };
        line.Handle(show, run =>
        {
            var catalog = Pipeline.Require(PolicyCatalog.Read(run.Assets.Policies), []);
            var wanted = run.Parsed.GetRequiredValue(id);
            if (!catalog.Settings.TryGetValue(wanted, out var setting))
            {
                run.Terminal.Line($"There is no setting '{Markup.Escape(wanted)}'.{(Nearest.To(wanted, catalog.Settings.Keys) is { } near ? $" Did you mean '{Markup.Escape(near)}'?" : "")}");
                return Task.FromResult(ExitCode.Failed);
            }

            List<(string Name, string Value)> facts =
            [
                ("id", setting.Id), ("title", setting.Title), ("description", setting.Description),
                ("registry", $"{setting.RegistryKey}\\{setting.RegistryValueName} ({setting.RegistryType})"),
                ("csp", setting.CspUri ?? "none"), ("values", setting.Allowed.InWords), ("source", $"{setting.Source} ({setting.Date:yyyy-MM-dd})"),
            ];
            facts.Where(f => f.Value.Length > 0).ToList().ForEach(f => run.Terminal.Line($"  [grey]{f.Name,-12}[/] {Markup.Escape(f.Value)}"));
            run.Terminal.Result(() => new JsonObject(facts.Select(f => KeyValuePair.Create(f.Name, (JsonNode?)f.Value))));
            return Task.FromResult(ExitCode.Done);
        });
        return new Command("policy", "The catalogue of Defender settings and the presets made of it.") { list, show };
    }
}
