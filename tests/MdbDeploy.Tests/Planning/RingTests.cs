using System.Collections.Immutable;
using CsCheck;
using MdbDeploy.Inventory;
using MdbDeploy.Planning;
using MdbDeploy.Projects;

namespace MdbDeploy.Tests.Planning;

public class RingTests
{
    private static readonly RingSettings[] Typical =
    [
        new() { Name = "pilot", Match = "tags contains 'Pilot'", Max = 10, Line = 4 },
        new() { Name = "early", Percent = 10, Line = 5 },
        new() { Name = "broad", Line = 6 },
    ];

    // Devices of every kind that planning distinguishes, some with the same name in two domains.
    private static readonly Gen<Device> AnyDevice =
        from number in Gen.Int[0, 400]
        from tag in OneOf("", "Pilot", "Finance")
        from ring in OneOf<string?>(null, null, null, "early", "BROAD", "gone")
        from managed in OneOf(Management.None, Management.Intune, Management.ConfigurationManager, Management.OtherMdm)
        from joined in Gen.Enum<JoinType>()
        from state in OneOf(DeviceState.Active, DeviceState.Active, DeviceState.Active, DeviceState.Disabled, DeviceState.Offboard)
        from os in OneOf(OsFamily.WindowsClient, OsFamily.WindowsClient, OsFamily.WindowsServer, OsFamily.MacOS, OsFamily.Unknown)
        from build in OneOf<WindowsBuild?>(new WindowsBuild(22631, 4460), new WindowsBuild(19043, 1), new WindowsBuild(19045, null), null)
        select Sample.Device($"D{number:000}") with
        {
            EntraDeviceId = null,
            Domain = number % 2 == 0 ? "A" : "B",
            Tags = tag.Length == 0 ? [] : [tag],
            RequestedRing = ring,
            ManagedBy = managed,
            Join = joined,
            State = state,
            Os = os,
            Build = build,
        };

    private static readonly Gen<ImmutableArray<Device>> AnyFleet =
        AnyDevice.Array[0, 120].Select(devices => devices.DistinctBy(d => d.Identity).OrderBy(d => d.Name, StringComparer.Ordinal).ThenBy(d => d.Identity, StringComparer.Ordinal).ToImmutableArray());

    [Fact]
    public void A_device_takes_the_first_ring_that_accepts_it()
    {
        var devices = Fleet(200).Select((d, i) => i < 25 ? d with { Tags = ["Pilot"] } : d);
        var plan = Sample.Plan(Sample.WithRings(Typical), devices);
        plan.Rings.Select(r => (r.Name, r.Index)).ShouldBe([("pilot", 0), ("early", 1), ("broad", 2)]);
        plan.Rings[0].Devices.ShouldBe(10);
        plan.Rings[1].Devices.ShouldBeInRange(8, 32);
        plan.Rings.Sum(r => r.Devices).ShouldBe(200);
        plan.Devices.Where(d => d.Ring == "pilot").ShouldAllBe(d => d.Device.Tags.Contains("Pilot") && d.Reasons[2] == "Ring 'pilot': \"tags contains 'Pilot'\" holds, among at most 10.");
        plan.Devices.Where(d => d.Ring == "early").ShouldAllBe(d => d.Reasons[2] == "Ring 'early': chosen, among 10 percent.");
        plan.Devices.Where(d => d.Ring == "broad").ShouldAllBe(d => d.Reasons[2] == "Ring 'broad' takes all that are left.");
        plan.Diagnostics.ShouldBeEmpty();
    }

    [Fact]
    public void The_inventorys_wish_comes_before_match_and_size()
    {
        var devices = Fleet(5).Select((d, i) => d with { RequestedRing = i < 3 ? "PILOT" : null, Tags = ["Pilot"] });
        var plan = Sample.Plan(Sample.WithRings(new RingSettings { Name = "pilot", Match = "tags contains 'none'", Max = 1 }, new RingSettings { Name = "broad" }), devices);
        plan.Devices.Select(d => d.Ring).ShouldBe(["pilot", "pilot", "pilot", "broad", "broad"]);
        plan.Devices[0].Reasons[2].ShouldBe("The inventory asks for ring 'pilot'.");
        plan.Diagnostics.ShouldHaveSingleItem().ToString().ShouldBe("mdbdeploy.yaml: warning MDB0317: The ring 'pilot' is to hold at most 1, and the inventory puts 3 devices there.");
    }

    [Fact]
    public void Wishes_use_up_the_size_of_a_ring()
    {
        var devices = Fleet(6).Select((d, i) => d with { RequestedRing = i == 0 ? "pilot" : null });
        var plan = Sample.Plan(Sample.WithRings(new RingSettings { Name = "pilot", Max = 3 }, new RingSettings { Name = "broad" }), devices);
        plan.Devices[0].Ring.ShouldBe("pilot");
        plan.Rings[0].Devices.ShouldBe(3);
    }

    [Fact]
    public void A_balanced_ring_takes_its_share_of_every_site()
    {
        var sites = new[] { "OSL", "BGO", "sto", "STO" };
        var devices = Fleet(200).Select((d, i) => d with { Site = i < 20 ? null : i < 30 ? sites[0] : i < 80 ? sites[1] : sites[2 + (i % 2)] });
        var plan = Sample.Plan(Sample.WithRings(new RingSettings { Name = "pilot", Max = 21, Balanced = true }, new RingSettings { Name = "early", Percent = 10, Balanced = true }, new RingSettings { Name = "broad" }), devices);
        Counts("pilot").ShouldBe([("", 2), ("BGO", 5), ("OSL", 1), ("STO", 13)]);
        Counts("early").ShouldBe([("", 2), ("BGO", 5), ("OSL", 1), ("STO", 11)]);
        plan.Devices.First(d => d.Ring == "early").Reasons[2].ShouldBe("Ring 'early': chosen, among 10 percent, every site alike.");

        IEnumerable<(string, int)> Counts(string ring) => plan.Devices.Where(d => d.Ring == ring).GroupBy(d => d.Device.Site?.ToUpperInvariant() ?? "").OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => (g.Key, g.Count()));
    }

    [Fact]
    public void The_shares_of_sites_never_exceed_the_size_and_use_it_up() =>
        Gen.Select(Gen.Int[0, 50].Array[1, 12], Gen.Int[0, 100], Gen.Int[0, 300]).Sample((counts, percent, most) =>
        {
            var sites = counts.Select((count, i) => (Name: $"S{i:00}", count)).ToDictionary(s => s.Name, s => s.count);
            var shares = SiteShares.Of(sites, percent, most);
            var wanted = SiteShares.Of(sites, percent, null);
            shares.Values.Sum().ShouldBe(Math.Min(most, wanted.Values.Sum()));
            shares.ShouldAllBe(site => site.Value >= 0 && site.Value <= wanted[site.Key] && wanted[site.Key] <= sites[site.Key]);
        });

    [Fact]
    public void An_unknown_ring_is_told_once_and_the_rules_decide()
    {
        var plan = Sample.Plan(Sample.WithRings(Typical), Fleet(3).Select(d => d with { RequestedRing = "pilott", Tags = ["Pilot"] }));
        plan.Devices.ShouldAllBe(d => d.Ring == "pilot");
        plan.Diagnostics.Select(d => d.ToString()).ShouldBe([
            "inventory.csv(2): warning MDB0304: 3 devices, D000 first, ask for the ring 'pilott', which does not exist. Did you mean 'pilot'?",
            "mdbdeploy.yaml(5): warning MDB0305: The ring 'early' holds no device.",
            "mdbdeploy.yaml(6): warning MDB0305: The ring 'broad' holds no device.",
        ]);
    }

    [Fact]
    public void A_device_that_no_ring_accepts_needs_attention()
    {
        var plan = Sample.Plan(Sample.WithRings(new RingSettings { Name = "pilot", Match = "tags contains 'Pilot'", Line = 4 }), Sample.Intune("A"), Sample.Intune("B") with { Tags = ["Pilot"] });
        (plan.Devices[0].Method, plan.Devices[0].Ring).ShouldBe((Methods.Intune, null));
        plan.Devices[0].Attention.ShouldBe("No ring accepts it, so no push reaches it: add a ring without limits at the end.");
        plan.Devices[0].Reasons[^1].ShouldBe("No ring accepts it.");
        plan.Devices[1].Ring.ShouldBe("pilot");
    }

    [Fact]
    public void Percentages_are_about_right_and_each_is_of_the_rest()
    {
        var plan = Sample.Plan(Sample.WithRings(new RingSettings { Name = "one", Percent = 25 }, new RingSettings { Name = "two", Percent = 25 }, new RingSettings { Name = "rest" }), Fleet(20_000));
        plan.Rings[0].Devices.ShouldBeInRange(4_800, 5_200);
        plan.Rings[1].Devices.ShouldBeInRange(3_550, 3_950); // a quarter of the 15,000 left
        Sample.Plan(Sample.WithRings(new RingSettings { Name = "all", Percent = 100 }), Fleet(500)).Rings[0].Devices.ShouldBe(500);
        Sample.Plan(Sample.WithRings(new RingSettings { Name = "no", Percent = 0 }, new RingSettings { Name = "rest" }), Fleet(500)).Rings[0].Devices.ShouldBe(0);
    }

    [Fact]
    public void Membership_by_percentage_is_the_same_in_every_release()
    {
        // Whoever changes the hash moves devices between the rings of running roll-outs: this list is a promise.
        var plan = Sample.Plan(Sample.WithRings(new RingSettings { Name = "Early", Percent = 10 }, new RingSettings { Name = "rest" }), Fleet(60));
        plan.Devices.Where(d => d.Ring == "Early").Select(d => d.Device.Name).ShouldBe(Promise);
    }

    [Fact]
    public void Adding_a_device_never_changes_the_percentage_ring_of_another() =>
        Gen.Select(AnyFleet, AnyDevice).Sample((fleet, added) =>
        {
            var rings = Sample.WithRings(new RingSettings { Name = "early", Percent = 30 }, new RingSettings { Name = "middle", Percent = 50, Match = "os == 'windows-client'" }, new RingSettings { Name = "broad" });
            var before = RingsOf(Sample.Plan(rings, fleet));
            var after = RingsOf(Sample.Plan(rings, fleet.Where(d => d.Identity != added.Identity).Append(added)));
            foreach (var (identity, planned) in before.Where(pair => pair.Key != added.Identity && pair.Value.Method != Methods.LocalScript))
            {
                // Only the local script looks at how many devices there are.
                if (after[identity].Method == planned.Method)
                {
                    after[identity].Ring.ShouldBe(planned.Ring);
                }
            }
        }, iter: 300);

    [Fact]
    public void Adding_a_device_to_a_ring_of_limited_size_moves_at_most_one_out() =>
        Gen.Int[1, 200].Sample(count =>
        {
            var rings = Sample.WithRings(new RingSettings { Name = "pilot", Max = 7 }, new RingSettings { Name = "broad" });
            var before = RingsOf(Sample.Plan(rings, Fleet(count)));
            var after = RingsOf(Sample.Plan(rings, Fleet(count + 1)));
            before.Count(pair => after[pair.Key].Ring != pair.Value.Ring).ShouldBeLessThanOrEqualTo(1);
        }, iter: 60);

    [Fact]
    public void The_order_of_the_rows_does_not_matter() =>
        Gen.Select(AnyFleet, Gen.Int).Sample((fleet, seed) =>
        {
            var one = RingsOf(Sample.Plan(Sample.WithRings(Typical), fleet));
            var other = RingsOf(Sample.Plan(Sample.WithRings(Typical), fleet.OrderBy(d => HashCode.Combine(seed, d.Name))));
            other.Count.ShouldBe(one.Count);
            foreach (var (identity, planned) in one)
            {
                (other[identity].Method, other[identity].Ring, other[identity].Eligibility, other[identity].Attention).ShouldBe((planned.Method, planned.Ring, planned.Eligibility, planned.Attention));
            }
        }, iter: 200);

    [Fact]
    public void Every_device_is_in_the_plan_once_and_the_numbers_add_up() =>
        AnyFleet.Sample(fleet =>
        {
            var plan = Sample.Plan(Sample.WithRings(Typical), fleet);
            plan.Devices.Select(d => d.Device.Identity).ShouldBe(fleet.Select(d => d.Identity));
            var inRings = plan.Devices.Count(d => d.Ring != null);
            plan.Rings.Sum(r => r.Devices).ShouldBe(inRings);
            (inRings + plan.Devices.Count(d => d.Method == Methods.None)).ShouldBe(fleet.Length);
            plan.Devices.ShouldAllBe(d => d.Reasons.Length > 0 && d.Reasons.All(r => r.EndsWith('.') || r.EndsWith(')')));
            // Unknown is planned and flagged; what does not meet the requirements is never onboarded.
            plan.Devices.Where(d => d.Method != Methods.None).ShouldAllBe(d => d.Eligibility != Eligibility.Ineligible && (d.Eligibility == Eligibility.Unknown) == (d.Attention != null));
        }, iter: 200);

    [Fact]
    public void Planning_twice_gives_the_same_bytes() =>
        AnyFleet.Sample(fleet => Bytes(Sample.Plan(Sample.WithRings(Typical), fleet)).SequenceEqual(Bytes(Sample.Plan(Sample.WithRings(Typical), fleet))), iter: 50);

    // Also computed independently: SHA-256 of "early", LF, identity; the first eight bytes as a fraction below 0.1.
    private static readonly string[] Promise = ["D011", "D013", "D019", "D022", "D038", "D050", "D054", "D056"];

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static IEnumerable<Device> Fleet(int count) => Enumerable.Range(0, count).Select(i => Sample.Intune($"D{i:000}"));

    private static Dictionary<string, PlannedDevice> RingsOf(Plan plan) => plan.Devices.ToDictionary(d => d.Device.Identity);

    private static byte[] Bytes(Plan plan)
    {
        using var stream = new MemoryStream();
        PlanCsv.Write(plan, stream);
        PlanJson.Write(plan, stream);
        return stream.ToArray();
    }
}
