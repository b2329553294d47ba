using System.Globalization;
using System.IO.Compression;
using System.Security;
using System.Text;
using MdbDeploy.Inventory;

namespace MdbDeploy.Tests.Inventory;

/// <summary>Makes Excel workbooks, the smallest that readers accept, with cells of every type there is (ECMA-376, part 1, 18.3 and 18.8).</summary>
internal static class Workbook
{
    private const string Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    private const string Relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    private const string PackageParts = "http://schemas.openxmlformats.org/package/2006";

    /// <summary>A workbook with a sheet for each list of rows, called Sheet1, Sheet2, and so on; all cells are text.</summary>
    public static byte[] Of(params IReadOnlyList<IReadOnlyList<string>>[] sheets) =>
        Of(false, [.. sheets.Select(sheet => sheet.Select(row => (IReadOnlyList<Cell>)[.. row.Select(text => Cell.Inline(text))]).ToList())]);

    /// <summary>A workbook with typed cells.</summary>
    /// <param name="countsFrom1904">Whether dates are counted from 1904, as Excel for Mac did (18.17.4.1).</param>
    /// <param name="sheets">The rows of each sheet.</param>
    public static byte[] Of(bool countsFrom1904, params IReadOnlyList<IReadOnlyList<Cell>>[] sheets)
    {
        var formats = new List<string> { "General" };
        var texts = new List<string>();
        var parts = sheets.Select(sheet => Worksheet(string.Concat(sheet.Select((row, r) =>
            $"<row r=\"{r + 1}\">{string.Concat(row.Select((cell, c) => cell.Xml($"{Column(c)}{r + 1}", formats, texts)))}</row>")))).ToList();
        return Package(parts, countsFrom1904, formats, texts);
    }

    /// <summary>A workbook of one sheet whose rows are given as XML, however wrong.</summary>
    public static byte[] OfXml(string rows, string? sharedStrings = null) => Package([Worksheet(rows)], false, ["General"], [], sharedStrings);

    /// <summary>The records of a delimited file.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Records(string path)
    {
        var form = TextForm.Of(() => File.OpenRead(path), TestContext.Current.CancellationToken);
        var records = new List<IReadOnlyList<string>>();
        using var table = new CsvTable(new FileStream(path, FileMode.Open, FileAccess.Read) { Position = form.Start }, form.Encoding, form.Separator, form.LinesBefore, 1 << 20);
        while (table.Read())
        {
            records.Add([.. Enumerable.Range(0, table.Count).Select(i => table.Field(i).ToString())]);
        }

        return records;
    }

    private static string Worksheet(string rows) => $"<worksheet xmlns=\"{Main}\"><sheetData>{rows}</sheetData></worksheet>";

    private static byte[] Package(List<string> sheets, bool countsFrom1904, List<string> formats, List<string> texts, string? sharedStrings = null)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            var numbers = Enumerable.Range(1, sheets.Count).ToList();
            Add(zip, "[Content_Types].xml", $"<Types xmlns=\"{PackageParts}/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/><Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/><Override PartName=\"/xl/styles.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml\"/><Override PartName=\"/xl/sharedStrings.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml\"/>{string.Concat(numbers.Select(n => $"<Override PartName=\"/xl/worksheets/sheet{n}.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>"))}</Types>");
            Add(zip, "_rels/.rels", $"<Relationships xmlns=\"{PackageParts}/relationships\"><Relationship Id=\"rId1\" Type=\"{Relations}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>");
            Add(zip, "xl/_rels/workbook.xml.rels", $"<Relationships xmlns=\"{PackageParts}/relationships\"><Relationship Id=\"styles\" Type=\"{Relations}/styles\" Target=\"styles.xml\"/><Relationship Id=\"texts\" Type=\"{Relations}/sharedStrings\" Target=\"sharedStrings.xml\"/>{string.Concat(numbers.Select(n => $"<Relationship Id=\"rId{n}\" Type=\"{Relations}/worksheet\" Target=\"worksheets/sheet{n}.xml\"/>"))}</Relationships>");
            Add(zip, "xl/workbook.xml", $"<workbook xmlns=\"{Main}\" xmlns:r=\"{Relations}\"><workbookPr{(countsFrom1904 ? " date1904=\"1\"" : "")}/><sheets>{string.Concat(numbers.Select(n => $"<sheet name=\"Sheet{n}\" sheetId=\"{n}\" r:id=\"rId{n}\"/>"))}</sheets></workbook>");
            Add(zip, "xl/styles.xml", Styles(formats));
            Add(zip, "xl/sharedStrings.xml", sharedStrings ?? $"<sst xmlns=\"{Main}\">{string.Concat(texts.Select(text => $"<si>{text}</si>"))}</sst>");
            foreach (var number in numbers)
            {
                Add(zip, $"xl/worksheets/sheet{number}.xml", sheets[number - 1]);
            }
        }

        return stream.ToArray();
    }

    /// <summary>A style for each number format: by the identifier of a built-in one (18.8.30), or by a format of its own, which are numbered from 164.</summary>
    private static string Styles(List<string> formats)
    {
        var own = formats.Select((format, i) => (format, id: 164 + i)).Where(f => BuiltIn(f.format) is null);
        var styles = formats.Select((format, i) => $"<xf numFmtId=\"{BuiltIn(format) ?? 164 + i}\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>");
        return $"<styleSheet xmlns=\"{Main}\"><numFmts>{string.Concat(own.Select(f => $"<numFmt numFmtId=\"{f.id}\" formatCode=\"{SecurityElement.Escape(f.format)}\"/>"))}</numFmts><cellXfs>{string.Concat(styles)}</cellXfs></styleSheet>";
    }

    private static int? BuiltIn(string format) => format == "General" ? 0 : format.Length <= 2 && format[0] != '0' && int.TryParse(format, out var id) ? id : null;

    private static string Column(int index) => index < 26 ? $"{(char)('A' + index)}" : $"{(char)('A' + (index / 26) - 1)}{(char)('A' + (index % 26))}";

    private static void Add(ZipArchive zip, string name, string text)
    {
        using var stream = zip.CreateEntry(name).Open();
        stream.Write(Encoding.UTF8.GetBytes("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>" + text));
    }
}

/// <summary>A cell of a workbook: its type, its value, its number format, and a formula that the value comes from.</summary>
internal sealed record Cell
{
    private string Type { get; init; } = "n";

    private string? Value { get; init; }

    private string Format { get; init; } = "General";

    private string? Formula { get; init; }

    /// <summary>No value; Excel writes such cells for their border or colour.</summary>
    public static Cell Blank { get; } = new() { Format = "0.00" };

    /// <summary>A text of the table that cells share.</summary>
    public static Cell Shared(string text) => new() { Type = "s", Value = text };

    /// <summary>A text of the cell's own.</summary>
    public static Cell Inline(string text) => new() { Type = "inlineStr", Value = text };

    /// <summary>A number as Excel writes it, 17 digits at most.</summary>
    public static Cell Number(double number, string format = "General") => new() { Value = number.ToString("R", CultureInfo.InvariantCulture), Format = format };

    /// <summary>A date: days since 1899-12-30, or since 1904.</summary>
    public static Cell Date(DateTime date, string format = "yyyy\\-mm\\-dd hh:mm:ss", bool countsFrom1904 = false) => Number(date.ToOADate() - (countsFrom1904 ? 1462 : 0), format);

    /// <summary>True or false.</summary>
    public static Cell Truth(bool value) => new() { Type = "b", Value = value ? "1" : "0" };

    /// <summary>An error such as <c>#N/A</c>.</summary>
    public static Cell Error(string error) => new() { Type = "e", Value = error };

    /// <summary>A text that a formula gave when the workbook was saved; null when it was never calculated.</summary>
    public static Cell Calculated(string formula, string? text) => new() { Type = "str", Formula = formula, Value = text };

    /// <summary>The same value, as the result of a formula.</summary>
    public Cell By(string formula) => this with { Formula = formula };

    /// <summary>The cell at a reference; its format and its text are added to the tables unless they are there.</summary>
    public string Xml(string reference, List<string> formats, List<string> texts)
    {
        var text = $"<t xml:space=\"preserve\">{SecurityElement.Escape(Value)}</t>";
        var value = Type switch
        {
            "inlineStr" => $"<is>{text}</is>",
            "s" => $"<v>{Index(texts, text)}</v>",
            _ => Value is null ? "" : $"<v>{SecurityElement.Escape(Value)}</v>",
        };
        var formula = Formula is null ? "" : $"<f>{SecurityElement.Escape(Formula)}</f>";
        return $"<c r=\"{reference}\" s=\"{Index(formats, Format)}\" t=\"{Type}\">{formula}{value}</c>";
    }

    private static int Index(List<string> list, string item)
    {
        var index = list.IndexOf(item);
        if (index < 0)
        {
            index = list.Count;
            list.Add(item);
        }

        return index;
    }
}
