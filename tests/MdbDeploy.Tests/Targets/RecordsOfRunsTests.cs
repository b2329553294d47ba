using System.Text.Json.Nodes;
using MdbDeploy.Targets.Runs;

namespace MdbDeploy.Tests.Targets;

/// <summary>What a run writes down, when steps run at the same time and when the disk refuses.</summary>
public sealed class RecordsOfRunsTests : IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void Lines_of_steps_at_the_same_time_are_whole_and_in_their_order()
    {
        string run;
        using (var journal = Journal.Create(scratch.Path, "graph", TimeProvider.System))
        {
            run = journal.RunId;
            Parallel.For(0, 40, step =>
            {
                journal.Append("begin", new JsonObject { ["address"] = $"a/{step}", ["text"] = new string('x', step * 997) });
                journal.Note("done", new JsonObject { ["address"] = $"a/{step}" });
            });
        }

        var lines = Journal.Read(Path.Combine(scratch.Path, run + ".jsonl"));
        lines.Count.ShouldBe(80);
        foreach (var step in lines.GroupBy(line => line["address"]!.ToString()))
        {
            step.Select(line => line["event"]!.ToString()).ShouldBe(["begin", "done"]);
        }
    }

    [Fact]
    public void What_steps_record_at_the_same_time_is_on_disk_after_each_saved()
    {
        var file = Path.Combine(scratch.Path, "graph.state.json");
        var state = LastApplied.Load(file, "contoso", []);
        Parallel.For(0, 40, step =>
        {
            state.Record($"a/{step}", Applied(step));
            state.Save();
            LastApplied.Load(file, "contoso", []).Of($"a/{step}").ShouldNotBeNull();
        });
        var read = LastApplied.Load(file, "contoso", []);
        Enumerable.Range(0, 40).ShouldAllBe(step => read.Of($"a/{step}")!.RemoteId == $"id-{step}");
    }

    [Fact]
    public void What_could_not_be_written_is_written_the_next_time()
    {
        var blocked = Path.Combine(scratch.Path, "state");
        File.WriteAllText(blocked, "a file where the folder is to be");
        var file = Path.Combine(blocked, "graph.state.json");
        var state = LastApplied.Load(file, "contoso", []);
        state.Record("a/1", Applied(1));
        Should.Throw<IOException>(state.Save);

        File.Delete(blocked);
        state.Save();
        LastApplied.Load(file, "contoso", []).Of("a/1")!.RemoteId.ShouldBe("id-1");
    }

    private static AppliedResource Applied(int step) => new($"id-{step}", null, new JsonObject { ["name"] = $"N{step}" });
}
