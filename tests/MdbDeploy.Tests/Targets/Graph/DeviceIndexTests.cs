using CsCheck;
using MdbDeploy.Targets.Graph;

namespace MdbDeploy.Tests.Targets.Graph;

public sealed class DeviceIndexTests
{
    private static readonly DateTimeOffset Monday = new(2026, 11, 2, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public void An_entra_id_that_is_gone_does_not_fall_back_to_a_device_of_the_same_name()
    {
        var index = new DeviceIndex();
        index.Add(Directory(1, "LT-1"));

        index.Find(new WantedDevice("LT-1", Id(2), null, null)).ShouldBe(default);
        index.Find(new WantedDevice("lt-1", null, null, null)).Device.ShouldBe(Directory(1, "LT-1"));
    }

    [Fact]
    public void An_entra_id_that_is_gone_falls_back_to_the_same_hardware()
    {
        var index = new DeviceIndex();
        index.Add(Directory(1, "LT-1"));
        index.Add(Managed("a", 1, "LT-1", "SN-1", Monday));

        index.Find(new WantedDevice("LT-1", Id(2), null, "sn-1")).Device!.DeviceId.ShouldBe(Id(1));
        index.Find(new WantedDevice("LT-1", Id(2), "A", null)).Device!.DeviceId.ShouldBe(Id(1));
    }

    [Fact]
    public void Of_enrolments_of_one_machine_the_last_that_checked_in_counts_and_a_tie_is_ambiguous()
    {
        var index = new DeviceIndex();
        index.Add(Directory(1, "LT-1"));
        index.Add(Directory(2, "LT-1"));
        index.Add(Managed("a", 1, "LT-1", "SN-1", Monday.AddDays(1)));
        index.Add(Managed("b", 2, "LT-1", "SN-1", Monday));
        index.Find(new WantedDevice("LT-1", null, null, "SN-1")).Device!.DeviceId.ShouldBe(Id(1));

        index.Add(Directory(3, "LT-1"));
        index.Add(Managed("c", 3, "LT-1", "SN-1", Monday.AddDays(1)));
        index.Find(new WantedDevice("LT-1", null, null, "SN-1")).ShouldBe(new DeviceMatch(null, 3));
    }

    [Fact]
    public void A_managed_device_that_is_not_registered_is_found_by_its_name_if_at_all()
    {
        var index = new DeviceIndex();
        index.Add(Managed("a", null, "LT-1", "SN-1", Monday));
        index.Find(new WantedDevice("LT-1", null, "a", "SN-1")).ShouldBe(default);
    }

    [Fact]
    public void Whatever_is_found_is_in_the_directory_and_never_a_guess_between_two() =>
        Gen.Select(
            Gen.Select(Gen.Int[1, 6], Gen.Int[1, 3]).Array[0, 6],
            Gen.Select(Gen.Int[1, 6], Gen.Int[1, 3], Gen.Int[1, 3], Gen.Int[0, 2]).Array[0, 6],
            Gen.Int[0, 7], Gen.Int[0, 4], Gen.Int[0, 4]).Sample((directory, managed, entra, serial, name) =>
        {
            var index = new DeviceIndex();
            foreach (var (id, called) in directory)
            {
                index.Add(Directory(id, $"LT-{called}"));
            }

            foreach (var (i, (id, called, number, day)) in managed.Index())
            {
                index.Add(Managed($"{i}", id, $"LT-{called}", $"SN-{number}", Monday.AddDays(day)));
            }

            var match = index.Find(new WantedDevice($"LT-{name}", entra == 0 ? null : Id(entra), null, serial == 0 ? null : $"SN-{serial}"));

            if (match.Device is { } device)
            {
                match.Count.ShouldBe(1);
                directory.Select(d => Id(d.Item1)).ShouldContain(device.DeviceId);
                if (entra != 0 && directory.Any(d => d.Item1 == entra))
                {
                    device.DeviceId.ShouldBe(Id(entra));
                }
            }
        });

    private static DirectoryDevice Directory(int id, string name) => new(Id(id), $"object-{id}", name);

    private static ManagedDevice Managed(string id, int? entra, string name, string serial, DateTimeOffset sync) => new(id, entra is { } e ? Id(e) : null, name, serial, sync);

    private static Guid Id(int number) => new(number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}
