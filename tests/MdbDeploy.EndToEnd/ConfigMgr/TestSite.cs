using System.Text.Json.Nodes;
using Azure.Core;
using MdbDeploy.Lab;
using MdbDeploy.Targets;
using MdbDeploy.Targets.ConfigMgr;
using MdbDeploy.Targets.Http;

namespace MdbDeploy.EndToEnd.ConfigMgr;

/// <summary>A lab with a site, a project folder, and a push into it over the road with tokens: real sign-in, real TLS.</summary>
internal sealed class TestSite : IAsyncDisposable
{
    private readonly List<IDisposable> owned = [];
    private readonly ConfigMgrSettings settings;
    private readonly TokenCredential credential;

    private TestSite(LabServer lab)
    {
        Lab = lab;
        Folder = Directory.CreateTempSubdirectory("mdbdeploy-").FullName;
        var caFile = Path.Combine(Folder, "lab-ca.pem");
        File.WriteAllText(caFile, lab.AuthorityPem);
        settings = ConfigMgrSettings.Read(
            new JsonObject { ["endpoint"] = $"{lab.BaseAddress}AdminService_TokenAuth/", ["auth"] = "bearer", ["siteCode"] = "P01", ["caFile"] = "lab-ca.pem" }, Folder).Value.ShouldNotBeNull();
        var signIn = new SignInSettings { Method = "client-secret", TenantId = lab.TenantId, ClientId = lab.ClientId, Authority = lab.BaseAddress, CaFile = caFile };
        credential = SignIn.Create(signIn, name => name == SignIn.SecretVariables[0] ? lab.ClientSecret : null, _ => { }).Value.ShouldNotBeNull();
        Connection = Own(new ConfigMgrConnection(settings, credential, TimeProvider.System, options: Quick));
        Target = new ConfigMgrTarget(Connection.Client);
    }

    public LabServer Lab { get; }

    public string Folder { get; }

    public ConfigMgrConnection Connection { get; }

    /// <summary>The target that <see cref="Push"/> uses.</summary>
    public ConfigMgrTarget Target { get; set; }

    private RestOptions Quick => new() { BaseAddress = settings.BaseAddress, Retries = 3, ConnectionRetries = 2, FirstDelay = TimeSpan.FromMilliseconds(1), LongestDelay = TimeSpan.FromMilliseconds(2) };

    /// <summary>Starts a lab whose collections are evaluated at once.</summary>
    public static async Task<TestSite> StartAsync(IEnumerable<string>? devices = null, string? faults = null, LabHabits? habits = null,
        Func<LabDevice, LabDevice>? seed = null, SiteRole role = SiteRole.FullAdministrator, TimeSpan evaluation = default)
    {
        var computers = (devices ?? ["PC-1", "PC-2", "PC-3"]).Select((name, index) => new LabDevice
        {
            Name = name,
            Fqdn = $"pc{index}.corp.contoso.example",
            InConfigMgr = true,
            InEntra = true,
            Onboarded = index == 0,
        });
        var options = new LabOptions { Devices = [.. computers.Select(seed ?? (d => d))], Faults = faults, Habits = (habits ?? new LabHabits()) with { RefreshDelay = evaluation }, SiteRole = role };
        return new TestSite(await LabServer.StartAsync(options, TestContext.Current.CancellationToken));
    }

    /// <summary>The target over a connection on which somebody changes answers, or counts requests.</summary>
    public void MeddleWith(Func<HttpMessageHandler, HttpMessageHandler> wrap)
    {
        var tokens = Own(new TokenSource(credential, settings.Scope, TimeProvider.System));
        Target = new ConfigMgrTarget(Own(new RestClient(Quick, wrap(Transport.Create(settings.CaFile)), TimeProvider.System, tokens)));
    }

    public Task<ChangeSet> Plan(DesiredState desired, params string[] adopt) =>
        new Reconciler(Target, Folder, TimeProvider.System).PlanAsync(desired, new ReconcileOptions { Adopt = [.. adopt] }, TestContext.Current.CancellationToken);

    public async Task<PushResult> Push(DesiredState desired, params string[] adopt) =>
        await new Reconciler(Target, Folder, TimeProvider.System).ApplyAsync(await Plan(desired, adopt), null, TestContext.Current.CancellationToken);

    /// <summary>A collection of the lab, as it reads now.</summary>
    public LabCollection The(string name) => Lab.State.Collections.Single(c => c.Name == name);

    /// <summary>Somebody else at work.</summary>
    public async Task<JsonObject> Elsewhere(HttpMethod method, string path, JsonObject? body = null)
    {
        using var client = Lab.CreateClient();
        using var request = new HttpRequestMessage(method, $"AdminService_TokenAuth/wmi/{path}") { Content = body is null ? null : new StringContent(body.ToJsonString(), null, "application/json") };
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken) is { Length: > 0 } text ? text : "{}")!.AsObject();
    }

    public async Task<string> CreateElsewhere(string name, string limitTo = "SMSDM003", string comment = "by hand") =>
        (await Elsewhere(HttpMethod.Post, "SMS_Collection", new JsonObject { ["Name"] = name, ["CollectionType"] = 2, ["LimitToCollectionID"] = limitTo, ["RefreshType"] = 4, ["Comment"] = comment }))["CollectionID"]!.ToString();

    public Task AddRuleElsewhere(string id, JsonObject rule) => Elsewhere(HttpMethod.Post, $"SMS_Collection('{id}')/AdminService.AddMembershipRule", new JsonObject { ["collectionRule"] = rule });

    public async ValueTask DisposeAsync()
    {
        owned.Reverse();
        owned.ForEach(o => o.Dispose());
        await Lab.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private T Own<T>(T disposable)
        where T : IDisposable
    {
        owned.Add(disposable);
        return disposable;
    }
}

/// <summary>Changes the text of answers on their way.</summary>
internal sealed class Meddler(HttpMessageHandler inner, Func<HttpRequestMessage, string, string> change) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        response.Content = new StringContent(change(request, text), null, response.Content.Headers.ContentType?.MediaType ?? "text/plain");
        return response;
    }
}

/// <summary>Counts how many requests are under way at once.</summary>
internal sealed class Counter(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private int now;
    private int most;

    public int Most => Volatile.Read(ref most);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var count = Interlocked.Increment(ref now);
        InterlockedMax(count);
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref now);
        }
    }

    private void InterlockedMax(int count)
    {
        for (var seen = Volatile.Read(ref most); count > seen; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, count, seen);
        }
    }
}
