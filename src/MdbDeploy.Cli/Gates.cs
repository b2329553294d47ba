using System.Collections.Immutable;
using System.Text.Json.Nodes;
using MdbDeploy.Diagnostics;
using MdbDeploy.Projects;
using MdbDeploy.Targets.Status;
using Spectre.Console;

namespace MdbDeploy.Cli;

/// <summary>Which rings a push leaves as they are, because their gates are closed: decided by what the live systems report at this moment.</summary>
internal static class Gates
{
    /// <summary>The rings to hold back.</summary>
    /// <param name="run">The run of the command.</param>
    /// <param name="project">The project.</param>
    /// <param name="ring">The one ring to push; null for all.</param>
    /// <param name="ignore">Whether a person decided to push without asking the gates.</param>
    /// <param name="readStatus">Asks the live systems; called only when a gate needs it.</param>
    /// <exception cref="InputException">The one ring's gate is closed.</exception>
    public static async Task<ImmutableHashSet<string>> HeldAsync(Run run, DeploymentProject project, string? ring, bool ignore, Func<Task<ImmutableArray<DeviceStatus>>> readStatus)
    {
        var gated = project.Rings.Where(r => r.Gate is not null && (ring is null || string.Equals(r.Name, ring, StringComparison.OrdinalIgnoreCase))).Select(r => r.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (gated.Count == 0)
        {
            return [];
        }

        if (ignore)
        {
            run.Terminal.Caution($"[yellow]Gates are not asked[/]: {ConsoleText.Of(string.Join(", ", gated))}.");
            return [];
        }

        var closed = RingGates.Evaluate(project.Rings, await readStatus(), run.Time.GetUtcNow()).Where(gate => !gate.IsOpen && gated.Contains(gate.Ring)).ToList();
        if (ring is not null && closed.Count > 0)
        {
            throw new InputException([Problems.RingGateClosed.At(Location.Of(ring), $"The gate of ring '{ring}' is closed. {closed[0].Why}")]);
        }

        Show(run.Terminal, closed);
        return closed.Select(gate => gate.Ring).ToImmutableHashSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Shows gates, one line each.</summary>
    public static void Show(Terminal terminal, IEnumerable<GateState> gates)
    {
        foreach (var gate in gates)
        {
            var told = $" {ConsoleText.Of(gate.Ring)}: {ConsoleText.Of(gate.Why)}";
            if (gate.IsOpen)
            {
                terminal.Line($"[green]Gate open[/] {told}");
            }
            else
            {
                terminal.Caution($"[yellow]Held back[/] {told}");
            }
        }
    }

    /// <summary>Gates for <c>--json</c>.</summary>
    public static JsonArray Json(IEnumerable<GateState> gates) =>
        new([.. gates.Select(gate => (JsonNode)new JsonObject { ["ring"] = gate.Ring, ["open"] = gate.IsOpen, ["why"] = gate.Why })]);
}
