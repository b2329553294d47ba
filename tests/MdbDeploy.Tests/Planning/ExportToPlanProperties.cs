using System.Text;
using CsCheck;
using MdbDeploy.Inventory;
using MdbDeploy.Planning;
using MdbDeploy.Projects;
using MdbDeploy.Tests.Inventory;

namespace MdbDeploy.Tests.Planning;

/// <summary>What holds from the text of an export to its plan.</summary>
public class ExportToPlanProperties
{
    private const string Header = "name,entra device id,os,edition,build,join type,managed by,site,last seen\n";

    private static readonly DeploymentProject Project = Sample.WithRings(
        new RingSettings { Name = "early", Percent = 30, Balanced = false },
        new RingSettings { Name = "middle", Percent = 50, Match = "site == 'OSL'" },
        new RingSettings { Name = "broad" });

    private static readonly Gen<(int Number, string Row)> AnyRow =
        Gen.Select(
            Gen.Int[0, 400],
            Gen.OneOf("Windows 11", "Windows 10", "Windows Server 2022", "iOS", ""),
            Gen.OneOf("Pro", "Enterprise", "Home", ""),
            Gen.OneOf("10.0.22631.4460", "19045", "17763.1", ""),
            Gen.OneOf("entra", "hybrid", "ad", ""),
            Gen.OneOf("Intune", "SCCM", "MDE", ""),
            Gen.OneOf("OSL", "BGO", ""),
            Gen.OneOf("2026-11-20", "2024-01-01", ""))
        .Select((number, os, edition, build, join, managers, site, seen) => (number, $"PC-{number:D4},{StableGuid.Of("row", $"{number}"):D},{os},{edition},{build},{join},{managers},{site},{seen}\n"));

    [Fact]
    public void A_row_more_changes_the_ring_and_the_method_of_no_other_device() =>
        Gen.Select(AnyRow.Array[0, 40], AnyRow, Gen.Int[0, 40]).Sample((rows, added, at) =>
        {
            var fleet = rows.DistinctBy(row => row.Number).Where(row => row.Number != added.Number).Select(row => row.Row).ToList();
            var before = Plan(fleet).Devices.ToDictionary(d => d.Device.Name, d => (d.Ring, d.Method, d.Eligibility));
            fleet.Insert(Math.Min(at, fleet.Count), added.Row);
            var after = Plan(fleet).Devices.ToDictionary(d => d.Device.Name, d => (d.Ring, d.Method, d.Eligibility));
            after.Count.ShouldBe(before.Count + 1);
            foreach (var (name, planned) in before)
            {
                after[name].ShouldBe(planned);
            }
        }, iter: 300);

    [Fact]
    public void The_same_export_gives_the_same_bytes_and_every_device_one_outcome() =>
        AnyRow.Array[0, 30].Sample(rows =>
        {
            var text = rows.Select(row => row.Row).ToList();
            var (fleet, plan) = (Read(text), Plan(text));
            Bytes(plan).ShouldBe(Bytes(Plan(text)));
            plan.Devices.Length.ShouldBe(fleet.Devices.Length);
            plan.Devices.Tally().Sum(t => t.Devices).ShouldBe(fleet.Devices.Length);
            plan.Devices.Sum(d => d.Device.Origins.Length).ShouldBe(rows.Length);
        }, iter: 100);

    private static Fleet Read(IEnumerable<string> rows) => TempInventory.Read(Header + string.Concat(rows));

    private static Plan Plan(IEnumerable<string> rows)
    {
        var outcome = Planner.Plan(Read(rows), Project, Requirements.BuiltIn, Sample.Channels, null, Sample.AsOf);
        return outcome.Value.ShouldNotBeNull(string.Join('\n', outcome.Diagnostics));
    }

    private static string Bytes(Plan plan)
    {
        using var stream = new MemoryStream();
        PlanCsv.Write(plan, stream);
        PlanJson.Write(plan, stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
