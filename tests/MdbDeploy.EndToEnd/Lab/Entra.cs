using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using MdbDeploy.Lab;

namespace MdbDeploy.EndToEnd.Lab;

public class Entra
{
    private static readonly TokenRequestContext Graph = new(["https://graph.microsoft.com/.default"]);

    [Fact]
    public async Task Azure_Identity_signs_in_with_a_secret_and_the_token_opens_Graph()
    {
        await using var lab = await LabTest.StartAsync();
        var token = await Secret(lab, lab.Server.ClientSecret).GetTokenAsync(Graph, TestContext.Current.CancellationToken);

        lab.Http.DefaultRequestHeaders.Authorization = new("Bearer", token.Token);
        (await lab.Get("beta/groups")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_wrong_secret_fails_as_Entra_says_it()
    {
        await using var lab = await LabTest.StartAsync();
        var error = await Should.ThrowAsync<AuthenticationFailedException>(async () => await Secret(lab, "wrong").GetTokenAsync(Graph, TestContext.Current.CancellationToken));
        error.ToString().ShouldContain("AADSTS7000215");
    }

    [Fact]
    public async Task Azure_Identity_signs_in_with_the_registered_certificate_and_no_other()
    {
        using var registered = SelfSigned();
        using var other = SelfSigned();
        await using var lab = await LabTest.StartAsync(new LabOptions { ClientCertificate = X509CertificateLoader.LoadCertificate(registered.RawData) });

        (await Certificate(lab, registered).GetTokenAsync(Graph, TestContext.Current.CancellationToken)).Token.ShouldNotBeEmpty();
        var error = await Should.ThrowAsync<AuthenticationFailedException>(async () => await Certificate(lab, other).GetTokenAsync(Graph, TestContext.Current.CancellationToken));
        error.ToString().ShouldContain("AADSTS700027");
    }

    [Fact]
    public async Task A_token_is_good_for_its_audience_and_until_it_expires()
    {
        await using var lab = await LabTest.StartAsync();
        var token = await Secret(lab, lab.Server.ClientSecret).GetTokenAsync(Graph, TestContext.Current.CancellationToken);
        lab.Http.DefaultRequestHeaders.Authorization = new("Bearer", token.Token);

        (await lab.Get("api/machines")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await lab.Get("AdminService_TokenAuth/wmi/SMS_Site")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await lab.Get("v1.0/groups")).Status.ShouldBe(HttpStatusCode.OK);

        lab.Time.Advance(TimeSpan.FromHours(1));
        var expired = await lab.Get("v1.0/groups");
        expired.Status.ShouldBe(HttpStatusCode.Unauthorized);
        ((string)expired.Json["error"]!["code"]!).ShouldBe("InvalidAuthenticationToken");
        expired.Error.ShouldContain("expired");
    }

    [Fact]
    public async Task A_client_that_does_not_trust_the_authority_gets_nothing()
    {
        await using var lab = await LabTest.StartAsync();
        using var stranger = new HttpClient();
        await Should.ThrowAsync<HttpRequestException>(() => stranger.GetAsync(lab.Server.BaseAddress, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_an_error_and_not_another_port()
    {
        await using var first = await LabTest.StartAsync();
        await Should.ThrowAsync<IOException>(() => LabServer.StartAsync(new LabOptions { Port = first.Server.BaseAddress.Port }, TestContext.Current.CancellationToken));
    }

    private static ClientSecretCredential Secret(LabTest lab, string secret) =>
        new(lab.Server.TenantId, lab.Server.ClientId, secret, Options(new ClientSecretCredentialOptions(), lab));

    private static ClientCertificateCredential Certificate(LabTest lab, X509Certificate2 certificate) =>
        new(lab.Server.TenantId, lab.Server.ClientId, certificate, Options(new ClientCertificateCredentialOptions(), lab));

    private static T Options<T>(T options, LabTest lab)
        where T : TokenCredentialOptions
    {
        options.AuthorityHost = lab.Server.BaseAddress;
        options.Transport = new HttpClientTransport(new HttpClient(lab.Server.CreateHandler()));
        options.Retry.MaxRetries = 0;
        switch (options)
        {
            case ClientSecretCredentialOptions secret:
                secret.DisableInstanceDiscovery = true;
                break;
            case ClientCertificateCredentialOptions certificate:
                certificate.DisableInstanceDiscovery = true;
                break;
        }

        return options;
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=mdbdeploy test application", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
