using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using MdbDeploy.Rendering;
using Microsoft.Win32.SafeHandles;

namespace MdbDeploy.Targets.Runs;

/// <summary>
/// What one push did, step by step: <c>.mdbdeploy/runs/RUN.jsonl</c>, one JSON object a line. What a step is about to do, and with it all that was written before, is on disk before it
/// begins. Holds no secret. Lines: <c>start</c>, then per step <c>begin</c> and <c>done</c>, <c>failed</c> or <c>skipped</c>, then <c>end</c>; a run without <c>end</c> was interrupted.
/// </summary>
public sealed class Journal : IDisposable
{
    private static readonly string[] CountsOfUndone = ["failed", "skipped", "notStarted"];

    private readonly SafeFileHandle file;
    private readonly TimeProvider time;
    private readonly Lock writing = new();
    private readonly Lock flushing = new();
    private readonly ArrayBufferWriter<byte> line = new();
    private long written;
    private long onDisk;

    private Journal(string runId, SafeFileHandle file, TimeProvider time) => (RunId, this.file, this.time) = (runId, file, time);

    /// <summary>Name of the run, for example <c>20261123T054500Z-graph</c>; with <c>-2</c> and so on behind it when that is taken.</summary>
    public string RunId { get; }

    /// <summary>Begins the journal of a new run.</summary>
    /// <param name="folder">The folder <c>.mdbdeploy/runs</c>.</param>
    /// <param name="target">Name of the target.</param>
    /// <param name="time">The clock.</param>
    public static Journal Create(string folder, string target, TimeProvider time)
    {
        Directory.CreateDirectory(folder);
        var name = $"{time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}-{target}";
        for (var count = 1; ; count++)
        {
            var runId = count == 1 ? name : $"{name}-{count}";
            var file = Path.Combine(folder, runId + ".jsonl");
            try
            {
                return new Journal(runId, File.OpenHandle(file, FileMode.CreateNew, FileAccess.Write), time);
            }
            catch (IOException) when (File.Exists(file))
            {
                // Another run of the same second has this name.
            }
        }
    }

    /// <summary>Writes a line. It is on disk before the next step begins.</summary>
    /// <param name="event">What happened.</param>
    /// <param name="fields">More about it.</param>
    public void Note(string @event, JsonObject fields) => Write(@event, fields, _ => { });

    /// <summary>Writes a line and waits until it is on disk.</summary>
    /// <param name="event">What happened.</param>
    /// <param name="fields">More about it.</param>
    public void Append(string @event, JsonObject fields) => Append(@event, fields, _ => { });

    /// <summary>Writes a line and waits until it is on disk.</summary>
    /// <param name="event">What happened.</param>
    /// <param name="fields">More about it.</param>
    /// <param name="large">Writes what is large, such as the members of a group, without a copy of it being made.</param>
    internal void Append(string @event, JsonObject fields, Action<Utf8JsonWriter> large)
    {
        var end = Write(@event, fields, large);
        lock (flushing)
        {
            // A disk takes milliseconds each time: what others wrote meanwhile goes with it, and they need not wait again.
            if (onDisk < end)
            {
                var all = Volatile.Read(ref written);
                RandomAccess.FlushToDisk(file);
                onDisk = all;
            }
        }
    }

    private long Write(string @event, JsonObject fields, Action<Utf8JsonWriter> large)
    {
        lock (writing)
        {
            // One buffer for all lines: that of a set of thousands is megabytes.
            line.ResetWrittenCount();
            using (var writer = new Utf8JsonWriter(line, new JsonWriterOptions { Encoder = JsonText.Compact.Encoder }))
            {
                writer.WriteStartObject();
                writer.WriteString("event", @event);
                writer.WriteString("time", time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
                foreach (var (name, value) in fields)
                {
                    Write(writer, name, value);
                }

                large(writer);
                writer.WriteEndObject();
            }

            line.Write("\n"u8);
            RandomAccess.Write(file, line.WrittenSpan, written);
            Volatile.Write(ref written, written + line.WrittenCount);
            return written;
        }
    }

    /// <summary>Writes a property.</summary>
    internal static void Write(Utf8JsonWriter writer, string name, JsonNode? value)
    {
        writer.WritePropertyName(name);
        if (value is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            value.WriteTo(writer);
        }
    }

    /// <summary>Reads a journal. A last line that was torn by a crash is left out.</summary>
    /// <param name="file">The journal.</param>
    /// <exception cref="FormatException">A line before the last is no line of a journal: what was done is not known.</exception>
    public static IReadOnlyList<JsonObject> Read(string file)
    {
        var lines = new List<JsonObject>();
        var isTorn = false;
        foreach (var line in Lines(file))
        {
            if (isTorn)
            {
                throw new FormatException("A line of the journal is damaged.");
            }

            if (Parse(line) is { } entry)
            {
                lines.Add(entry);
            }
            else
            {
                isTorn = true;
            }
        }

        return lines;
    }

    // The push may still be at it: another process looks meanwhile.
    private static IEnumerable<string> Lines(string file)
    {
        using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }

    private static JsonObject? Parse(string line)
    {
        try
        {
            return JsonNode.Parse(line) is JsonObject entry && entry["event"] is not null ? entry : null;
        }
        catch (Exception torn) when (IsNoJson(torn))
        {
            return null;
        }
    }

    /// <summary>The last run of a target when it left something undone: it was interrupted, or steps failed. Null when all was done.</summary>
    /// <param name="folder">The folder <c>.mdbdeploy/runs</c>.</param>
    /// <param name="target">Name of the target.</param>
    public static string? Unfinished(string folder, string target) => Last(folder, target) is not { } last ? null
        : EndOf(folder, last) is { } end && CountsOfUndone.All(count => end[count]?.ToString() == "0") && end["waiting"]?.ToString() is null or "0" ? null
        : last;

    /// <summary>The last run of a target when it began something and did not come to its end; null else.</summary>
    /// <param name="folder">The folder <c>.mdbdeploy/runs</c>.</param>
    /// <param name="target">Name of the target.</param>
    public static string? Interrupted(string folder, string target) =>
        Last(folder, target) is { } last && EndOf(folder, last) is null && Lines(Path.Combine(folder, last + ".jsonl")).Skip(1).Any() ? last : null;

    private static string? Last(string folder, string target) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, $"*Z-{target}*.jsonl").Select(f => Path.GetFileNameWithoutExtension(f))
            .OrderBy(name => name.Split('-')[0], StringComparer.Ordinal).ThenBy(name => name.Length).ThenBy(name => name, StringComparer.Ordinal).LastOrDefault()
        : null;

    /// <summary>The line <c>end</c>; null when there is none. The lines before it may be megabytes and are not read.</summary>
    private static JsonObject? EndOf(string folder, string run)
    {
        using var journal = File.OpenHandle(Path.Combine(folder, run + ".jsonl"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var tail = new byte[1 << 10];
        var text = tail.AsSpan(0, RandomAccess.Read(journal, tail, Math.Max(0, RandomAccess.GetLength(journal) - tail.Length))).TrimEnd("\r\n"u8);
        try
        {
            return JsonNode.Parse(text[(text.LastIndexOf((byte)'\n') + 1)..]) is JsonObject line && line["event"]?.ToString() == "end" ? line : null;
        }
        catch (Exception torn) when (IsNoJson(torn))
        {
            return null;
        }
    }

    // A property that stands there twice shows when the object is looked into.
    private static bool IsNoJson(Exception failure) => failure is JsonException or ArgumentException;

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();
}
