using System.Text;
using CsCheck;
using MdbDeploy.Inventory;

namespace MdbDeploy.Tests.Inventory;

/// <summary>What merging on all processors is made of.</summary>
public sealed class MergePartsTests
{
    [Fact]
    public void Numbers_split_by_their_highest_byte_stay_in_their_order_and_none_but_zeros_are_lost() =>
        Gen.OneOf(Gen.Const(0UL), Gen.ULong, Gen.ULong[0, 1000]).Array[0, 40_000].Sample(
            numbers =>
            {
                var parts = HashParts.Split(numbers);
                parts.SelectMany(part => part).ShouldBe(numbers.Where(number => number != 0).OrderBy(number => number >> 56));
                parts.ShouldAllBe(part => part.Count > 0 && part.All(number => number >> 56 == part[0] >> 56));
            },
            iter: 50);

    [Fact]
    public void Numbers_are_sorted_by_some_of_their_bytes_and_stay_in_their_order_else() =>
        Gen.Select(Gen.OneOf(Gen.ULong, Gen.ULong[0, 70_000]).Array[0, 2000], Gen.Int[0, 4], Gen.Int[1, 4]).Sample(
            (numbers, lowest, bytes) =>
            {
                var mask = ((1UL << (8 * bytes)) - 1) << (8 * lowest);
                var sorted = numbers.ToArray();
                RadixSort.SortByBytes(sorted, lowest, bytes);
                sorted.ShouldBe(numbers.OrderBy(number => number & mask));
            },
            iter: 300);

    [Fact]
    public void An_id_is_written_as_the_framework_writes_it() =>
        Gen.Guid.Sample(id =>
        {
            var text = new byte[IdText.Length];
            IdText.Write(id, text);
            Encoding.UTF8.GetString(text).ShouldBe(id.ToString());
        });

    [Fact]
    public void Classes_come_in_the_order_of_their_first_rows() =>
        Gen.Int[-1, 40].Array[0, 40_000].Sample(
            classes =>
            {
                var rows = new DeviceRows();
                rows.Add(new PackedRow[classes.Length]);
                RowClasses.InOrder(rows, 41, row => classes[row]).ShouldBe(classes.Where(number => number >= 0).Distinct());
            },
            iter: 50);

    [Fact]
    public void Sixty_thousand_rows_of_three_files_become_the_devices_they_describe()
    {
        // Every device is in two or three files: by id in the first two, by name in the third.
        const int devices = 24_000;
        var fleet = TempInventory.ReadBytes(
        [
            File("name,entra_device_id,owner_upn", i => i % 2 == 0 ? $"PC-{i},{Id(i)},u{i}@x.example" : null),
            File("name,entra_device_id,serial", i => i % 2 == 0 || i % 3 == 0 ? $"PC-{i},{Id(i)},SN{i:D6}" : null),
            File("name,domain,site", i => $"pc-{i},CORP,S{i % 9}"),
        ]);
        fleet.Devices.Length.ShouldBe(devices);
        fleet.Problems.ShouldBeEmpty();
        foreach (var device in fleet.Devices)
        {
            var i = int.Parse(device.Name[3..], System.Globalization.CultureInfo.InvariantCulture);
            (device.EntraDeviceId, device.Serial, device.Owner, device.Site, device.Origins.Length).ShouldBe((
                i % 2 == 0 || i % 3 == 0 ? Id(i) : null,
                i % 2 == 0 || i % 3 == 0 ? $"SN{i:D6}" : null,
                i % 2 == 0 ? $"u{i}@x.example" : null,
                $"S{i % 9}",
                i % 2 == 0 ? 3 : i % 3 == 0 ? 2 : 1));
        }

        static Guid? Id(int i) => new Guid(i + 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);

        static byte[] File(string header, Func<int, string?> line) =>
            Encoding.UTF8.GetBytes(string.Join("\r\n", Enumerable.Range(0, devices).Select(i => line(i * 7 % devices)).OfType<string>().Prepend(header)));
    }
}
