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
