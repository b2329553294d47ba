using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using MdbDeploy.Lab;
using Microsoft.Extensions.Time.Testing;

namespace MdbDeploy.EndToEnd.Lab;

/// <summary>A running lab with a clock that stands still, and an HTTP client with a token.</summary>
internal sealed class LabTest : IAsyncDisposable
{
    private LabTest(LabServer server, FakeTimeProvider time)
    {
        Server = server;
        Time = time;
        Http = server.CreateClient();
    }

    public LabServer Server { get; }

    public FakeTimeProvider Time { get; }

    public HttpClient Http { get; }

    /// <summary>Starts a lab with devices PC-000, PC-001, … that are everywhere but not onboarded.</summary>
    public static async Task<LabTest> StartAsync(LabOptions? options = null, int devices = 3)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 2, 8, 0, 0, TimeSpan.Zero));
        var server = await LabServer.StartAsync((options ?? new LabOptions()) with { Time = time, Devices = options?.Devices is { Count: > 0 } given ? given : Computers(devices) }, TestContext.Current.CancellationToken);
        return new LabTest(server, time);
    }

    public static LabDevice[] Computers(int count) =>
        [.. Enumerable.Range(0, count).Select(n => new LabDevice
        {
            Name = $"PC-{n:000}", Fqdn = $"pc-{n:000}.corp.contoso.example", Serial = $"SN{n:000}", OsVersion = "10.0.26100.4652", InEntra = true, InIntune = true, InConfigMgr = true,
        })];

    public Task<Reply> Get(string path) => Send(HttpMethod.Get, path);

    public Task<Reply> Post(string path, string body) => Send(HttpMethod.Post, path, body);

    public Task<Reply> Put(string path, string body) => Send(HttpMethod.Put, path, body);

    public Task<Reply> Patch(string path, string body, params (string Name, string Value)[] headers) => Send(HttpMethod.Patch, path, body, headers);

    public Task<Reply> Delete(string path) => Send(HttpMethod.Delete, path);

    public async Task<Reply> Send(HttpMethod method, string path, string? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new Reply(response.StatusCode, text, response.Headers.ToDictionary(h => h.Key, h => string.Join(", ", h.Value)));
    }

    /// <summary>Creates a group and waits until it can be read.</summary>
    public async Task<string> CreateGroup(string name)
    {
        var reply = await Post("beta/groups", $$"""{"displayName":"{{name}}","mailEnabled":false,"mailNickname":"{{name}}","securityEnabled":true,"groupTypes":[],"uniqueName":"{{name}}"}""");
        reply.Status.ShouldBe(HttpStatusCode.Created, reply.Text);
        Time.Advance(TimeSpan.FromSeconds(1));
        return (string)reply.Json["id"]!;
    }

    /// <summary>Object ids of the devices in the directory, in order of their names.</summary>
    public async Task<string[]> ObjectIds() =>
        [.. (await Get("beta/devices?$select=id,displayName&$top=999")).Rows.OrderBy(r => (string)r["displayName"]!, StringComparer.Ordinal).Select(r => (string)r["id"]!)];

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
    }
}

/// <summary>What came back.</summary>
internal sealed record Reply(HttpStatusCode Status, string Text, IReadOnlyDictionary<string, string> Headers)
{
    public JsonObject Json => JsonNode.Parse(Text)!.AsObject();

    public IEnumerable<JsonObject> Rows => Json["value"]!.AsArray().Select(r => r!.AsObject());

    /// <summary>The error's message; for Intune the one inside the message.</summary>
    public string Error
    {
        get
        {
            var message = (string)Json["error"]!["message"]!;
            return message.StartsWith('{') ? (string)JsonNode.Parse(message)!["Message"]! : message;
        }
    }
}
