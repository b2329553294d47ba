using System.Collections.Immutable;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets.Comparison;

namespace MdbDeploy.Targets.Runs;

/// <summary>What a run did, read from its journal.</summary>
public sealed record RunRecord
{
    /// <summary>Name of the run.</summary>
    public required string RunId { get; init; }

    /// <summary>Name of its target.</summary>
    public required string Target { get; init; }

    /// <summary>Identifier of the deployment project.</summary>
    public required string Project { get; init; }

    /// <summary>The kinds of what it looked at, by name: also those whose objects own what it wrote.</summary>
    public required IReadOnlyDictionary<string, ResourceKind> Kinds { get; init; }

    /// <summary>The writes that it began, in order: those that failed or were interrupted too, since they may have got through in part.</summary>
    public required ImmutableArray<RunStep> Steps { get; init; }

    /// <summary>Reads the journal of a run.</summary>
    /// <param name="folder">The folder <c>.mdbdeploy/runs</c>.</param>
    /// <param name="runId">Name of the run.</param>
    public static Outcome<RunRecord> Read(string folder, string runId)
    {
        var file = Path.Combine(folder, runId + ".jsonl");
        if (runId.AsSpan().ContainsAny('/', '\\') || !File.Exists(file))
        {
            var known = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.jsonl").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal).TakeLast(5).ToList() : [];
            return new(null, [Problems.RunUnknown.At(Location.Of(runId), $"There is no run '{runId}'.{(known.Count == 0 ? "" : $" The latest are {string.Join(", ", known)}.")}")]);
        }

        try
        {
            var lines = Journal.Read(file);
            if (lines.Count == 0 || Text(lines[0], "event") != "start" || lines[0]["kinds"] is not JsonArray declared)
            {
                return new(null, [Problems.RunUnknown.At(new Location(file), "Its journal does not begin as one of this version does.")]);
            }

            var kinds = declared.Select(k => BundleManifest.ReadKind(k!.AsObject())).ToDictionary(k => k.Name, StringComparer.Ordinal);
            if (kinds.Values.SelectMany(k => k.Sets.Keys).FirstOrDefault(pointer => !pointer.StartsWith('/')) is { } odd)
            {
                throw new FormatException($"'{odd}' points nowhere.");
            }

            var ids = lines.Where(l => Text(l, "event") == "done" && l["remoteId"] is not null).ToLookup(l => Text(l, "address"), l => Text(l, "remoteId"), StringComparer.Ordinal);
            return new(new RunRecord
            {
                RunId = runId,
                Target = Text(lines[0], "target"),
                Project = Text(lines[0], "project"),
                Kinds = kinds,
                Steps = [.. lines.Where(l => Text(l, "event") == "begin").Select(l => Step(l, kinds, ids[Text(l, "address")].LastOrDefault(), Text(lines[0], "target")))],
            }, []);
        }
        catch (Exception broken) when (broken is InvalidOperationException or InvalidCastException or ArgumentException or FormatException or KeyNotFoundException or NullReferenceException or IOException)
        {
            return new(null, [Problems.RunUnknown.At(new Location(file), "Its journal is damaged.")]);
        }
    }

    private static RunStep Step(JsonObject line, Dictionary<string, ResourceKind> kinds, string? made, string target)
    {
        var address = Text(line, "address");
        var kind = kinds[Text(line, "kind")];
        var path = line["path"]?.GetValue<string>() ?? "";
        ImmutableArray<FieldChange> fields = [.. (line["fields"] as JsonArray ?? []).Select(f => new FieldChange(Text(f!.AsObject(), "path"), f["actual"]?.DeepClone(), f["desired"]?.DeepClone(), IsDrift: false))];
        if (line["additions"] is not null)
        {
            fields = [.. fields, .. Additions((JsonObject)line["body"]!, kind, fields)];
        }

        return new RunStep
        {
            Address = address,
            Change = Enum.Parse<ChangeKind>(Text(line, "change"), ignoreCase: true),
            Kind = kind,
            RemoteId = made ?? line["remoteId"]?.GetValue<string>(),
            Owner = line["owner"]?.GetValue<string>(),
            Before = Marker.Find(line["marker"]?.GetValue<string>()),
            Resource = line["body"] is not JsonObject body ? null : new Resource
            {
                Address = address,
                Kind = kind.Name,
                Target = target,
                Method = "POST",
                Path = path,
                Body = (JsonObject)body.DeepClone(),
                DependsOn = [.. ResourceDocument.Placeholders(path)],
                Sensitive = line["sensitive"]?.GetValue<bool>() ?? true,
                File = "",
            },
            Fields = fields,
        };
    }

    /// <summary>Whether every item of a set changed: then those that no other field names were added.</summary>
    internal static bool IsToldByBody(ResourceKind kind, JsonObject body, IReadOnlyCollection<FieldChange> fields) =>
        kind.Handler != "object" && kind.Sets.Keys.Sum(pointer => SetComparison.At(body, pointer)?.Count ?? 0) == fields.Count(f => f.Desired is not null);

    private static IEnumerable<FieldChange> Additions(JsonObject body, ResourceKind kind, IEnumerable<FieldChange> others)
    {
        var known = others.Select(f => f.Path).ToHashSet(StringComparer.Ordinal);
        return kind.Sets.SelectMany(set => KeyedSet.Of(SetComparison.At(body, set.Key), set.Value)
            .Select(item => new FieldChange(new JsonPointer(set.Key, set.Key).Element(item.Key).Path, null, item.Value?.DeepClone(), IsDrift: false)).Where(f => !known.Contains(f.Path)));
    }

    private static string Text(JsonObject line, string name) => line[name]!.GetValue<string>();
}

/// <summary>One write that a run began.</summary>
public sealed record RunStep
{
    /// <summary>Address of the resource.</summary>
    public required string Address { get; init; }

    /// <summary>What was done.</summary>
    public required ChangeKind Change { get; init; }

    /// <summary>The kind of resource.</summary>
    public required ResourceKind Kind { get; init; }

    /// <summary>Identifier on the server; null when a creation was interrupted.</summary>
    public string? RemoteId { get; init; }

    /// <summary>Id of the object that a set belongs to; null for an object.</summary>
    public string? Owner { get; init; }

    /// <summary>The marker that the object carried before; null when it had none or was not there.</summary>
    public Marker? Before { get; init; }

    /// <summary>What was sent, secrets masked; null for a deletion.</summary>
    public Resource? Resource { get; init; }

    /// <summary>The fields or items that changed.</summary>
    public required ImmutableArray<FieldChange> Fields { get; init; }
}
