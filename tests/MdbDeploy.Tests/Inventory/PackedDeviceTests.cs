using System.Collections.Immutable;
using System.Text;
using CsCheck;
using MdbDeploy.Inventory;

namespace MdbDeploy.Tests.Inventory;

/// <summary>A fleet holds its devices packed; nobody may notice.</summary>
public class PackedDeviceTests
{
    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.OneOf("PC-1", "pc-1", "ÄÖÜ-1", "5CG1234", "a\0b", "=cmd|' /C calc'!A0", "\ud83d\ude00", "x\r\ny", new string('n', 300)), Gen.String.AlphaNumeric.Where(text => text.Length > 0));

    private static readonly Gen<Guid?> Id = Gen.Guid.Select(Gen.Bool, (id, isKnown) => isKnown && id != Guid.Empty ? id : (Guid?)null);

    private static readonly Gen<DateTimeOffset?> Seen = Gen.Int[0, 40].Select(days => days == 0 ? null : (DateTimeOffset?)new DateTimeOffset(2026, 11, 1, 6, 0, 0, TimeSpan.Zero).AddDays(-days));

    private static readonly Gen<ImmutableArray<Origin>> Origins = Gen.Select(Gen.OneOf("a.csv", "b; \"c\".csv"), Gen.OneOf(Gen.Int[1, 300], Gen.Int[1, int.MaxValue]))
        .Select((file, line) => new Origin(file, line)).Array[0, 5].Select(all => all.ToImmutableArray());

    private static readonly Gen<Device> AnyDevice =
        from names in Gen.Select(Text, Text.Null(), Text.Null(), Text.Null())
        from ids in Gen.Select(Id, Id, Id, Id)
        from host in Gen.OneOf("same", "other", "none")
        from seen in Seen
        from origins in Origins
        select new Device
        {
            Name = names.Item1,
            Fqdn = host switch { "same" => $"{names.Item1.ToLowerInvariant()}.corp.example", "other" => "www.corp.example", _ => null },
            Serial = names.Item2,
            Owner = names.Item3,
            Site = names.Item4,
            EntraDeviceId = ids.Item1,
            IntuneDeviceId = ids.Item2,
            SmsId = ids.Item3,
            AdObjectId = ids.Item4,
            LastSeen = seen,
            Origins = origins,
        };

    private static readonly Gen<Device> AnyRow =
        from name in Gen.Frequency((20, Gen.Const("PC-1")), (3, Gen.Const("pc-1")), (1, Gen.Const("PC-2")))
        from texts in Gen.Select(Gen.OneOf<string?>(null, "SN-1", "SN-2"), Gen.OneOf<string?>(null, "a@x.example"), Gen.OneOf<string?>(null, "pc-1.x.example", "pc-9.y.example"), Gen.OneOf<string?>(null, "OSL"))
        from ids in Gen.Select(Id, Id, Id, Id)
        from seen in Seen
        from kind in Gen.Select(Gen.OneOf(OsFamily.Unknown, OsFamily.WindowsClient, OsFamily.WindowsServer), Gen.OneOf(WindowsEdition.Unknown, WindowsEdition.Enterprise, WindowsEdition.EnterpriseLtsc), Gen.OneOf(JoinType.Unknown, JoinType.Domain, JoinType.Hybrid), Gen.Bool)
        from build in Gen.OneOf<WindowsBuild?>(null, new WindowsBuild(22631, null), new WindowsBuild(22631, 4000), new WindowsBuild(19045, 1))
        select new Device
        {
            Name = name,
            Serial = texts.Item1,
            Owner = texts.Item2,
            Fqdn = texts.Item3,
            Site = texts.Item4,
            EntraDeviceId = ids.Item1,
            IntuneDeviceId = ids.Item2,
            SmsId = ids.Item3,
            AdObjectId = ids.Item4,
            LastSeen = seen,
            Os = kind.Item1,
            Edition = kind.Item2,
            Join = kind.Item3,
            IsGoldenImage = kind.Item4,
            Build = build,
        };

    [Fact]
    public void A_fleet_gives_back_the_devices_it_was_given() =>
        AnyDevice.Array[1, 8].Sample(devices => DeviceTable.Of(devices).Select(Facts).ShouldBe(devices.Select(Facts)), iter: 500);

    [Fact]
    public void The_identity_of_a_packed_device_is_that_of_the_device_unless_it_is_left_to_it()
    {
        var (written, left) = (0, 0);
        Gen.Select(AnyDevice, Gen.OneOf<string?>(null, "CORP", "corp.example", "zürich.example"), Gen.Int[0, 2]).Sample(
            (any, domain, weakened) =>
            {
                var device = any with { Domain = domain, EntraDeviceId = weakened > 0 ? null : any.EntraDeviceId, Serial = weakened > 1 ? null : any.Serial };
                var text = new byte[IdentityText.Usual];
                if (IdentityText.TryWrite(DeviceTable.Of([device]).Rows, 0, text, out var length))
                {
                    Encoding.UTF8.GetString(text, 0, length).ShouldBe(device.Identity);
                    Interlocked.Increment(ref written);
                }
                else
                {
                    (Ascii.IsValid(device.Identity) && device.Identity.Length <= text.Length).ShouldBeFalse();
                    Interlocked.Increment(ref left);
                }
            },
            iter: 2000);
        (written > 100 && left > 10).ShouldBeTrue($"{written} were written and {left} were not, so one way was hardly tried.");
    }

    [Fact]
    public void Numbers_ids_and_texts_come_back_as_they_were_packed() =>
        Gen.Select(Gen.OneOf(Gen.Int[0, 300], Gen.Int[0, int.MaxValue]), Gen.Guid, Gen.Byte.Array[0, 20_000]).Sample((number, id, text) =>
        {
            var bytes = new byte[(2 * PackedWriter.MostNumber) + PackedWriter.Id + text.Length];
            var packed = new PackedWriter(bytes);
            packed.Put(number);
            packed.Put(text);
            packed.Put(id);
            var reader = new PackedReader(bytes);
            reader.Number().ShouldBe(number);
            reader.Text().ToArray().ShouldBe(text);
            new Guid(bytes.AsSpan(packed.Length - PackedWriter.Id, PackedWriter.Id)).ShouldBe(id);
        });

    [Fact]
    public void Rows_are_merged_packed_as_they_are_merged_whole_unless_there_is_something_to_report()
    {
        var (packedOnes, others) = (0, 0);
        Gen.Select(Gen.Select(AnyRow, Gen.Int[0, 4], Gen.Int[0, 7]).Array[2, 5], AnyRow, Gen.Int[0, 3]).Sample(
            (any, one, chance) =>
            {
                // Rows seldom agree in what each of them says about itself by chance.
                var group = chance == 0 ? any : [.. any.Select(row => (Of(row.Item1, one), row.Item2, row.Item3))];
                var rows = new DeviceRows();
                for (var file = 0; file < 5; file++)
                {
                    rows.AddFile($"{file}.csv");
                }

                for (var i = 0; i < group.Length; i++)
                {
                    rows.Add(rows.OwnOf(group[i].Item1), SharedFields.Of(group[i].Item1, rows.Texts) with { Says = (RowSays)group[i].Item3 }, group[i].Item2, i + 2);
                }

                var indices = Enumerable.Range(0, group.Length).ToList();
                indices.Sort(DeviceMerge.Comparison(rows));
                using var problems = new ProblemLog(null);
                var whole = DeviceMerge.Merge([.. indices.Select(rows.Row)], problems);
                if (group.Length <= PackedMerge.MostRows && new PackedMerge(rows).TryMerge(0, [.. Enumerable.Range(0, group.Length)], new RowPacker(rows)))
                {
                    problems.HasAny.ShouldBeFalse();
                    Facts(rows.Device(0)).ShouldBe(Facts(whole));
                    rows.Shared(0).ShouldBe(SharedFields.Of(whole, rows.Texts));
                    Interlocked.Increment(ref packedOnes);
                }
                else
                {
                    (problems.HasAny || group.Length > 4 || group.Select(row => row.Item2).Distinct().Count() < group.Length).ShouldBeTrue();
                    Interlocked.Increment(ref others);
                }
            },
            iter: 3000);
        (packedOnes > 100 && others > 100).ShouldBeTrue($"{packedOnes} were merged packed and {others} were not, so one way was hardly tried.");
    }

    /// <summary>The row with the other's values where it has any of its own.</summary>
    private static Device Of(Device row, Device one) => row with
    {
        Serial = row.Serial is null ? null : one.Serial,
        Owner = row.Owner is null ? null : one.Owner,
        Fqdn = row.Fqdn is null ? null : one.Fqdn,
        EntraDeviceId = row.EntraDeviceId is null ? null : one.EntraDeviceId,
        IntuneDeviceId = row.IntuneDeviceId is null ? null : one.IntuneDeviceId,
        SmsId = row.SmsId is null ? null : one.SmsId,
        AdObjectId = row.AdObjectId is null ? null : one.AdObjectId,
    };

    private static string Facts(Device device) => $"{device with { Origins = [], Tags = [] }} {string.Join(' ', device.Tags)} {string.Join(' ', device.Origins)}";
}
