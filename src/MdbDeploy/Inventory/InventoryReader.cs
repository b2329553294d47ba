using System.Collections.Immutable;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Inventory;

/// <summary>
/// Reads exports of devices: recognises the source by its header, turns every row into a device, and merges what several files say about one. Nothing is left
/// out without a problem that names file, line and column; bad input never throws.
/// </summary>
public static class InventoryReader
{
    /// <summary>Reads the inventory.</summary>
    /// <param name="files">The files, most trusted first.</param>
    /// <param name="options">How to read them.</param>
    /// <param name="progress">Told now and then how far reading is; may be null.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="OperationCanceledException">Reading was stopped.</exception>
    public static Fleet Read(
        IReadOnlyList<InventoryFile> files, InventoryOptions options, IProgress<InventoryProgress>? progress, CancellationToken cancellation)
    {
        var rows = new List<SourceRow>();
        var sources = ImmutableArray.CreateBuilder<InventorySource>();
        var problems = new List<(int Source, Diagnostic Problem)>();
        var pool = new StringPool();
        for (var i = 0; i < files.Count; i++)
        {
            var reader = new FileReader(files[i], i, options, pool, rows, progress, cancellation);
            if (reader.Read() is { } source)
            {
                sources.Add(source);
            }

            problems.AddRange(reader.Found.Select(problem => (i, problem)));
        }

        var merge = FleetMerge.Merge(rows, cancellation);
        problems.AddRange(merge.Problems);
        return new Fleet(merge.Devices, sources.DrainToImmutable(), Ordered(problems));
    }

    /// <summary>Reads one file on its own, for people who want to know what it is.</summary>
    /// <param name="file">The file.</param>
    /// <param name="options">How to read it.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="OperationCanceledException">Reading was stopped.</exception>
    public static Inspection Inspect(InventoryFile file, InventoryOptions options, CancellationToken cancellation)
    {
        var fleet = Read([file], options, null, cancellation);
        return new Inspection(fleet.Sources.FirstOrDefault(), fleet.Problems);
    }

    private static ImmutableArray<Diagnostic> Ordered(List<(int Source, Diagnostic Problem)> problems) =>
    [
        .. problems.OrderBy(pair => pair.Source).ThenBy(pair => pair.Problem.Where.Line).ThenBy(pair => pair.Problem.Where.Column)
            .ThenBy(pair => pair.Problem.Code, StringComparer.Ordinal).Select(pair => pair.Problem),
    ];
}
