using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Lab;
using MdbDeploy.Targets;
using MdbDeploy.Targets.ConfigMgr;
using MdbDeploy.Targets.Http;

namespace MdbDeploy.Benchmarks;

/// <summary>
/// A push of many devices into three ring collections of the lab's site: the requests, against the least possible, and the time, against a bare HttpClient that sends the same requests in
/// the same order and as many at a time; then a second push. Lab and client share the machine.
/// </summary>
internal static class ConfigMgrPush
{
    private const string Project = "bench";
    private const int NamesToAQuery = 150;
    private const int Rounds = 10;
    private static readonly string[] Rings = ["pilot", "early", "broad"];

    /// <summary>Measures and prints.</summary>
    /// <param name="devices">How many devices.</param>
    public static async Task RunAsync(int devices)
    {
        LabDevice[] computers = [.. Enumerable.Range(0, devices).Select(n => new LabDevice { Name = $"PC-{n:00000}", InConfigMgr = true })];
        var desired = Desired(devices);
        var (pushes, bares, requests) = (new List<TimeSpan>(), new List<TimeSpan>(), 0);
        for (var round = 0; round < Rounds; round++)
        {
            var (took, sent) = await PushAsync(computers, desired, quiet: round < Rounds - 1);
            pushes.Add(took);
            bares.Add(await BareAsync(computers, sent));
            requests = sent.Count;
        }

        // In turns, and the first half without counting: the runtime compiles client and lab in steps.
        var (push, bare) = (Median(pushes), Median(bares));
        Line($"push: {push.TotalSeconds:0.00} s; bare HttpClient, the same {requests} requests: {bare.TotalSeconds:0.00} s; {bare / push:P0} of the bare client");
    }

    private static TimeSpan Median(List<TimeSpan> rounds) => rounds.Skip(Rounds / 2).Order().ElementAt(Rounds / 4);

    private static async Task<(TimeSpan Took, List<Sent> Sent)> PushAsync(LabDevice[] computers, DesiredState desired, bool quiet)
    {
        var folder = Directory.CreateTempSubdirectory("mdbdeploy-bench-");
        await using var lab = await StartAsync(computers);
        var caFile = Path.Combine(folder.FullName, "ca.pem");
        await File.WriteAllTextAsync(caFile, lab.AuthorityPem);
        ConfigMgrSettings.Read(new JsonObject { ["endpoint"] = $"{lab.BaseAddress}AdminService_TokenAuth/", ["auth"] = "bearer", ["siteCode"] = "P01", ["caFile"] = caFile }, folder.FullName).Succeeded(out var settings);
        var signIn = new SignInSettings { Method = "client-secret", TenantId = lab.TenantId, ClientId = lab.ClientId, Authority = lab.BaseAddress, CaFile = caFile };
        SignIn.Create(signIn, name => name == "MDBDEPLOY_CLIENT_SECRET" ? lab.ClientSecret : null, _ => { }).Succeeded(out var credential);
        using var tokens = new TokenSource(credential!, settings!.Scope, TimeProvider.System);
        using var recorder = new Recorder(Transport.Create(caFile));
        using var client = new RestClient(new RestOptions { BaseAddress = settings.BaseAddress }, recorder, TimeProvider.System, tokens);
        var reconciler = new Reconciler(new ConfigMgrTarget(client), folder.FullName, TimeProvider.System);

        var watch = Stopwatch.StartNew();
        var plan = await reconciler.PlanAsync(desired, new(), default);
        var planned = watch.Elapsed;
        var result = await reconciler.ApplyAsync(plan, null, default);
        var took = watch.Elapsed;
        List<Sent> sent = [.. recorder.Sent];
        if (!result.IsComplete || !HoldsAll(lab, computers.Length))
        {
            throw new InvalidOperationException("The push is not complete: " + string.Join("; ", result.Diagnostics));
        }

        if (!quiet)
        {
            var rules = Enumerable.Range(0, Rings.Length).Sum(r => Queries(Share(computers.Length, r)));
            var writes = Rings.Length + rules + Rings.Length;
            Line($"{computers.Length} devices, {rules} queries of up to {NamesToAQuery} names");
            Line($"reading and comparing: {planned.TotalSeconds:0.00} s");
            Line($"requests: {sent.Count(s => s.Body is not null)} writes, at least {writes} ({Rings.Length} collections, {rules} rules, {Rings.Length} evaluations); {sent.Count(s => s.Body is null)} reads");
            recorder.Sent.Clear();
            lab.Requests.Clear();
            watch.Restart();
            await reconciler.ApplyAsync(await reconciler.PlanAsync(desired, new(), default), null, default);
            Line($"second push: {lab.Requests.Writes.Count} writes, {recorder.Sent.Count} reads ({watch.Elapsed.TotalSeconds:0.00} s)");
        }

        folder.Delete(recursive: true);
        return (took, sent);
    }

    /// <summary>The same requests: what is of one kind and follows each other goes four at a time, as the target does; the address of a page is only known from the one before.</summary>
    private static async Task<TimeSpan> BareAsync(LabDevice[] computers, List<Sent> requests)
    {
        await using var lab = await StartAsync(computers);
        using var client = lab.CreateClient();
        var watch = Stopwatch.StartNew();
        for (var at = 0; at < requests.Count;)
        {
            var kind = requests[at].Kind;
            var alike = requests.Skip(at).TakeWhile(r => r.Kind == kind).ToList();
            at += alike.Count;
            await Parallel.ForEachAsync(alike, new ParallelOptions { MaxDegreeOfParallelism = alike[^1].IsPage ? 1 : 4 }, async (sent, cancellationToken) =>
            {
                using var request = new HttpRequestMessage(sent.Method, sent.Path);
                if (sent.Body is { } body)
                {
                    request.Content = new ByteArrayContent(body);
                    request.Content.Headers.ContentType = new("application/json");
                }

                using var answer = await client.SendAsync(request, cancellationToken);
                await answer.Content.ReadAsByteArrayAsync(cancellationToken);
            });
        }

        var took = watch.Elapsed;
        return HoldsAll(lab, computers.Length) ? took : throw new InvalidOperationException("Not all rules were added.");
    }

    // The lab evaluates nothing while requests are counted: that is the site's work, and the same for both.
    private static Task<LabServer> StartAsync(LabDevice[] computers) =>
        LabServer.StartAsync(new LabOptions { Devices = computers, Habits = new() { RefreshDelay = TimeSpan.FromHours(1) } }, default);

    private static bool HoldsAll(LabServer lab, int devices) =>
        lab.State.Collections.Where(c => c.Name.StartsWith("Bench", StringComparison.Ordinal)).Sum(c => c.Rules.Count) == Enumerable.Range(0, Rings.Length).Sum(r => Queries(Share(devices, r)));

    // A twentieth, a fifth, the rest.
    private static int Share(int devices, int ring) => ring switch { 0 => devices / 20, 1 => devices / 5, _ => devices - (devices / 20) - (devices / 5) };

    private static int Queries(int devices) => (devices + NamesToAQuery - 1) / NamesToAQuery;

    private static DesiredState Desired(int devices)
    {
        var kinds = new ResourceKind[]
        {
            new() { Name = "collection", Title = "Collection", Handler = "object", Phase = 10, Collection = "wmi/SMS_Collection", NameProperty = "Name", IdProperty = "CollectionID", MarkerProperty = "Comment", Update = "PUT", CreateOnly = ["CollectionType"] },
            new() { Name = "collection-rules", Title = "Rules", Handler = "rules", Phase = 20, Collection = "wmi/SMS_Collection", Sets = ImmutableSortedDictionary<string, string>.Empty.Add("/rules", "RuleName"), OwnItemPrefix = "MDB " },
        }.ToImmutableDictionary(k => k.Name);
        var first = 0;
        var resources = new List<Resource>();
        for (var ring = 0; ring < Rings.Length; ring++)
        {
            var names = Enumerable.Range(first, Share(devices, ring)).Select(n => $"PC-{n:00000}").ToList();
            first += names.Count;
            resources.Add(ResourceDocument.Mark(Document($"configmgr/collection/{Rings[ring]}", "collection", "wmi/SMS_Collection", new JsonObject
            {
                ["Name"] = $"Bench {Rings[ring]}",
                ["CollectionType"] = 2,
                ["LimitToCollectionID"] = "SMSDM003",
                ["RefreshType"] = 4,
                ["Comment"] = "Bench.",
            }), kinds["collection"], Project));
            resources.Add(Document($"configmgr/collection-rules/{Rings[ring]}", "collection-rules", $"wmi/SMS_Collection('{{configmgr/collection/{Rings[ring]}}}')/AdminService.AddMembershipRule", new JsonObject
            {
                ["rules"] = new JsonArray([.. names.Chunk(NamesToAQuery).Select((chunk, index) => (JsonNode)new JsonObject
                {
                    ["@odata.type"] = "#AdminService.SMS_CollectionRuleQuery",
                    ["RuleName"] = $"MDB names {index:0000}",
                    ["QueryExpression"] = $"select SMS_R_SYSTEM.Name from SMS_R_System where SMS_R_System.Client = 1 and SMS_R_System.Name in ({string.Join(",", chunk.Select(n => $"'{n}'"))})",
                })]),
            }));
        }

        return new DesiredState(Project, resources, kinds);
    }

    private static Resource Document(string address, string kind, string path, JsonObject body) => ResourceDocument.Read(
        Encoding.UTF8.GetBytes(new JsonObject { ["address"] = address, ["kind"] = kind, ["method"] = "POST", ["path"] = path, ["body"] = body }.ToJsonString()),
        "configmgr", $"configmgr/{kind}.{address.Split('/')[^1]}.json", sensitive: false);

    private static void Line(FormattableString text) => Console.WriteLine(FormattableString.Invariant(text));

    /// <summary>A request as it went out; its kind is method and path without query.</summary>
    private sealed record Sent(HttpMethod Method, string Path, byte[]? Body)
    {
        public string Kind => $"{Method} {Path.Split('?')[0]}";

        public bool IsPage => Path.Contains("skip", StringComparison.OrdinalIgnoreCase);
    }

    private sealed class Recorder(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        public System.Collections.Concurrent.ConcurrentQueue<Sent> Sent { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = request.Content is null ? null : await request.Content.ReadAsByteArrayAsync(cancellationToken);
            Sent.Enqueue(new Sent(request.Method, request.RequestUri!.PathAndQuery, body));
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
