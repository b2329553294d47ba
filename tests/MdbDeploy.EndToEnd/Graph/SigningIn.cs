using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MdbDeploy.Lab;
using MdbDeploy.Targets;
using MdbDeploy.Targets.Graph;
using MdbDeploy.Targets.Http;
using static MdbDeploy.EndToEnd.Graph.Contoso;
using static MdbDeploy.EndToEnd.Graph.GraphLab;

namespace MdbDeploy.EndToEnd.Graph;

/// <summary>The real Azure.Identity over TLS.</summary>
public sealed class SigningIn
{
    [Fact]
    public async Task A_wrong_secret_is_an_error_a_person_understands_and_is_not_shown()
    {
        const string Wrong = "wr0ng~secret";
        await using var lab = await StartAsync(new LabOptions(), secret: Wrong);

        var error = await Should.ThrowAsync<TargetException>(lab.PlanAsync(State(Group("pilot"))));

        error.Diagnostic.Code.ShouldBe("MDB0753");
        error.Message.ShouldContain("AADSTS7000215");
        error.Message.ShouldContain("Invalid client secret");
        error.Message.ShouldNotContain('\n');
        error.ToString().ShouldNotContain(Wrong);
    }

    [Fact]
    public async Task A_tenant_that_does_not_exist_is_named()
    {
        await using var lab = await StartAsync(new LabOptions(), json => json["tenantId"] = "nowhere.example");

        var error = await Should.ThrowAsync<TargetException>(lab.PlanAsync(State(Group("pilot"))));

        error.Diagnostic.Code.ShouldBe("MDB0753");
        error.Message.ShouldContain("nowhere.example");
    }

    [Theory]
    [InlineData(".pem", null)]
    [InlineData(".pem", "p4ss")]
    [InlineData(".pfx", "p4ss")]
    public async Task A_certificate_signs_in(string extension, string? password)
    {
        using var rsa = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=MdbDeploy", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var file = Path.GetTempFileName() + extension;
        try
        {
            if (extension == ".pfx")
            {
                await File.WriteAllBytesAsync(file, certificate.Export(X509ContentType.Pfx, password), Cancel);
            }
            else
            {
                var key = password is null ? rsa.ExportPkcs8PrivateKeyPem() : rsa.ExportEncryptedPkcs8PrivateKeyPem(password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 10_000));
                await File.WriteAllTextAsync(file, certificate.ExportCertificatePem() + "\n" + key, Cancel);
            }

            await using var server = await LabServer.StartAsync(new LabOptions { ClientCertificate = X509CertificateLoader.LoadCertificate(certificate.RawData) }, Cancel);
            var caFile = file + ".ca";
            await File.WriteAllTextAsync(caFile, server.AuthorityPem, Cancel);
            var settings = new SignInSettings { Method = "certificate", TenantId = server.TenantId, ClientId = server.ClientId, Authority = server.BaseAddress, CaFile = caFile, CertificateFile = file };
            SignIn.Create(settings, name => name == "AZURE_CLIENT_CERTIFICATE_PASSWORD" ? password : null, _ => { }).Succeeded(out var credential).ShouldBeTrue();
            using var connection = new GraphConnection(
                new GraphSettings { SignIn = settings, Endpoint = server.BaseAddress, DefenderApi = server.BaseAddress }, credential!, TimeProvider.System, options: Quick(server.BaseAddress));

            (await connection.Graph.SendAsync(RestRequest.Get("groups"), Cancel)).Status.ShouldBe(200);
            (await connection.Defender.SendAsync(RestRequest.Get("api/machines"), Cancel)).Status.ShouldBe(200);

            File.Delete(caFile);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_github_job_signs_in_with_its_identity_token()
    {
        await using var server = await LabServer.StartAsync(new LabOptions(), Cancel);
        using var connection = Connect(server, "github", name => name switch
        {
            "ACTIONS_ID_TOKEN_REQUEST_URL" => new Uri(server.BaseAddress, "pipeline/github?api-version=2.0").AbsoluteUri,
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN" => server.ClientSecret,
            _ => null,
        });

        (await connection.Graph.SendAsync(RestRequest.Get("groups"), Cancel)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task An_azure_pipelines_job_signs_in_through_its_service_connection()
    {
        await using var server = await LabServer.StartAsync(new LabOptions(), Cancel);
        // The library reads this one from the environment itself; nothing else in this process does.
        Environment.SetEnvironmentVariable("SYSTEM_OIDCREQUESTURI", new Uri(server.BaseAddress, "pipeline/azure").AbsoluteUri);
        using var connection = Connect(server, "azure-pipelines", name => name == "SYSTEM_ACCESSTOKEN" ? server.ClientSecret : null);

        (await connection.Graph.SendAsync(RestRequest.Get("groups"), Cancel)).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("github")]
    [InlineData("azure-pipelines")]
    public async Task A_pipeline_without_an_identity_token_is_told_how_to_get_one(string auth)
    {
        await using var server = await LabServer.StartAsync(new LabOptions(), Cancel);

        var error = await Should.ThrowAsync<TargetException>(async () =>
        {
            using var connection = Connect(server, auth, _ => null);
            await connection.Graph.SendAsync(RestRequest.Get("groups"), Cancel);
        });

        error.Diagnostic.Code.ShouldBe("MDB0718");
    }

    [Fact]
    public async Task A_token_cache_that_cannot_be_encrypted_is_refused_instead_of_written_in_the_clear()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() || Environment.GetEnvironmentVariable("DBUS_SESSION_BUS_ADDRESS") is { Length: > 0 }, "This machine has a keyring.");
        await using var lab = await StartAsync(new LabOptions(), json => json["tokenCache"] = true);

        var error = await Should.ThrowAsync<TargetException>(lab.PlanAsync(State(Group("pilot"))));

        error.Diagnostic.Code.ShouldBe("MDB0717");
    }

    private static GraphConnection Connect(LabServer server, string auth, Func<string, string?> environment)
    {
        var caFile = Path.Combine(Directory.CreateTempSubdirectory("mdbdeploy-signin-").FullName, "ca.pem");
        File.WriteAllText(caFile, server.AuthorityPem);
        var settings = new SignInSettings { Method = auth, TenantId = server.TenantId, ClientId = server.ClientId, Authority = server.BaseAddress, CaFile = caFile, ServiceConnectionId = "11111111-2222-4333-8444-555555555555" };
        var outcome = SignIn.Create(settings, environment, _ => { });
        return outcome.Succeeded(out var credential)
            ? new GraphConnection(new GraphSettings { SignIn = settings, Endpoint = server.BaseAddress, DefenderApi = server.BaseAddress }, credential, TimeProvider.System, options: Quick(server.BaseAddress))
            : throw new TargetException(outcome.Diagnostics[0]);
    }

    [Fact]
    public async Task A_server_whose_authority_is_not_trusted_is_refused_with_the_way_out()
    {
        await using var lab = await StartAsync(new LabOptions());
        using var client = new RestClient(Quick(lab.Server.BaseAddress), Transport.Create(), TimeProvider.System);

        var error = await Should.ThrowAsync<TargetException>(client.SendAsync(RestRequest.Get("beta/groups"), Cancel));

        error.Diagnostic.Code.ShouldBe("MDB0752");
        error.Diagnostic.Advice.ShouldContain("caFile");
    }

    [Fact]
    public async Task An_endpoint_that_is_not_there_ends_in_an_error()
    {
        await using var lab = await StartAsync(new LabOptions(), json => json["endpoint"] = $"https://localhost:{ClosedPort()}");

        // Signing in succeeds; the service is not there.
        var error = await Should.ThrowAsync<TargetException>(lab.PlanAsync(State(Group("pilot"))));

        error.Diagnostic.Code.ShouldBe("MDB0751");
    }

    [Fact]
    public async Task An_identity_provider_that_is_not_there_ends_in_an_error()
    {
        await using var lab = await StartAsync(new LabOptions(), json => json["authority"] = $"https://localhost:{ClosedPort()}");

        var error = await Should.ThrowAsync<TargetException>(lab.PlanAsync(State(Group("pilot"))));

        error.Diagnostic.Code.ShouldBe("MDB0753");
        error.Message.ShouldContain("localhost");
    }

    [Fact]
    public async Task A_service_that_never_answers_is_left_at_the_deadline()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var address = new Uri($"https://localhost:{((IPEndPoint)silent.LocalEndpoint).Port}/");
        var options = Quick(address) with { AttemptTimeout = TimeSpan.FromMilliseconds(300), TotalTimeout = TimeSpan.FromSeconds(1) };
        using var client = new RestClient(options, Transport.Create(), TimeProvider.System);

        var error = await Should.ThrowAsync<TargetException>(client.SendAsync(RestRequest.Get("beta/groups"), Cancel));

        error.Diagnostic.Code.ShouldBe("MDB0756");
    }

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
