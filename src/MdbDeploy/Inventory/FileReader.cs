using System.Collections.Immutable;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Inventory;

/// <summary>Reads one inventory file: its text form, its header and profile, its rows.</summary>
/// <param name="file">The file.</param>
/// <param name="source">Its position in the order of trust.</param>
/// <param name="options">How to read it.</param>
/// <param name="rows">Receives the rows.</param>
/// <param name="problems">Receives what is noticed.</param>
/// <param name="progress">Told now and then how far reading is; may be null.</param>
/// <param name="cancellation">Stops reading.</param>
internal sealed class FileReader(
    InventoryFile file,
    int source,
    InventoryOptions options,
    DeviceRows rows,
    ProblemLog problems,
    IProgress<InventoryProgress>? progress,
    CancellationToken cancellation)
{
    private const int RowsBetweenReports = 1 << 15;
    private const int RecordsTriedAsHeader = 10;
    private const int ColumnsListed = 20;

    private InventoryContent content = null!;
    private int reported;

    private FormReader Forms => new(content, options, Note, cancellation);

    /// <summary>Reads the file; null when it is no inventory, and the problems say why.</summary>
    public InventorySource? Read()
    {
        try
        {
            var contents = InventoryContent.In(file.FullPath, options);
            for (var i = 0; i < contents.Count; i++)
            {
                content = contents[i];
                if (Forms.Find() is { } form && Recognise(form, i == contents.Count - 1) is { } recognised)
                {
                    var read = ReadRows(form, recognised);
                    TellOfOtherSheets([.. contents.Skip(i + 1)]);
                    return read;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            Note(Problems.InventoryFileCannotBeRead, 0, $"The file cannot be read: {exception.Message.TrimEnd('.')}.");
        }

        return null;
    }

    private void TellOfOtherSheets(IReadOnlyList<InventoryContent> others)
    {
        var read = content.Sheet;
        foreach (var other in others)
        {
            content = other;
            if (Forms.Find() is { } form && Recognise(form, false) is { } recognised)
            {
                Note(
                    Problems.InventorySheetIsNotRead,
                    0,
                    $"The sheet '{RowNotes.Show(other.Sheet)}' looks like {recognised.Ranking[0].Profile.Title} and was not read; of a workbook the first sheet that holds devices is, here '{RowNotes.Show(read)}'.");
            }
        }
    }

    /// <summary>Finds header, delimiter and profile: with the delimiter that the text suggests, then with the others.</summary>
    private Recognised? Recognise(TextForm form, bool isLast)
    {
        if (Profiles() is not { } profiles)
        {
            return null;
        }

        Header? first = null;
        foreach (var delimiter in (ReadOnlySpan<char?>)(content.Sheet is null ? [form.Separator, ',', ';', '\t', '|'] : [',']))
        {
            using var table = OpenTable(form, delimiter);
            for (var tried = 0; tried < RecordsTriedAsHeader && table.Read(); tried++)
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

            if (first is null && table.Damage == CsvDamage.TooLong)
            {
                Note(Problems.InventoryRecordIsTooLong, table.Line, $"Line {table.Line} is longer than {options.MaxRecordBytes} bytes.");
                return null;
            }
        }

        if (isLast)
        {
            NoteNotRecognised(first, profiles);
        }

        return null;
    }

    private ImmutableArray<ImportProfile>? Profiles()
    {
        if (file.Profile is not { } wanted)
        {
            return options.Profiles;
        }

        if (options.Profiles.FirstOrDefault(profile => profile.Id == wanted) is { } profile)
        {
            return [profile];
        }

        var known = string.Join(", ", options.Profiles.Select(profile => profile.Id).Order(StringComparer.Ordinal));
        Note(Problems.ImportProfileIsUnknown, 0, $"There is no import profile '{RowNotes.Show(wanted)}'; there are {known}.");
        return null;
    }

    private void NoteNotRecognised(Header? header, ImmutableArray<ImportProfile> profiles)
    {
        if (header is null)
        {
            Note(Problems.InventoryFileIsEmpty, 0, "The file holds no header.");
        }
        else if (file.Profile is { } wanted)
        {
            Note(Problems.ImportProfileDoesNotFit, header.Line, $"The profile '{wanted}' needs {new ProfileMatch(profiles[0], header).Lack()}.");
        }
        else
        {
            var columns = string.Join(", ", header.Names.Take(ColumnsListed).Select(name => $"'{RowNotes.Show(name)}'"));
            var more = header.Names.Length > ColumnsListed ? $" and {header.Names.Length - ColumnsListed} more" : "";
            Note(
                Problems.InventoryHasNoNameColumn,
                header.Line,
                $"No column holds the device name. There is {columns}{more}; expected is 'name', 'Computer name', 'Device name' or the like.");
        }
    }

    private InventorySource ReadRows(TextForm form, Recognised recognised)
    {
        var match = recognised.Ranking[0];
        NoteHeader(form, match.Header);
        var before = rows.Count;
        var (notes, dates) = (new FileNotes(file.Name, source, problems), new DateColumns(file.Name, match.Header, rows));
        var reading = new FileRows(() => new RowReader(file.Name, source, match, rows), notes, dates, rows, match.Header.Line);
        TextPlace? start = new TextPlace(form.Start, form.LinesBefore);
        if (content.Sheet is null && form.IsValidUtf8 && form.Length >= options.ShortestToCut)
        {
            start = ReadPieces(start.Value);
        }

        if (start is { } rest && form.IsAssumed)
        {
            form = Forms.LookAtAll(form);
            start = form.IsValidUtf8 ? ReadPieces(rest) : rest;
        }

        using var table = start is { } from
            ? new CsvTable(content.Open(from.Offset), form.Encoding, recognised.Delimiter, from.Lines, options.MaxRecordBytes, content.Sheet is not null)
            : null;
        if (table is not null)
        {
            reading.ReadTable(table, () => Report((double)(start!.Value.Offset + table.Position) / form.Length), cancellation);
        }

        dates.Settle(notes);
        notes.Complete();
        NoteEnd(table, reading.Count);
        if (reading.Count == match.Profile.RowsAtMost)
        {
            Note(Problems.InventoryMayBeCutOff, 0, $"The file has {reading.Count} rows, and {match.Profile.Title} gives no more unless asked to.");
        }

        progress?.Report(new InventoryProgress(file.Name, reading.Count, 1));
        return new InventorySource
        {
            File = file.Name,
            Profile = match.Profile.Id,
            Title = match.Profile.Title,
            Encoding = form.Label,
            Delimiter = recognised.Delimiter,
            Rows = reading.Count,
            Accepted = rows.Count - before,
            Columns = match.Columns(),
            Why = file.Profile is null ? ProfileMatch.Explain(recognised.Ranking) : $"{file.Profile} was asked for.",
        };

        TextPlace? ReadPieces(TextPlace from)
        {
            using var pieces = new TextPieces(content.Open(from.Offset), from, options.PieceBytes);
            return reading.ReadPieces(pieces, form.IsAssumed, recognised.Delimiter, options.MaxRecordBytes, place => Report((double)place.Offset / form.Length), cancellation);
        }

        void Report(double fraction)
        {
            if (reading.Count / RowsBetweenReports > reported)
            {
                reported = reading.Count / RowsBetweenReports;
                progress?.Report(new InventoryProgress(file.Name, reading.Count, Math.Min(1, fraction)));
            }
        }
    }

    private void NoteHeader(TextForm form, Header header)
    {
        if (header.Line > form.LinesBefore + 1)
        {
            Note(Problems.InventoryHeaderIsPreceded, form.LinesBefore + 1, $"The header stands on line {header.Line}; what is above it was left out.");
        }

        for (var i = 0; i < header.Names.Length; i++)
        {
            var name = header.Names[i];
            if (name.Length == 0)
            {
                // A delimiter at the end of every line makes an empty last column.
                if (i < header.Names.Length - 1)
                {
                    Note(Problems.InventoryHeaderIsBlank, header.Line, $"Column {i + 1} has no header, and is not used.");
                }
            }
            else if (header.Index[Header.Normalize(name)] is var first && first != i)
            {
                Note(
                    Problems.InventoryHeaderIsDuplicate,
                    header.Line,
                    $"Columns {first + 1} and {i + 1} are both called '{RowNotes.Show(name)}'; the first is used.");
            }
        }
    }

    private void NoteEnd(CsvTable? table, int count)
    {
        if (table?.Damage == CsvDamage.NeverClosed)
        {
            Note(
                Problems.InventoryQuoteIsNeverClosed, table.Line, "A quote that opens in this row is never closed; this row and what follows was not read.");
        }
        else if (table?.Damage == CsvDamage.TooLong)
        {
            Note(
                Problems.InventoryRecordIsTooLong,
                table.Line,
                $"The record that starts on line {table.Line} is longer than {options.MaxRecordBytes} bytes; it and what follows was not read.");
        }
        else if (table?.Damage == CsvDamage.Unreadable)
        {
            Note(Problems.InventoryFileCannotBeRead, table.Line, $"The file cannot be read beyond line {table.Line}.");
        }
        else if (count == 0)
        {
            Note(Problems.InventoryHasNoRows, 0, "The file has a header and no rows.");
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

    private CsvTable OpenTable(TextForm form, char? delimiter) =>
        new(content.Open(form.Start), form.Encoding, delimiter, form.LinesBefore, options.MaxRecordBytes, content.Sheet is not null);

    private void Note(Problem problem, int line, string message) => problems.Add(source, problem.At(new Location(file.Name, line), message));

    /// <summary>What a file turned out to be.</summary>
    private sealed record Recognised(IReadOnlyList<ProfileMatch> Ranking, char Delimiter);
}
