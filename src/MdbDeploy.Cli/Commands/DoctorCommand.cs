using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using MdbDeploy.Packages;
using MdbDeploy.Targets;
using MdbDeploy.Targets.Http;
using Spectre.Console;

namespace MdbDeploy.Cli.Commands;

/// <summary><c>doctor</c>: sign-in, reachability, rights and clock of each configured target, before anything is written.</summary>
internal static class DoctorCommand
{
    // Kerberos and token validation both bear five minutes (RFC 4120 §1.6; Entra ID allows the same).
    private static readonly TimeSpan BearableSkew = TimeSpan.FromMinutes(5);

    /// <summary>The command.</summary>
    public static Command Create(CommandLine line)
    {
        var project = GlobalOptions.Project();
        var target = GlobalOptions.Target();
        var command = new Command("doctor", "Checks sign-in, reachability, rights to read and the clock of each configured target. Writes nothing.") { project, target };
        line.Handle(command, async run =>
        {
            var settings = Pipeline.ReadProject(run.Parsed.GetRequiredValue(project));
            using var targets = LiveTargets.Open(settings, run.Parsed.GetValue(target) ?? [], run.Time, LiveTargets.Secrets, run.Terminal.Tell, run.IsInsecure);
            var checks = new List<Check> { CheckPackages(Path.Combine(settings.Folder, settings.Packages)) };
            if (targets.Graph is { } graph)
            {
                checks.Add(await ReadAsync(run, "Microsoft Graph", "groups", graph.Graph, "groups?$top=1&$select=id"));
                checks.Add(await ReadAsync(run, "Microsoft Graph", "devices in Intune", graph.Graph, "deviceManagement/managedDevices?$top=1&$select=id"));
                checks.Add(await ReadAsync(run, "Microsoft Graph", "Intune policies", graph.Graph, "deviceManagement/configurationPolicies?$top=1"));
                checks.Add(await ReadAsync(run, "Defender", "machines", graph.Defender, "api/machines?$top=1"));
            }

            if (targets.ConfigMgr is { } configMgr)
            {
                checks.Add(await ReadAsync(run, "Configuration Manager", "site", configMgr.Client, "wmi/SMS_Site"));
                checks.Add(await ReadAsync(run, "Configuration Manager", "collections", configMgr.Client, "wmi/SMS_Collection?$top=1&$select=CollectionID"));
            }

            return Show(run, checks);
        });
        return command;
    }

    private static Check CheckPackages(string folder)
    {
        var packages = PackageReader.ReadFolder(folder);
        return packages.Succeeded(out var found)
            ? new Check("Packages", "portal packages", true, found.Packages.Length == 0 ? "none" : string.Join(", ", found.Packages.Select(p => p.Title)))
            : new Check("Packages", "portal packages", false, packages.Diagnostics[0].Message);
    }

    private static async Task<Check> ReadAsync(Run run, string system, string what, RestClient client, string path)
    {
        try
        {
            var answer = await client.SendAsync(RestRequest.Get(path), run.Cancelled);
            if (!answer.IsSuccess)
            {
                return new Check(system, what, false, RestError.Read(answer).ToString());
            }

            var skew = DateTimeOffset.TryParse(answer.Header("Date"), CultureInfo.InvariantCulture, out var date) ? (run.Time.GetUtcNow() - date).Duration() : TimeSpan.Zero;
            return skew > BearableSkew
                ? new Check(system, what, false, string.Create(CultureInfo.InvariantCulture, $"readable, but this machine's clock is {skew.TotalMinutes:0} minutes off: sign-in will fail."))
                : new Check(system, what, true, "readable");
        }
        catch (TargetException failed)
        {
            return new Check(system, what, false, failed.Diagnostic.Message);
        }
    }

    private static int Show(Run run, List<Check> checks)
    {
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumns("System", "What", "", "Finding");
        foreach (var check in checks)
        {
            table.AddRow(Markup.Escape(check.System), Markup.Escape(check.What), check.Passed ? "[green]ok[/]" : "[red]no[/]", Markup.Escape(check.Finding));
        }

        run.Terminal.Console.Write(table);
        run.Terminal.Result(() => new JsonArray([.. checks.Select(c => (JsonNode)new JsonObject { ["system"] = c.System, ["what"] = c.What, ["passed"] = c.Passed, ["finding"] = c.Finding })]));
        return checks.TrueForAll(c => c.Passed) ? ExitCode.Done : ExitCode.Failed;
    }

    private sealed record Check(string System, string What, bool Passed, string Finding);
}
