using System.Collections.Immutable;
using System.Text;
using CsCheck;
using MdbDeploy.Inventory;

namespace MdbDeploy.Tests.Inventory;

/// <summary>Whatever an inventory says is in a device, or has a line in problems.csv.</summary>
public class NothingIsDroppedTests
{
    // Words for "nothing": what they say is that there is no value.
    private static readonly string[] Silence =
    [
        "", " ", "-", "N/A", "#N/A", "null", "<not set>", "(null)",
    ];

    private static readonly string[] Texts =
    [
        .. Silence, "x", "?", "0", "1", "-1", "10%", "true", "Wahr", "yes", "#NULL", "PC-9", "CORP\\PC-9", "PC-9$", "pc-9.corp.example", "a.b", ".", "..", "$", "\\", "a\\", "/", "CN=PC-9,OU=a,DC=corp,DC=example",
        "CN=", "OU=a", "corp.example/a/PC-9", "/a", "corp.example/", "nowhere", "Windows 11 Pro", "Windows", "iOS", "macOS 15", "PalmOS", "11/12/2025", "30/11/2025", "31/02/2025", "2025-11-20", "20.11.25",
        "0001-01-01", "9999-12-31", "1970-01-01", "45982.5", "yesterday", "1", "2025", "11111111-1111-1111-1111-111111111111", "{11111111-1111-1111-1111-111111111111}", "11111111-1111", "GUID:11111111-1111-1111-1111-111111111111", "guid:11111111", "00000000-0000-0000-0000-000000000000",
        "SN1234", "1E5", "5E10", "0000", "Default string", "System.String[]", "System.Object[]", "anna@contoso.example", "CORP\\anna", "a@x;b@x", "entra", "hybrid", "Sideways", "WORKGROUP", "CORP", "10.0.22631.4460",
        "10.0 (19045)", "22631", "22631.x", "10.0", "6.1", "17.5.1", "Pro", "Home", "Ultimate", "client", "dc", "Intune", "Jamf", "intune;configmgr", "active", "offboard", "lost", "golden", "random", "\"a\nb\"", "a;b|c", "[]", ";",
        "=cmd|' /C calc'!A0", "\u202e", "\u0001",
    ];

    // What says no more of a field than that there is nothing, or what every device is unless a source says otherwise.
    private static readonly Dictionary<DeviceField, string[]> SilenceOf = new()
    {
        [DeviceField.Domain] = ["WORKGROUP"],
        [DeviceField.EntraDeviceId] = ["00000000-0000-0000-0000-000000000000"],
        [DeviceField.IntuneDeviceId] = ["00000000-0000-0000-0000-000000000000"],
        [DeviceField.SmsId] = ["00000000-0000-0000-0000-000000000000"],
        [DeviceField.AdObjectId] = ["00000000-0000-0000-0000-000000000000"],
        [DeviceField.Tags] = ["[]", ";"],
        [DeviceField.GoldenImage] = ["0"],
        [DeviceField.LastSeen] = ["0", "0001-01-01", "9999-12-31", "1970-01-01"],
        [DeviceField.State] = ["1", "true", "Wahr", "yes", "active"],
    };

    // The name is what makes a row a device: SampleTests and FileTests.
    public static TheoryData<DeviceField> Fields => [.. Enum.GetValues<DeviceField>().Where(any => any != DeviceField.Name)];

    [Theory]
    [MemberData(nameof(Fields))]
    public void A_value_of_any_field_is_in_the_device_or_in_the_list_of_problems(DeviceField field)
    {
        var profile = Profile(field);
        var (nothing, _) = Read(profile, "named,value\nPC-1,\n");
        var silent = new List<string>();
        foreach (var text in Texts.Distinct().Except(Silence))
        {
            var (fleet, lines) = Read(profile, $"named,value\nPC-1,{(text.Contains('"', StringComparison.Ordinal) ? text : $"\"{text}\"")}\n");
            var changed = Facts(fleet) != Facts(nothing);
            if (!changed && !lines.Any(line => line.StartsWith("a.csv,", StringComparison.Ordinal)))
            {
                silent.Add(text);
            }
        }

        silent.ShouldBe(SilenceOf.GetValueOrDefault(field, []));
    }

    [Fact]
    public void Every_row_is_in_a_device_or_has_a_line_and_every_row_that_was_merged_has_one() =>
        Gen.Select(Gen.OneOf("", "PC-1", "pc-1", "PC-2", "CORP\\PC-1", "Total", "-----", "#N/A", "(3 rows affected)"), Gen.OneOf("", "", "x", "Windows 11 Pro", "7"), Gen.OneOf("", "", "SN-1", "SN-2"))
            .Select((name, os, serial) => $"{name},{os},{serial}\n").Array[0, 12].Sample(rows =>
            {
                using var list = new MemoryStream();
                var fleet = TempInventory.Read("name,os,serial\n" + string.Concat(rows), new InventoryOptions { ProblemsCsv = list });
                var lines = Lines(list);
                var blank = rows.Count(row => row == ",,\n");
                var source = fleet.Sources.ShouldHaveSingleItem();
                source.Rows.ShouldBe(rows.Length - blank);
                (source.Rows - source.Accepted).ShouldBe(lines.Count(line => line.Contains("MDB0220", StringComparison.Ordinal) || line.Contains("MDB0221", StringComparison.Ordinal) || line.Contains("(it starts with", StringComparison.Ordinal)));
                fleet.Devices.Sum(device => device.Origins.Length - 1).ShouldBe(lines.Count(line => line.Contains("MDB0237", StringComparison.Ordinal)));
                lines.Any(line => line.Contains("blank", StringComparison.Ordinal)).ShouldBe(blank > 0);
            });

    /// <summary>A profile with a column for the name and one for the field.</summary>
    private static ImportProfile Profile(DeviceField field) => new()
    {
        Id = "two",
        Title = "Two columns",
        Required = [["named"]],
        Ignored = [],
        Columns = [new(DeviceField.Name, ["named"], []), new(field, ["value"], [])],
        Constants = ImmutableSortedDictionary<DeviceField, string>.Empty,
    };

    private static string Facts(Fleet fleet) => string.Join('\n', fleet.Devices.Select(device => $"{device with { Origins = [] }} {string.Join('/', device.Tags)}"));

    private static (Fleet Fleet, string[] Lines) Read(ImportProfile profile, string text)
    {
        using var list = new MemoryStream();
        var fleet = TempInventory.Read(text, new InventoryOptions { ProblemsCsv = list, Profiles = [profile] });
        return (fleet, Lines(list));
    }

    private static string[] Lines(MemoryStream list) => Encoding.UTF8.GetString(list.ToArray()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
}
