using System.Text.Json;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;
using MdbDeploy.Rendering;
using MdbDeploy.Targets.Comparison;

namespace MdbDeploy.Targets.Runs;

/// <summary>What we sent to one object last.</summary>
/// <param name="RemoteId">Identifier on the server.</param>
/// <param name="Hash">Hash of its ownership marker then; null for a set.</param>
/// <param name="Body">Body sent, secrets replaced by their SHA-256.</param>
public sealed record AppliedResource(string RemoteId, string? Hash, JsonObject Body);

/// <summary>
/// The third value of each field: what this project's last push sent, in <c>.mdbdeploy/TARGET.state.json</c>. Losing it costs only the attribution of drift, since
/// ownership stands on the objects themselves. It is written at the end of a run; what an interrupted one claimed stands in its journal (<see cref="RunStep.Owner"/>). Holds no secret. Steps that run at the same time may use it.
/// </summary>
public sealed class LastApplied
{
    private readonly string file;
    private readonly string project;
    private readonly SortedDictionary<string, AppliedResource> resources = new(StringComparer.Ordinal);
    private readonly Lock recording = new();
    private readonly Lock saving = new();
    private string? takenOver;
    private bool isChanged;

    private LastApplied(string file, string project) => (this.file, this.project) = (file, project);

    /// <summary>Reads the state. A file that is not there is an empty state; one that cannot be read as well, with a warning.</summary>
    /// <param name="file">The file.</param>
    /// <param name="project">Identifier of the deployment project; the state of another one is not used.</param>
    /// <param name="diagnostics">Takes the warning.</param>
    public static LastApplied Load(string file, string project, ICollection<Diagnostic> diagnostics)
    {
        var state = new LastApplied(file, project);
        if (!File.Exists(file))
        {
            return state;
        }

        try
        {
            var document = JsonNode.Parse(File.ReadAllBytes(file)) as JsonObject ?? throw new FormatException("it is no JSON object");
            if (document["project"]?.GetValue<string>() is var other && other != project)
            {
                throw new FormatException($"it belongs to the project '{other}'");
            }

            state.takenOver = document["takenOver"]?.GetValue<string>();
            foreach (var (address, entry) in document["resources"] as JsonObject ?? [])
            {
                state.resources[address] = new AppliedResource(
                    entry!["remoteId"]!.GetValue<string>(), entry["hash"]?.GetValue<string>(), (JsonObject)entry["body"]!);
            }
        }
        catch (Exception broken) when (broken is JsonException or FormatException or InvalidOperationException or NullReferenceException or InvalidCastException or IOException)
        {
            state.resources.Clear();
            state.takenOver = null;
            var why = broken is FormatException ? broken.Message : "it is damaged";
            diagnostics.Add(Problems.StateUnreadable.At(new Location(file), $"The record of the last push is not used: {why}."));
        }

        return state;
    }

    /// <summary>What was sent to an address last; null when nobody knows.</summary>
    public AppliedResource? Of(string address)
    {
        lock (recording)
        {
            return resources.GetValueOrDefault(address);
        }
    }

    /// <summary>Notes what was sent to an address.</summary>
    public void Record(string address, AppliedResource applied)
    {
        if (Of(address) is { } old && old.RemoteId == applied.RemoteId && old.Hash == applied.Hash && (ReferenceEquals(old.Body, applied.Body) || JsonNode.DeepEquals(old.Body, applied.Body)))
        {
            return;
        }

        lock (recording)
        {
            resources[address] = applied;
            isChanged = true;
        }
    }

    /// <summary>Notes that the items of a set are ours whether they arrive or not, together with those of before.</summary>
    /// <param name="address">Address of the set.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="owner">Id of the object that it belongs to.</param>
    /// <param name="body">The set as it is sent.</param>
    public void Claim(string address, ResourceKind kind, string owner, JsonObject body)
    {
        var before = Of(address) is { } record && record.RemoteId == owner ? record.Body : null;
        Record(address, new AppliedResource(owner, null, before is null ? body : SetComparison.Union(kind, before, body)));
    }

    /// <summary>
    /// Claims what an interrupted run began to fill, since its journal alone tells; what it did not come to write down it did not begin. Once: after the next push what
    /// the run claimed is as this project's as anything else, and who is added by hand later is a stranger.
    /// </summary>
    /// <param name="folder">The folder <c>.mdbdeploy/runs</c>.</param>
    /// <param name="runId">Name of the interrupted run.</param>
    /// <param name="diagnostics">Takes the warning that its journal is damaged.</param>
    public void TakeOver(string folder, string runId, ICollection<Diagnostic> diagnostics)
    {
        if (takenOver == runId)
        {
            return;
        }

        if (!RunRecord.Read(folder, runId).Succeeded(out var run))
        {
            diagnostics.Add(Problems.StateUnreadable.At(new Location(Path.Combine(folder, runId + ".jsonl")), "What an interrupted push sent is not known: its journal is damaged."));
        }
        else if (run.Project == project)
        {
            foreach (var step in run.Steps)
            {
                if (step is { Owner: { } owner, Resource: { } set })
                {
                    Claim(step.Address, step.Kind, owner, set.Body);
                }
            }

            (takenOver, isChanged) = (runId, true);
        }
    }

    /// <summary>Notes that an address is gone.</summary>
    public void Forget(string address)
    {
        lock (recording)
        {
            isChanged |= resources.Remove(address);
        }
    }

    /// <summary>
    /// Writes the state when it changed: beside the file and then in its place, so that a kill leaves the old or the new one. What is recorded before is on disk after, though another
    /// step may have written it.
    /// </summary>
    public void Save()
    {
        lock (saving)
        {
            KeyValuePair<string, AppliedResource>[] all;
            lock (recording)
            {
                if (!isChanged)
                {
                    return;
                }

                all = [.. resources];
                isChanged = false;
            }

            try
            {
                Write(all);
            }
            catch
            {
                lock (recording)
                {
                    isChanged = true;
                }

                throw;
            }
        }
    }

    private void Write(IEnumerable<KeyValuePair<string, AppliedResource>> all)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var fresh = file + ".tmp";
        using (var stream = new FileStream(fresh, FileMode.Create, FileAccess.Write))
        {
            using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JsonText.Compact.Encoder }))
            {
                writer.WriteStartObject();
                writer.WriteNumber("format", 1);
                writer.WriteString("project", project);
                if (takenOver is not null)
                {
                    writer.WriteString("takenOver", takenOver);
                }

                writer.WriteStartObject("resources");
                foreach (var (address, applied) in all)
                {
                    writer.WriteStartObject(address);
                    writer.WriteString("remoteId", applied.RemoteId);
                    writer.WriteString("hash", applied.Hash);
                    writer.WritePropertyName("body");
                    applied.Body.WriteTo(writer);
                    writer.WriteEndObject();
                }

                writer.WriteEndObject();
                writer.WriteEndObject();
            }

            stream.Flush(flushToDisk: true);
        }

        File.Move(fresh, file, overwrite: true);
    }
}
