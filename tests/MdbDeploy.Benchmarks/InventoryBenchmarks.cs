using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using CsvHelper;
using MdbDeploy.Inventory;
using MdbDeploy.Planning;
using MdbDeploy.Projects;

namespace MdbDeploy.Benchmarks;

/// <summary>Reading and planning against the floor: CsvHelper walking every field of the same file as spans.</summary>
[MemoryDiagnoser]
public class InventoryBenchmarks
{
    private readonly string file = Path.Combine(Path.GetTempPath(), "mdbdeploy-benchmark.csv");
    private Fleet fleet = new([], [], []);

    /// <summary>Devices in the export.</summary>
    [Params(1_000, 100_000)]
    public int Devices { get; set; }

    /// <summary>Writes the export.</summary>
    [GlobalSetup]
    public void Write()
    {
        var text = new StringBuilder("name,fqdn,domain,os,os_edition,os_build,join_type,entra_device_id,serial,ou,site,tags,owner_upn,last_seen\n");
        for (var i = 0; i < Devices; i++)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"PC-{i:D7},pc-{i:D7}.corp.contoso.example,CORP,Windows 11,Pro,10.0.22631.{4000 + (i % 900)},hybrid,{StableGuid.Of("benchmark", $"{i}"):D},SN{i:D8},\"OU=Workstations,OU=S{i % 40},DC=corp,DC=contoso,DC=example\",S{i % 40},{(i % 50 == 0 ? "Pilot" : "")},user{i % 5000}@contoso.example,2026-11-20T06:00:00Z\n");
        }

        File.WriteAllText(file, text.ToString());
        fleet = Read();
    }

    /// <summary>Deletes the export.</summary>
    [GlobalCleanup]
    public void Delete() => File.Delete(file);

    /// <summary>The floor.</summary>
    [Benchmark(Baseline = true)]
    public long WalkSpans() => Walk(file);

    /// <summary>Walks every field of a file as a span and returns their length in all.</summary>
    public static long Walk(string file)
    {
        var length = 0L;
        using var reader = CsvReader.FromFile(file);
        while (reader.Read())
        {
            for (var i = 0; i < reader.FieldCount; i++)
            {
                length += reader.GetSpan(i).Length;
            }
        }

        return length;
    }

    /// <summary>Prints how long each step takes for a file, and what is resident after it.</summary>
    public static void Phases(string path)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var read = InventoryReader.Read([new InventoryFile("benchmark.csv", path)], new InventoryOptions(), null, CancellationToken.None);
        Tell("read");
        var plan = Planner.Plan(read, Project, Requirements.BuiltIn, new HashSet<string>(), null, new DateTimeOffset(2026, 11, 23, 0, 0, 0, TimeSpan.Zero)).Value!;
        Tell("plan");
        PlanCsv.Write(plan, Stream.Null);
        Tell("plan.csv");

        void Tell(string what)
        {
            Console.WriteLine($"{what}: {clock.ElapsedMilliseconds} ms, {Environment.WorkingSet >> 20} MB");
            clock.Restart();
        }
    }

    /// <summary>Reading, normalising and merging.</summary>
    [Benchmark]
    public Fleet Read() => InventoryReader.Read([new InventoryFile("benchmark.csv", file)], new InventoryOptions(), null, CancellationToken.None);

    /// <summary>Planning what was read.</summary>
    [Benchmark]
    public Plan? Plan() => Planner.Plan(fleet, Project, Requirements.BuiltIn, new HashSet<string>(), null, new DateTimeOffset(2026, 11, 23, 0, 0, 0, TimeSpan.Zero)).Value;

    private static DeploymentProject Project { get; } = new()
    {
        Folder = "",
        Organization = "Benchmark",
        Id = "benchmark",
        Inventory = ["benchmark.csv"],
        Rings = [new RingSettings { Name = "pilot", Match = "tags contains 'Pilot'", Max = 100 }, new RingSettings { Name = "early", Percent = 10 }, new RingSettings { Name = "broad" }],
    };
}
