using System.Text;
using CsCheck;
using MdbDeploy.Inventory;

namespace MdbDeploy.Tests.Inventory;

/// <summary>Cells that are read from their bytes come to what the thorough way makes of them, and give nothing to note.</summary>
public class PlainCellTests
{
    private static readonly string[] Pieces =
        ["PC", "pc-1", ".", "corp", "example", "123", "-", "--", "_", "E", "5E10", "SN", "\\", "$", "/", " ", "=", "\"", "@", "n/a", "null", "none", "unknown", "vmware-1", "0123456789", "Total", "CN=", "OU=", ",", "DC=x",
            "\u00e9", "\uFFFD", "\0", "2025-11-20", "T06:00:00", " 06:00:00", ".123", "Z", "+01:00", "2025-02-30", "24:00:00", "11111111-2222-3333-4444-555555555555", "GUID:", "guid:", "System.String[]", "(", "affected)", "1970-01-01T00:00:00"];

    [Theory]
    [InlineData("name")]
    [InlineData("name,dns name")]
    [InlineData("name,serial")]
    [InlineData("name,owner upn")]
    [InlineData("name,entra device id")]
    [InlineData("name,sms id")]
    [InlineData("name,last seen")]
    [InlineData("name,distinguished name")]
    public void A_cell_comes_to_the_same_whether_it_is_alone_or_quoted_with_a_blank_behind_it(string header)
    {
        // A blank behind it is trimmed, and makes a cell anything but plain.
        var cell = OneOf(Pieces).Array[1, 4].Select(string.Concat);
        cell.Array[1, 12].Sample(
            cells =>
            {
                var (plain, thorough) = (Read(header, cells, ""), Read(header, cells, " "));
                plain.Devices.Select(Words).ShouldBe(thorough.Devices.Select(Words));
                plain.Problems.Select(problem => (problem.Code, problem.Where.Line)).ShouldBe(thorough.Problems.Select(problem => (problem.Code, problem.Where.Line)));
            },
            iter: 600);
    }

    private static Fleet Read(string header, string[] cells, string behind)
    {
        var text = new StringBuilder(header).Append('\n');
        for (var i = 0; i < cells.Length; i++)
        {
            var quoted = $"\"{cells[i].Replace("\"", "\"\"", StringComparison.Ordinal)}{behind}\"";
            text.Append(header == "name" ? quoted : $"HOST-{i},{quoted}").Append('\n');
        }

        return TempInventory.Read(text.ToString());
    }

    private static string Words(Device device) => (device with { Tags = [], Origins = [] }).ToString();

    private static Gen<string> OneOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
