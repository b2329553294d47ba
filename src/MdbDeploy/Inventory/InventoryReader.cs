using System.Collections.Immutable;

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
        var rows = new DeviceRows();
        var sources = ImmutableArray.CreateBuilder<InventorySource>();
        using var problems = new ProblemLog(options.ProblemsCsv);
        for (var i = 0; i < files.Count; i++)
        {
            var reader = new FileReader(files[i], rows.AddFile(files[i].Name), options, rows, problems, progress, cancellation);
            if (reader.Read() is { } source)
            {
                sources.Add(source);
            }
        }

        var devices = FleetMerge.Merge(rows, problems, cancellation);
        return new Fleet(devices, sources.DrainToImmutable(), problems.Shown([.. files.Select(file => file.Name)]));
    }

    /// <summary>Reads single records again, as they were before they were merged: what an explanation shows of one device, which a fleet of a million does not keep.</summary>
    /// <param name="files">The files; only those that hold a wanted record are read.</param>
    /// <param name="options">How to read them; problems are not listed again.</param>
    /// <param name="wanted">Where the records stand.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="OperationCanceledException">Reading was stopped.</exception>
    public static IReadOnlyDictionary<Origin, Device> Records(IReadOnlyList<InventoryFile> files, InventoryOptions options, IReadOnlySet<Origin> wanted, CancellationToken cancellation)
    {
        var rows = new DeviceRows();
        using var problems = new ProblemLog(null);
        foreach (var file in files.Where(file => wanted.Any(origin => origin.File == file.Name)))
        {
            new FileReader(file, rows.AddFile(file.Name), options with { ProblemsCsv = null }, rows, problems, null, cancellation).Read();
        }

        var records = new Dictionary<Origin, Device>();
        for (var row = 0; row < rows.Count; row++)
        {
            if (rows.SingleOrigin(row) is { } single && rows.OriginOf(single) is var origin && wanted.Contains(origin))
            {
                records[origin] = rows.Device(row);
            }
        }

        return records;
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
}
