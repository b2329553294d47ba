using System.Collections.Immutable;
using System.Text;
using MdbDeploy.Diagnostics;
using MdbDeploy.Inventory;
using MdbDeploy.Planning;
using MdbDeploy.Targets;
using MdbDeploy.Targets.Status;
using Microsoft.Data.Sqlite;

namespace MdbDeploy.Tests.Targets.Status;

public sealed class StatusHistoryTests : IDisposable
{
    private static readonly DateTimeOffset Monday = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);

    private readonly string folder = Directory.CreateTempSubdirectory("mdb-history-").FullName;

    [Fact]
    public void What_was_recorded_is_read_back_by_ring_and_condition()
    {
        Record(Monday, Status("A", DeviceCondition.Onboarded), Status("B", DeviceCondition.Waiting), Status("C", DeviceCondition.Waiting, ring: null));
        Record(Monday.AddDays(1), Status("A", DeviceCondition.Onboarded), Status("B", DeviceCondition.Onboarded), Status("C", DeviceCondition.Waiting, ring: null));
        using var history = StatusHistory.Open(folder);
        var runs = history.Runs(10);
        runs.Select(r => r.Time).ShouldBe([Monday, Monday.AddDays(1)]);
        runs.Select(r => r.Of("pilot")).ShouldBe([(1, 2), (2, 2)]);
        runs[0].Of(null).ShouldBe((0, 1));
        history.Runs(1).ShouldHaveSingleItem().Time.ShouldBe(Monday.AddDays(1));
    }

    [Fact]
    public void A_device_keeps_its_date_while_its_condition_stays_and_gets_a_new_one_when_it_changes()
    {
        Record(Monday, Status("A", DeviceCondition.Waiting), Status("B", DeviceCondition.Waiting));
        Record(Monday.AddHours(1), Status("A", DeviceCondition.Waiting), Status("B", DeviceCondition.Failed));
        Record(Monday.AddHours(2), Status("A", DeviceCondition.Waiting), Status("B", DeviceCondition.Failed));
        using var history = StatusHistory.Open(folder);
        history.Since().ShouldBe(new Dictionary<string, ConditionSince> { ["a"] = new(DeviceCondition.Waiting, Monday), ["b"] = new(DeviceCondition.Failed, Monday.AddHours(1)) }, ignoreOrder: true);
    }

    [Fact]
    public void A_device_that_was_onboarded_meanwhile_begins_to_wait_anew()
    {
        Record(Monday, Status("A", DeviceCondition.Waiting));
        Record(Monday.AddHours(1), Status("A", DeviceCondition.Onboarded));
        Record(Monday.AddHours(2), Status("A", DeviceCondition.Waiting));
        using var history = StatusHistory.Open(folder);
        history.Since()["a"].Since.ShouldBe(Monday.AddHours(2));
    }

    [Fact]
    public void Runs_of_more_than_400_days_ago_are_dropped_with_their_numbers()
    {
        Record(Monday.AddDays(-401), Status("A", DeviceCondition.Waiting));
        Record(Monday, Status("A", DeviceCondition.Waiting));
        using (var history = StatusHistory.Open(folder))
        {
            history.Runs(10).ShouldHaveSingleItem().Time.ShouldBe(Monday);
        }

        using var raw = new SqliteConnection($"Data Source={File};Pooling=False");
        raw.Open();
        using var count = raw.CreateCommand();
        count.CommandText = "SELECT count(*) FROM tally";
        count.ExecuteScalar().ShouldBe(1L);
    }

    [Fact]
    public void A_run_that_did_not_end_leaves_nothing()
    {
        Record(Monday, Status("A", DeviceCondition.Waiting));
        using (var raw = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            raw.Open();
            // What a killed process leaves: a transaction that nobody commits.
            using var transaction = raw.BeginTransaction();
            using var command = raw.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = "DELETE FROM since; INSERT INTO run(time) VALUES (0)";
            command.ExecuteNonQuery();
        }

        using var history = StatusHistory.Open(folder);
        history.Runs(10).Length.ShouldBe(1);
        history.Since().Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("this is no database, and longer than a header of one would be, so that it cannot be taken for an empty one")]
    public void A_file_that_is_no_database_is_told_and_left_alone(string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        System.IO.File.WriteAllText(File, content);
        Should.Throw<TargetException>(() => StatusHistory.Open(folder)).Diagnostic.Problem.ShouldBe(Problems.HistoryUnusable);
        System.IO.File.ReadAllText(File).ShouldBe(content);
    }

    [Fact]
    public void A_history_of_a_newer_program_is_left_alone()
    {
        Record(Monday, Status("A", DeviceCondition.Waiting));
        using (var raw = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            raw.Open();
            using var command = raw.CreateCommand();
            command.CommandText = "PRAGMA user_version = 99";
            command.ExecuteNonQuery();
        }

        Should.Throw<TargetException>(() => StatusHistory.Open(folder)).Diagnostic.Message.ShouldContain("version 99");
    }

    [Fact]
    public void Results_of_scripts_are_read_and_lines_without_sense_are_told_by_number()
    {
        var read = ScriptResult.Read(Encoding.UTF8.GetBytes("\uFEFF\"Name\",\"Batch\",\"Action\",\"Time\",\"ExitCode\",\"Result\",\"Meaning\",\"OnboardingState\",\"OrgId\"\r\n\"'=PC\",\"1\",\"onboard\",\"2026-11-23T08:00:00Z\",\"15\",\"Failed\",\"No service.\",\"0\",\"0B0B0B0B-1111-4222-8333-444444444444\"\r\n\"X\",\"1\",\"onboard\",\"when\",\"15\",\"Failed\",\"\",\"\",\"\"\r\n\"Y\",\"1\",\"offboard\",\"2026-11-23T08:00:00Z\",\"0\",\"Succeeded\",\"\",\"\",\"\"\r\n"), "results/a.csv");
        read.Value.ShouldBe([new ScriptResult("=PC", Monday.AddHours(-1), 15, false, "No service.") { IsOnboarded = false, OrganizationId = new("0b0b0b0b-1111-4222-8333-444444444444") }]);
        read.Diagnostics.ShouldHaveSingleItem().Where.Line.ShouldBe(3);
        ScriptResult.Read("a,b\n1,2\n"u8.ToArray(), "x.csv").Diagnostics.ShouldHaveSingleItem().Problem.ShouldBe(Problems.ResultsFileInvalid);
        ScriptResult.Read([0xFF, 0xFE, 0, 0, 34], "x.csv").Diagnostics.ShouldNotBeEmpty();
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string File => Path.Combine(folder, ".mdbdeploy", StatusHistory.FileName);

    private void Record(DateTimeOffset time, params ImmutableArray<DeviceStatus> status)
    {
        using var history = StatusHistory.Open(folder);
        history.Record(time, status);
    }

    private static DeviceStatus Status(string name, DeviceCondition condition, string? ring = "pilot") =>
        new(new PlannedDevice { Device = new Device { Name = name }, Eligibility = Eligibility.Eligible, Method = Methods.Intune, Ring = ring, Reasons = ["."] }, OnboardingState.Waiting, ".", null) { Condition = condition };
}
