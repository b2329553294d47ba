using System.Management.Automation.Language;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace MdbDeploy.Tests.Rendering;

/// <summary>Reads a rendered file with a real reader of its language.</summary>
internal static class Wellformed
{
    public static void Check(string path, byte[] content)
    {
        var text = new StreamReader(new MemoryStream(content), Encoding.UTF8, detectEncodingFromByteOrderMarks: true).ReadToEnd();
        switch (Path.GetExtension(path))
        {
            case ".json":
                JsonNode.Parse(text).ShouldNotBeNull();
                break;
            case ".xml":
                XDocument.Parse(text).Root.ShouldNotBeNull();
                break;
            case ".ps1":
                Parser.ParseInput(text, out _, out var errors);
                errors.ShouldBeEmpty(path);
                break;
            case ".csv":
                using (var reader = CsvHelper.CsvReader.FromText(text))
                {
                    var columns = -1;
                    while (reader.Read())
                    {
                        columns = columns < 0 ? reader.FieldCount : columns;
                        reader.FieldCount.ShouldBe(columns, path);
                    }
                }

                break;
            default:
                break;
        }
    }
}
