using System.Collections.Immutable;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Inventory;

/// <summary>
/// Reads exports of devices: recognises the source by its header, turns every row into a device, and merges what several files say about one. Nothing is left
/// out without a problem that names file, line and column; bad input never throws.
/// </summary>
public static class InventoryReader
{
    private const int RowsBetweenReports = 1 << 15;
    private const int LinesAboveHeader = 10;

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
            var found = new List<Diagnostic>();
            if (ReadFile(files[i], i, rows, pool, options, found, progress, cancellation) is { } source)
            {
                sources.Add(source);
            }

            problems.AddRange(found.Select(problem => (i, problem)));
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

    private static InventorySource? ReadFile(
        InventoryFile file, int index, List<SourceRow> rows, StringPool pool, InventoryOptions options, List<Diagnostic> problems, IProgress<InventoryProgress>? progress, CancellationToken cancellation)
    {
        try
        {
            using var stream = new FileStream(file.FullPath, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
            var form = TextForm.Of(stream, cancellation);
            return NoteForm(file, form, problems) && Recognise(file, form, options, problems) is { } found
                ? ReadRows(file, index, rows, pool, form, found, options, problems, progress, cancellation)
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            problems.Add(Problems.InventoryFileCannotBeRead.At(new Location(file.Name), $"The file cannot be read: {exception.Message}"));
            return null;
        }
    }

    private static bool NoteForm(InventoryFile file, TextForm form, List<Diagnostic> problems)
    {
        if (form.Length == 0)
        {
            problems.Add(Problems.InventoryFileIsEmpty.At(new Location(file.Name), "The file is empty."));
            return false;
        }

        if (form.NotText is { } what)
        {
            problems.Add(Problems.InventoryFileIsNotText.At(new Location(file.Name), $"The file is {what}, not CSV."));
            return false;
        }

        if (form.FirstInvalidLine > 0)
        {
            problems.Add(form.Label == "windows-1252"
                ? Problems.InventoryIsWindows1252.At(new Location(file.Name, form.FirstInvalidLine), "From this line on the file is not UTF-8; it was read as Windows-1252.")
                : Problems.InventoryTextIsDamaged.At(new Location(file.Name, form.FirstInvalidLine), "The file is marked as UTF-8, and this line is the first that is not; the damaged characters were replaced."));
        }

        if (form.BadSeparator is { } hint)
        {
            problems.Add(Problems.SeparatorHintIsUnusable.At(new Location(file.Name, form.LinesBefore), $"'{RowNotes.Show(hint)}' names no usable delimiter; it was found from the text."));
        }

        return true;
    }

    /// <summary>Finds header, delimiter and profile: with the delimiter that the text suggests, then with the others.</summary>
    private static Recognised? Recognise(InventoryFile file, TextForm form, InventoryOptions options, List<Diagnostic> problems)
    {
        var profiles = options.Profiles;
        if (file.Profile is { } wanted)
        {
            profiles = [.. profiles.Where(profile => profile.Id == wanted)];
            if (profiles.IsEmpty)
            {
                problems.Add(Problems.ImportProfileIsUnknown.At(
                    new Location(file.Name), $"There is no import profile '{wanted}'; there are {string.Join(", ", options.Profiles.Select(profile => profile.Id).Order(StringComparer.Ordinal))}."));
                return null;
            }
        }

        Header? first = null;
        foreach (var delimiter in (ReadOnlySpan<char?>)[form.Separator, ',', ';', '\t', '|'])
        {
            using var table = Open(file, form, delimiter, options);
            for (var tried = 0; tried < LinesAboveHeader && table.Read(); tried++)
            {
                if (table.IsBlank())
                {
                    continue;
                }

                var header = HeaderOf(table);
                first ??= header;

                // A cell further down may well be "server" or "client"; one such word makes no header there.
                if (ProfileMatch.Rank(profiles, header) is { Count: > 0 } ranking && (header == first || ranking[0].Known > 1))
                {
                    return new Recognised(ranking, table.Delimiter);
                }
            }

            if (first is null && table.Damage is CsvDamage.TooLong)
            {
                problems.Add(Problems.InventoryRecordIsTooLong.At(new Location(file.Name, table.Line), $"Line {table.Line} is longer than {options.MaxRecordBytes} bytes."));
                return null;
            }
        }

        problems.Add(NotRecognised(file, first, profiles));
        return null;
    }

    private static Diagnostic NotRecognised(InventoryFile file, Header? header, ImmutableArray<ImportProfile> profiles)
    {
        if (header is null)
        {
            return Problems.InventoryFileIsEmpty.At(new Location(file.Name), "The file holds no header.");
        }

        var where = new Location(file.Name, header.Line);
        if (file.Profile is { } wanted)
        {
            return Problems.ImportProfileDoesNotFit.At(where, $"The profile '{wanted}' needs {new ProfileMatch(profiles[0], header).Lack()}.");
        }

        var columns = string.Join(", ", header.Names.Take(20).Select(name => $"'{RowNotes.Show(name)}'"));
        return Problems.InventoryHasNoNameColumn.At(
            where, $"No column holds the device name. There is {columns}{(header.Names.Length > 20 ? $" and {header.Names.Length - 20} more" : "")}; expected is 'name', 'Computer name', 'Device name' or the like.");
    }

    private static InventorySource ReadRows(
        InventoryFile file, int index, List<SourceRow> rows, StringPool pool, TextForm form, Recognised found, InventoryOptions options, List<Diagnostic> problems, IProgress<InventoryProgress>? progress, CancellationToken cancellation)
    {
        var match = found.Ranking[0];
        NoteHeader(file, form, match, problems);
        var before = rows.Count;
        using var table = Open(file, form, found.Delimiter, options);
        var reader = new RowReader(file.Name, index, match, table, pool, rows, problems);
        while (table.Read())
        {
            if (table.Line <= match.Header.Line)
            {
                continue;
            }

            if (table.Damage == CsvDamage.NeverClosed)
            {
                problems.Add(Problems.InventoryQuoteIsNeverClosed.At(
                    new Location(file.Name, table.Line), "A quote that opens in this row is never closed; this row and what follows was not read."));
                break;
            }

            reader.Read();
            if (reader.Rows % RowsBetweenReports == 0)
            {
                cancellation.ThrowIfCancellationRequested();
                progress?.Report(new InventoryProgress(file.Name, reader.Rows, Math.Min(1, (double)table.Position / form.Length)));
            }
        }

        reader.Complete();
        NoteEnd(file, table, reader, options, problems);
        progress?.Report(new InventoryProgress(file.Name, reader.Rows, 1));
        return new InventorySource
        {
            File = file.Name,
            Profile = match.Profile.Id,
            Title = match.Profile.Title,
            Encoding = form.Label,
            Delimiter = found.Delimiter,
            Rows = reader.Rows,
            Accepted = rows.Count - before,
            Columns = match.Columns(),
            Why = file.Profile is null ? ProfileMatch.Explain(found.Ranking) : $"The project asks for {file.Profile}.",
            Sha256 = form.Sha256,
        };
    }

    private static void NoteHeader(InventoryFile file, TextForm form, ProfileMatch match, List<Diagnostic> problems)
    {
        var header = match.Header;
        if (header.Line > form.LinesBefore + 1)
        {
            problems.Add(Problems.InventoryHeaderIsPreceded.At(new Location(file.Name, form.LinesBefore + 1), $"The header stands on line {header.Line}; what is above it was left out."));
        }

        for (var i = 0; i < header.Names.Length; i++)
        {
            var name = header.Names[i];
            var where = new Location(file.Name, header.Line, Subject: name);
            if (name.Length == 0)
            {
                // A delimiter at the end of every line makes an empty last column.
                if (i < header.Names.Length - 1)
                {
                    problems.Add(Problems.InventoryHeaderIsBlank.At(where, $"Column {i + 1} has no header, and is not used."));
                }
            }
            else if (header.Index[Header.Normalize(name)] is var first && first != i)
            {
                problems.Add(Problems.InventoryHeaderIsDuplicate.At(where, $"Columns {first + 1} and {i + 1} are both called '{RowNotes.Show(name)}'; the first is used."));
            }
        }
    }

    private static void NoteEnd(InventoryFile file, CsvTable table, RowReader reader, InventoryOptions options, List<Diagnostic> problems)
    {
        if (table.Damage == CsvDamage.TooLong)
        {
            problems.Add(Problems.InventoryRecordIsTooLong.At(
                new Location(file.Name, table.Line), $"The record that starts on line {table.Line} is longer than {options.MaxRecordBytes} bytes; it and what follows was not read."));
        }
        else if (table.Damage == CsvDamage.Unreadable)
        {
            problems.Add(Problems.InventoryFileCannotBeRead.At(new Location(file.Name, table.Line), $"The file cannot be read beyond line {table.Line}."));
        }
        else if (reader.Rows == 0 && table.Damage == CsvDamage.None)
        {
            problems.Add(Problems.InventoryHasNoRows.At(new Location(file.Name), "The file has a header and no rows."));
        }
    }

    private static Header HeaderOf(CsvTable table)
    {
        var names = ImmutableArray.CreateBuilder<string>(table.Count);
        for (var i = 0; i < table.Count; i++)
        {
            names.Add(table.Field(i).Trim('\uFEFF').Trim().ToString());
        }

        return new Header(names.MoveToImmutable(), table.Line);
    }

    private static CsvTable Open(InventoryFile file, TextForm form, char? delimiter, InventoryOptions options)
    {
        var stream = new FileStream(file.FullPath, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
        stream.Position = form.Start;
        return new CsvTable(stream, form.Encoding, delimiter, form.LinesBefore, options.MaxRecordBytes);
    }

    private static ImmutableArray<Diagnostic> Ordered(List<(int Source, Diagnostic Problem)> problems) =>
    [
        .. problems.OrderBy(pair => pair.Source).ThenBy(pair => pair.Problem.Where.Line).ThenBy(pair => pair.Problem.Where.Column)
            .ThenBy(pair => pair.Problem.Code, StringComparer.Ordinal).Select(pair => pair.Problem),
    ];

    /// <summary>What a file turned out to be.</summary>
    private sealed record Recognised(IReadOnlyList<ProfileMatch> Ranking, char Delimiter);
}
