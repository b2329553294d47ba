using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Lab;
using MdbDeploy.Targets;
using MdbDeploy.Targets.Graph;
using MdbDeploy.Targets.Http;

namespace MdbDeploy.Benchmarks;

/// <summary>
/// A push of many devices into three ring groups of the lab: memberships per second, against a bare HttpClient that sends the same batches in the same run; requests against
/// the least possible; a second push; and the same under limits, against the time that the limits leave at best. Numbers of one run are compared with each other only: lab and
/// client share the machine.
/// </summary>
internal static class GraphPush
{
    private const string Project = "bench";
    private const int Rounds = 20;
    private static readonly string[] Rings = ["pilot", "early", "broad"];

    /// <summary>Measures and prints.</summary>
    /// <param name="devices">How many devices.</param>
    public static async Task RunAsync(int devices)
    {
        LabDevice[] computers = [.. Enumerable.Range(0, devices).Select(n => new LabDevice { Name = $"PC-{n:00000}", EntraDeviceId = Id(n), InEntra = true, InIntune = true })];
        var desired = Desired(devices);
        // In turns, and the first half without counting: the runtime compiles client and lab in steps.
        var (bares, pushes) = (new List<TimeSpan>(), new List<TimeSpan>());
        for (var round = 0; round < Rounds; round++)
        {
            bares.Add(await BareAsync(computers));
            pushes.Add((await PushAsync(computers, desired, null, quiet: round < Rounds - 1)).Took);
        }

        Line($"rounds, ms: bare {string.Join(' ', bares.Select(t => (int)t.TotalMilliseconds))}; push {string.Join(' ', pushes.Select(t => (int)t.TotalMilliseconds))}");
        var (bare, pushed) = (Median(bares), Median(pushes));
        Line($"bare HttpClient, the same batches: {devices / bare.TotalSeconds:0} memberships/s ({bare.TotalSeconds:0.00} s)");
        Line($"carrying out: {devices / pushed.TotalSeconds:0} memberships/s ({pushed.TotalSeconds:0.00} s), {bare / pushed:P0} of the bare client");

        // The documented rates (3,000 writes per 150 s), in smaller windows, so that a run passes several of them.
        var limits = new LabLimits { DirectoryWrites = 200, DirectoryWindow = TimeSpan.FromSeconds(10) };
        var writes = Rings.Length + Batches(devices).Sum(b => b.Count);
        var least = limits.DirectoryWindow * ((writes - 1) / limits.DirectoryWrites);
        var (limited, refused) = await PushAsync(computers, desired, limits, quiet: true);
        Line($"push under {limits.DirectoryWrites} writes per {limits.DirectoryWindow.TotalSeconds:0} s: {limited.TotalSeconds:0.0} s for {writes} writes, at best {least.TotalSeconds:0.0} s ({limited / least:P0}); {refused} refused with 429");
    }

    private static TimeSpan Median(List<TimeSpan> rounds) => rounds.Skip(Rounds / 2).Order().ElementAt(Rounds / 4);

    private static async Task<(TimeSpan Took, int Refused)> PushAsync(LabDevice[] computers, DesiredState desired, LabLimits? limits, bool quiet)
    {
        var folder = Directory.CreateTempSubdirectory("mdbdeploy-bench-");
        await using var lab = await LabServer.StartAsync(new LabOptions { Devices = computers, Habits = new() { Limits = limits, GroupDelay = TimeSpan.Zero } }, default);
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "ca.pem"), lab.AuthorityPem);
        var signIn = new SignInSettings { Method = "client-secret", TenantId = lab.TenantId, ClientId = lab.ClientId, Authority = lab.BaseAddress, CaFile = Path.Combine(folder.FullName, "ca.pem") };
        SignIn.Create(signIn, name => name == "MDBDEPLOY_CLIENT_SECRET" ? lab.ClientSecret : null, _ => { }).Succeeded(out var credential);
        using var connection = new GraphConnection(new GraphSettings { SignIn = signIn, Endpoint = lab.BaseAddress, DefenderApi = lab.BaseAddress }, credential!, TimeProvider.System);
        var directory = limits is null ? null : new RequestBudget(limits.DirectoryWrites, limits.DirectoryWindow, TimeProvider.System);
        var target = new GraphTarget(connection.Graph, TimeProvider.System, new GraphOptions { DirectoryWrites = directory });
        var reconciler = new Reconciler(target, folder.FullName, TimeProvider.System);

        var watch = Stopwatch.StartNew();
        var plan = await reconciler.PlanAsync(desired, new(), default);
        var planned = watch.Elapsed;
        Settle();
        watch.Restart();
        var result = await reconciler.ApplyAsync(plan, null, default);
        var took = watch.Elapsed;
        if (!result.IsComplete || lab.State.Groups.Sum(g => g.Members.Count) != computers.Length)
        {
            throw new InvalidOperationException("The push is not complete: " + string.Join("; ", result.Diagnostics));
        }

        var refused = lab.Requests.Entries.Count(e => e.Status == 429);
        if (!quiet)
        {
            Line($"reading and comparing: {planned.TotalSeconds:0.00} s");
            var sent = Requests(lab);
            var least = Pages(computers.Length) + Rings.Length + Batches(computers.Length).Count() + 1;
            Line($"requests: {sent}, at least {least} ({Pages(computers.Length)} pages of devices, a list of groups, {Rings.Length} groups, {Batches(computers.Length).Count()} batches): {(double)sent / least:0.00}x");
            await Task.Delay(500);
            lab.Requests.Clear();
            watch.Restart();
            await reconciler.ApplyAsync(await reconciler.PlanAsync(desired, new(), default), null, default);
            var perGroup = Rings.Select((_, ring) => Pages(Share(computers.Length, ring))).Sum();
            Line($"second push: {lab.Requests.Writes.Count} writes, {Requests(lab)} reads, of them {perGroup} pages of members ({watch.Elapsed.TotalSeconds:0.00} s)");
        }

        folder.Delete(recursive: true);
        return (took, refused);
    }

    /// <summary>The least that a client can do: three groups, then batches as bytes made beforehand, nothing looked at but the status.</summary>
    private static async Task<TimeSpan> BareAsync(LabDevice[] computers)
    {
        await using var lab = await LabServer.StartAsync(new LabOptions { Devices = computers, Habits = new() { Limits = null, GroupDelay = TimeSpan.Zero } }, default);
        using var client = lab.CreateClient();
        var objects = new List<string>();
        for (var next = "beta/devices?$select=id&$top=999"; next is not null;)
        {
            var page = (await client.GetFromJsonAsync<JsonObject>(next))!;
            objects.AddRange(page["value"]!.AsArray().Select(d => (string)d!["id"]!));
            next = (string?)page["@odata.nextLink"];
        }

        Settle();
        // The push makes its groups too.
        var watch = Stopwatch.StartNew();
        var groups = new List<string>();
        foreach (var ring in Rings)
        {
            using var made = await client.PostAsJsonAsync("beta/groups", Group(ring).Body);
            groups.Add((string)(await made.Content.ReadFromJsonAsync<JsonObject>())!["id"]!);
        }

        watch.Stop();
        var bodies = Batches(computers.Length).Select(b => Encoding.UTF8.GetBytes(new JsonObject
        {
            ["requests"] = new JsonArray([.. Enumerable.Range(0, b.Count).Select(i => (JsonNode)new JsonObject
            {
                ["id"] = i.ToString(CultureInfo.InvariantCulture),
                ["method"] = "PATCH",
                ["url"] = $"/groups/{groups[b.Ring]}",
                ["headers"] = new JsonObject { ["Content-Type"] = "application/json" },
                ["body"] = new JsonObject
                {
                    ["members@odata.bind"] = new JsonArray([.. objects.Skip(b.First + (i * 20)).Take(Math.Min(20, b.End - b.First - (i * 20))).Select(o => (JsonNode)$"{lab.BaseAddress}v1.0/directoryObjects/{o}")]),
                },
            })]),
        }.ToJsonString())).ToList();
        watch.Start();
        foreach (var body in bodies)
        {
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new("application/json");
            using var answer = await client.PostAsync(new Uri("beta/$batch", UriKind.Relative), content);
            answer.EnsureSuccessStatusCode();
        }

        var took = watch.Elapsed;
        return lab.State.Groups.Sum(g => g.Members.Count) == computers.Length ? took : throw new InvalidOperationException("Not all became members.");
    }

    /// <summary>Collects what setting up left behind, which would be collected within whichever is measured next.</summary>
    private static void Settle()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }

    private static int Requests(LabServer lab) => lab.Requests.Entries.Count(e => !e.InBatch && !e.Path.EndsWith("/token", StringComparison.Ordinal) && !e.Path.Contains("openid-configuration", StringComparison.Ordinal));

    private static int Pages(int rows) => (rows + 998) / 999;

    // A twentieth, a fifth, the rest.
    private static int Share(int devices, int ring) => ring switch { 0 => devices / 20, 1 => devices / 5, _ => devices - (devices / 20) - (devices / 5) };

    /// <summary>The batches: ring, first device, the device after the last, number of requests.</summary>
    private static IEnumerable<(int Ring, int First, int End, int Count)> Batches(int devices)
    {
        var first = 0;
        for (var ring = 0; ring < Rings.Length; ring++)
        {
            var end = first + Share(devices, ring);
            for (; first < end; first = Math.Min(end, first + 400))
            {
                var last = Math.Min(end, first + 400);
                yield return (ring, first, last, (last - first + 19) / 20);
            }
        }
    }

    private static DesiredState Desired(int devices)
    {
        var kinds = new ResourceKind[]
        {
            new() { Name = "group", Title = "Group", Handler = "object", Phase = 10, Collection = "groups", MarkerProperty = "description", CreateOnly = ["mailNickname", "groupTypes", "mailEnabled", "securityEnabled", "uniqueName"] },
            new() { Name = "group-members", Title = "Members", Handler = "members", Phase = 20, Collection = "groups", Sets = ImmutableSortedDictionary<string, string>.Empty.Add("/members", "entraDeviceId") },
        }.ToImmutableDictionary(k => k.Name);
        var first = 0;
        var resources = new List<Resource>();
        for (var ring = 0; ring < Rings.Length; ring++)
        {
            var members = Enumerable.Range(first, Share(devices, ring)).Select(n => (JsonNode)new JsonObject { ["name"] = $"PC-{n:00000}", ["entraDeviceId"] = Id(n).ToString() });
            first += Share(devices, ring);
            resources.Add(ResourceDocument.Mark(Group(Rings[ring]), kinds["group"], Project));
            resources.Add(Document(new JsonObject
            {
                ["address"] = $"intune/group-members/{Rings[ring]}",
                ["kind"] = "group-members",
                ["method"] = "PATCH",
                ["path"] = $"groups/{{intune/group/{Rings[ring]}}}",
                ["body"] = new JsonObject { ["members"] = new JsonArray([.. members]) },
            }));
        }

        return new DesiredState(Project, resources, kinds);
    }

    private static Resource Group(string ring) => Document(new JsonObject
    {
        ["address"] = $"intune/group/{ring}",
        ["kind"] = "group",
        ["method"] = "POST",
        ["path"] = "groups",
        ["body"] = new JsonObject
        {
            ["displayName"] = $"Bench {ring}",
            ["uniqueName"] = $"bench-{ring}",
            ["mailEnabled"] = false,
            ["mailNickname"] = $"bench-{ring}",
            ["securityEnabled"] = true,
            ["groupTypes"] = new JsonArray(),
            ["description"] = "Bench.",
        },
    });

    private static Resource Document(JsonObject document) => ResourceDocument.Read(Encoding.UTF8.GetBytes(document.ToJsonString()), "graph", "bench.json", sensitive: false);

    private static Guid Id(int number) => new(number + 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);

    private static void Line(FormattableString text) => Console.WriteLine(FormattableString.Invariant(text));
}
