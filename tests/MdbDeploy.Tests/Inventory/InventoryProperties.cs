using System.Text;
using CsCheck;
using MdbDeploy.Inventory;

namespace MdbDeploy.Tests.Inventory;

public class InventoryProperties
{
    private static readonly string[] Cells =
    [
        "", "PC-1", "pc-1", "CORP\\PC-1", "PC-1$", "PC-2", "pc-1.corp.example", "CN=PC-1,OU=a,DC=corp,DC=example", "CN=", "CN=,", "\\", "a\\", "\\b", "/", "a/", "$", ".", "..", "a.b.", "\"", "\"x",
        "x\"y\"", "\"a\nb\"", "\0", "\u0001", "Windows 11 Pro", "Windows", "iOS", "11/12/2025", "30/11/2025", "11/30/2025", "99999999999999999999", "0001-01-01", "9999-12-31T23:59:59-14:00",
        "1602-01-01T00:00:00+14:00", "20251399999999", "45000,5", "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222", "SN1234", "1E5", "E", "true", "Wahr", "System.String[]",
        "#N/A", "a;b|c", ";", "Total", "Total: 5", "----", "(3 rows affected)", "=\"1\"", "=\"", "entra", "hybrid", "corp.example/a/PC-1", "/a", "corp.example/", "Ä", "\ud83d\ude00", "\uFEFF", "CORP", "WORKGROUP",
    ];

    private static readonly string[] Headers =
    [
        "name", "Name", "Device name", "Device ID", "Last check-in", "OS", "os", "build", "serial", "tags", "last seen", "entra device id", "domain", "fqdn", "DistinguishedName", "CanonicalName",
        "JoinType", "", "MachineName", "CatalogName", "state", "golden image", "owner", "vdi type", "edition", "site", "x",
    ];

    [Fact]
    public void Any_bytes_end_in_devices_and_problems() =>
        Gen.Byte.Array[0, 400].Sample(bytes => Check(TempInventory.ReadBytes([bytes])), iter: 600);

    [Fact]
    public void Any_bytes_below_a_header_end_in_devices_and_problems() =>
        Gen.Select(Gen.Byte.Array[0, 300], Gen.OneOf("name,os,last seen\n", "sep=;\r\nName;DNSHostName\r\n", "#TYPE x\nname\tserial\n")).Sample(
            (bytes, header) => Check(TempInventory.ReadBytes([[.. Encoding.UTF8.GetBytes(header), .. bytes]])), iter: 600);

    [Fact]
    public void Any_table_of_hostile_cells_ends_in_devices_and_problems() =>
        Gen.Select(Gen.OneOf(Headers).Array[1, 8], Gen.OneOf(Cells).Array[0, 9].Array[0, 20], Gen.OneOf(",", ";", "\t"), Gen.OneOf("\n", "\r\n", "\r"), Gen.Int[0, 4]).Sample(
            (header, rows, delimiter, end, encoding) =>
            {
                var text = string.Concat(rows.Prepend(header).Select(row => string.Join(delimiter, row) + end));
                byte[] bytes = encoding switch
                {
                    0 => Encoding.Unicode.GetBytes(text),
                    1 => Encoding.BigEndianUnicode.GetBytes('\uFEFF' + text),
                    2 => Encoding.Latin1.GetBytes(text),
                    _ => Encoding.UTF8.GetBytes(text),
                };
                Check(TempInventory.ReadBytes([bytes, Encoding.UTF8.GetBytes(text)]));
            },
            iter: 600);

    [Theory]
    [MemberData(nameof(WrappedFileTests.Samples), MemberType = typeof(WrappedFileTests))]
    public void A_real_export_that_is_damaged_anywhere_ends_in_devices_and_problems(string sample)
    {
        var whole = File.ReadAllBytes(TempInventory.Fixture(sample));
        var pieces = Gen.OneOf("\"", ",", ";", "\t", "\r\n", "\n", "\0", "\uFEFF", "\"\"", "=", "é", "9999999999").Select(Encoding.UTF8.GetBytes);
        // Cut out, put in, put twice: what editors, mail filters, and copying half a file do.
        Gen.Select(Gen.Int[0, whole.Length], Gen.Int[0, 200], Gen.OneOf(pieces, Gen.Byte.Array[0, 3]), Gen.Bool).Array[1, 5].Sample(
            damages =>
            {
                var bytes = whole;
                foreach (var (at, length, piece, twice) in damages)
                {
                    var start = Math.Min(at, bytes.Length);
                    var end = Math.Min(start + length, bytes.Length);
                    bytes = [.. bytes[..start], .. piece, .. twice ? bytes[start..end] : [], .. bytes[(twice ? start : end)..]];
                }

                Check(TempInventory.ReadBytes([bytes]));
            },
            iter: 60);
    }

    [Fact]
    public void The_order_of_rows_in_a_file_changes_nothing_but_line_numbers()
    {
        var row = Gen.Select(
            Gen.OneOf("PC-1", "pc-1", "PC-2", "PC-3"),
            Gen.OneOf("", "CORP", "corp.example", "OTHER", "corp.other"),
            Gen.OneOf("", "", "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"),
            Gen.OneOf("", "", "SN-1", "SN-2"),
            Gen.OneOf("", "", "33333333-3333-3333-3333-333333333333", "44444444-4444-4444-4444-444444444444"),
            Gen.OneOf("", "Windows", "Windows 11 Pro", "Windows Server 2022", "iOS"),
            Gen.OneOf("", "entra", "hybrid", "domain", "registered"),
            Gen.OneOf("", "2025-01-01", "2025-02-02", "03/04/2025", "03/14/2025"))
            .Select((name, domain, entra, serial, intune, os, join, seen) => $"{name},{domain},{entra},{serial},{intune},{os},{join},{seen}\n");
        const string header = "name,domain,entra device id,serial,intune device id,os,join type,last seen\n";
        Gen.Select(row.Array[1, 8], row.Array[0, 6], Gen.Int[0, 1000]).Sample(
            (first, second, seed) =>
            {
                var straight = TempInventory.ReadAll(header + string.Concat(first), header + string.Concat(second));
                new Random(seed).Shuffle(first);
                new Random(seed).Shuffle(second);
                var shuffled = TempInventory.ReadAll(header + string.Concat(first), header + string.Concat(second));
                Facts(shuffled).ShouldBe(Facts(straight));
            },
            iter: 1500);
    }

    private static string[] Facts(Fleet fleet) =>
        [.. fleet.Devices.Select(device => $"{device with { Origins = [] }} {string.Join(' ', device.Origins.GroupBy(o => o.File).Select(g => $"{g.Key}:{g.Count()}"))}").Order(StringComparer.Ordinal)];

    internal static void Check(Fleet fleet)
    {
        // Every accepted row is in exactly one device, and whatever is wrong can be printed on one line.
        fleet.Devices.Sum(device => device.Origins.Length).ShouldBe(fleet.Sources.Sum(source => source.Accepted));
        fleet.Devices.ShouldAllBe(device => device.Name.Length > 0);
        fleet.Devices.SelectMany(device => device.Origins).ShouldBeUnique();
        fleet.Problems.ShouldAllBe(problem => problem.Where.File != null && !problem.ToString().Any(char.IsControl));
        if (fleet.Devices.IsEmpty)
        {
            fleet.Problems.ShouldNotBeEmpty();
        }
    }
}
