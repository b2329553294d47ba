using System.IO.Compression;
using System.Security;
using System.Text;
using MdbDeploy.Inventory;

namespace MdbDeploy.Tests.Inventory;

/// <summary>Makes Excel workbooks of texts, the smallest that readers accept (ECMA-376, part 1).</summary>
internal static class Workbook
{
    /// <summary>A workbook with a sheet for each list of rows, called Sheet1, Sheet2, and so on.</summary>
    public static byte[] Of(params IReadOnlyList<IReadOnlyList<string>>[] sheets)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            const string main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
            const string relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
            const string package = "http://schemas.openxmlformats.org/package/2006";
            var numbers = Enumerable.Range(1, sheets.Length).ToList();
            Add(zip, "[Content_Types].xml", $"<Types xmlns=\"{package}/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/><Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/>{string.Concat(numbers.Select(n => $"<Override PartName=\"/xl/worksheets/sheet{n}.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>"))}</Types>");
            Add(zip, "_rels/.rels", $"<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"rId1\" Type=\"{relations}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>");
            Add(zip, "xl/_rels/workbook.xml.rels", $"<Relationships xmlns=\"{package}/relationships\">{string.Concat(numbers.Select(n => $"<Relationship Id=\"rId{n}\" Type=\"{relations}/worksheet\" Target=\"worksheets/sheet{n}.xml\"/>"))}</Relationships>");
            Add(zip, "xl/workbook.xml", $"<workbook xmlns=\"{main}\" xmlns:r=\"{relations}\"><sheets>{string.Concat(numbers.Select(n => $"<sheet name=\"Sheet{n}\" sheetId=\"{n}\" r:id=\"rId{n}\"/>"))}</sheets></workbook>");
            foreach (var number in numbers)
            {
                var rows = sheets[number - 1].Select((row, i) => $"<row r=\"{i + 1}\">{string.Concat(row.Select((cell, c) => $"<c r=\"{Column(c)}{i + 1}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{SecurityElement.Escape(cell)}</t></is></c>"))}</row>");
                Add(zip, $"xl/worksheets/sheet{number}.xml", $"<worksheet xmlns=\"{main}\"><sheetData>{string.Concat(rows)}</sheetData></worksheet>");
            }
        }

        return stream.ToArray();
    }

    /// <summary>The records of a delimited file.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Records(string path)
    {
        TextForm form;
        using (var stream = File.OpenRead(path))
        {
            form = TextForm.Of(stream, TestContext.Current.CancellationToken);
        }

        var records = new List<IReadOnlyList<string>>();
        using var table = new CsvTable(new FileStream(path, FileMode.Open, FileAccess.Read) { Position = form.Start }, form.Encoding, form.Separator, form.LinesBefore, 1 << 20);
        while (table.Read())
        {
            records.Add([.. Enumerable.Range(0, table.Count).Select(i => table.Field(i).ToString())]);
        }

        return records;
    }

    private static string Column(int index) => index < 26 ? $"{(char)('A' + index)}" : $"{(char)('A' + (index / 26) - 1)}{(char)('A' + (index % 26))}";

    private static void Add(ZipArchive zip, string name, string text)
    {
        using var stream = zip.CreateEntry(name).Open();
        stream.Write(Encoding.UTF8.GetBytes("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>" + text));
    }
}
