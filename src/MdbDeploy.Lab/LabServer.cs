using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MdbDeploy.Lab.AdminService;
using MdbDeploy.Lab.Defender;
using MdbDeploy.Lab.Entra;
using MdbDeploy.Lab.Faults;
using MdbDeploy.Lab.Graph;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MdbDeploy.Lab;

/// <summary>
/// A stand-in for Entra ID, Microsoft Graph, the Configuration Manager AdminService and Defender's machines API, on one port of loopback over TLS:
/// <c>/{tenant}/oauth2/v2.0/token</c>, <c>/beta/…</c> and <c>/v1.0/…</c>, <c>/AdminService_TokenAuth/…</c> and <c>/AdminService/…</c>, <c>/api/machines</c>.
/// Nothing leaves the machine, nothing is kept.
/// </summary>
public sealed class LabServer : IAsyncDisposable
{
    internal const string LabTenantId = "1ab1ab1a-0000-4000-8000-00000000c0de";
    internal const string LabOrgId = "1ab1ab1a-0000-4000-8000-0000000de4de";
    private const string LabClientId = "1ab1ab1a-0000-4000-8000-00000000a990";

    private readonly WebApplication app;
    private readonly X509Certificate2 serverCertificate;
    private readonly FaultInjection faults;
    private readonly AccessTokens tokens;
    private readonly TokenEndpoint entra;
    private readonly GraphApi graph;
    private readonly AdminServiceApi adminService;
    private readonly MachinesApi machines;

    private LabServer(LabOptions options, FaultPlan faultPlan, int port)
    {
        (Authority, serverCertificate) = LabCertificates.Create();
        BaseAddress = new Uri($"https://localhost:{port}/");
        ClientSecret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(24));
        State = new LabState(options);
        faults = new FaultInjection(faultPlan, options.Time);
        tokens = new AccessTokens(options.Time, TenantId, $"{BaseAddress}{TenantId}/v2.0", [.. Permissions.All.Except(options.Habits.MissingPermissions)]);
        entra = new TokenEndpoint(options, tokens, TenantId, ClientId, ClientSecret);
        graph = new GraphApi(State, tokens, Respond);
        adminService = new AdminServiceApi(State, tokens);
        machines = new MachinesApi(State, tokens);

        // The empty builder reads no settings from the environment or the current folder: the lab is what its options say.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ListenLocalhost(port, listen => listen.UseHttps(serverCertificate));
        });
        app = builder.Build();
        app.Run(AnswerAsync);
    }

    /// <summary>Where it listens: <c>https://localhost:PORT/</c>.</summary>
    public Uri BaseAddress { get; }

    /// <summary>The authority that clients have to trust, without its key.</summary>
    public X509Certificate2 Authority { get; }

    /// <summary>The authority in PEM, for a file that <c>SSL_CERT_FILE</c> names.</summary>
    public string AuthorityPem => Authority.ExportCertificatePem();

    /// <summary>The tenant.</summary>
    public string TenantId { get; } = LabTenantId;

    /// <summary>The application that may sign in.</summary>
    public string ClientId { get; } = LabClientId;

    /// <summary>Its secret, made for this run.</summary>
    public string ClientSecret { get; }

    /// <summary>What the services hold.</summary>
    public LabState State { get; }

    /// <summary>The requests so far.</summary>
    public LabRequestLog Requests { get; } = new();

    /// <summary>Starts the lab and returns when it listens.</summary>
    /// <param name="options">What it holds.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="FormatException"><see cref="LabOptions.Faults"/> is no fault plan.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<LabServer> StartAsync(LabOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var faultPlan = FaultPlan.Parse(options.Faults);
        for (var attempt = 0; ; attempt++)
        {
            var server = new LabServer(options, faultPlan, options.Port != 0 ? options.Port : FreePort());
            try
            {
                await server.app.StartAsync(cancellationToken);
                return server;
            }
            catch (IOException e) when (options.Port == 0 && attempt < 5 && e.InnerException is AddressInUseException)
            {
                // Somebody took the free port in between.
                await server.DisposeAsync();
            }
            catch
            {
                await server.DisposeAsync();
                throw;
            }
        }
    }

    /// <summary>Plays the person who opens the page of a device-code sign-in, enters the code and consents.</summary>
    /// <param name="userCode">The code that the message shows.</param>
    /// <returns>Whether somebody was waiting for this code.</returns>
    public bool EnterCode(string userCode) => entra.EnterCode(userCode);

    /// <summary>A client that trusts the lab and carries a token of its own for every service: for tests that look, or that play somebody else at work.</summary>
    public HttpClient CreateClient()
    {
        var client = new HttpClient(CreateHandler()) { BaseAddress = BaseAddress };
        client.DefaultRequestHeaders.Authorization = new("Bearer", tokens.Issue(ClientId, BaseAddress.GetLeftPart(UriPartial.Authority), TimeSpan.FromDays(3650)));
        return client;
    }

    /// <summary>A handler that trusts the lab and nobody else.</summary>
    public SocketsHttpHandler CreateHandler()
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(Authority);
        return new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = policy } };
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        serverCertificate.Dispose();
        Authority.Dispose();
    }

    // Both loopback addresses on one port: a client that tries ::1 first would lose seconds on Windows.
    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var request = await LabRequest.ReadAsync(context);
        var latency = faults.Latency(request);
        if (latency > TimeSpan.Zero)
        {
            await Task.Delay(latency, context.RequestAborted);
        }

        LabAnswer answer;
        try
        {
            answer = Respond(request);
        }
        catch (Exception e)
        {
            answer = new LabAnswer(500) { Text = ("text/plain", $"Defect of the lab: {e}") };
        }

        // The date is that of the lab's clock: a client tells by it that its own is wrong.
        context.Response.Headers.Date = State.Now.ToString("r", System.Globalization.CultureInfo.InvariantCulture);
        await answer.WriteAsync(context);
    }

    /// <summary>Answers one request, from the wire or from a $batch, and logs it.</summary>
    private LabAnswer Respond(LabRequest request)
    {
        var fault = request.Segments is [_, "oauth2", ..] ? null : faults.Next(request);
        LabAnswer answer;
        lock (State.Gate)
        {
            answer = fault is null ? CarryOut(request) : faults.Answer(fault, () => CarryOut(request), status => Error(request, status));
        }

        Requests.Add(new LabRequestEntry(
            request.Method, request.Path, string.Join('&', request.Query.Options.Select(o => $"{o.Key}={o.Value}")), answer.Status, fault?.Text, request.InBatch));
        return answer;
    }

    private LabAnswer CarryOut(LabRequest request)
    {
        State.Site.Settle();
        var answer = request.Segments switch
        {
            ["beta" or "v1.0", ..] => graph.Answer(request),
            ["AdminService" or "AdminService_TokenAuth", ..] => adminService.Answer(request),
            ["api", ..] => machines.Answer(request),
            _ => entra.Answer(request) ?? new LabAnswer(404),
        };
        if (request.Method != "GET")
        {
            State.Onboarding.Settle();
        }

        return answer;
    }

    private LabAnswer Error(LabRequest request, int status)
    {
        const string Message = "A fault that the lab was asked to inject.";
        return request.Segments switch
        {
            ["AdminService" or "AdminService_TokenAuth", ..] => AdminServiceApi.Error(status, Message),
            ["api", ..] => MachinesApi.Error(status, GraphErrors.CodeOf(status), Message),
            _ => graph.Error(request, status, GraphErrors.CodeOf(status), Message),
        };
    }

    /// <summary>The usual lifetime takes Ctrl+C for itself; here it belongs to the command that started the lab.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
