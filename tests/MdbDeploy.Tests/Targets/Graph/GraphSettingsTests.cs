using System.Text.Json.Nodes;
using Azure.Core;
using MdbDeploy.Targets.Graph;
using MdbDeploy.Targets.Http;

namespace MdbDeploy.Tests.Targets.Graph;

public sealed class GraphSettingsTests
{
    private const string Both = "\"tenantId\":\"contoso.example\",\"clientId\":\"1ab1ab1a-0000-4000-8000-00000000a990\"";

    [Fact]
    public void The_public_cloud_is_the_default()
    {
        GraphSettings.Read(Json($"{{{Both}}}"), "/project").Succeeded(out var settings).ShouldBeTrue();

        settings!.SignIn.Method.ShouldBe("device-code");
        settings.BaseAddress.ShouldBe(new Uri("https://graph.microsoft.com/beta/"));
        settings.GraphScope.ShouldBe("https://graph.microsoft.com/.default");
        settings.DefenderApi.ShouldBe(new Uri("https://api.security.microsoft.com/"));
        settings.DefenderScope.ShouldBe("https://api.securitycenter.microsoft.com/.default");
    }

    [Theory]
    [InlineData("https://eu.api.security.microsoft.com", "https://api.securitycenter.microsoft.com/.default")]
    [InlineData("https://localhost:5443", "https://localhost:5443/.default")]
    public void The_api_of_defender_has_an_audience_of_its_own(string api, string scope)
    {
        GraphSettings.Read(Json($"{{{Both},\"defenderApi\":\"{api}\"}}"), "/project").Succeeded(out var settings).ShouldBeTrue();

        settings!.DefenderScope.ShouldBe(scope);
    }

    [Theory]
    [InlineData("{}", "MDB0761 targets.graph.tenantId, MDB0761 targets.graph.clientId")]
    [InlineData("{\"auth\":\"certificate\"," + Both + "}", "MDB0761 targets.graph.certificateFile")]
    [InlineData("{\"auth\":\"password\"," + Both + "}", "MDB0762 targets.graph.auth")]
    [InlineData("{\"auth\":7," + Both + "}", "MDB0762 targets.graph.auth")]
    [InlineData("{\"tenantId\":\"a b\",\"clientId\":\"x\"}", "MDB0762 targets.graph.tenantId, MDB0762 targets.graph.clientId")]
    [InlineData("{\"tenantId\":[],\"clientId\":{}}", "MDB0762 targets.graph.tenantId, MDB0762 targets.graph.clientId")]
    [InlineData("{\"endpoint\":\"http://graph.microsoft.com\"," + Both + "}", "MDB0762 targets.graph.endpoint")]
    [InlineData("{\"endpoint\":\"https://u:p@graph.microsoft.com\"," + Both + "}", "MDB0762 targets.graph.endpoint")]
    [InlineData("{\"endpoint\":\"https://graph.microsoft.com/v1.0\"," + Both + "}", "MDB0762 targets.graph.endpoint")]
    [InlineData("{\"authority\":\"login\",\"defenderApi\":\"\"," + Both + "}", "MDB0762 targets.graph.authority, MDB0762 targets.graph.defenderApi")]
    [InlineData("{\"clientSecret\":\"hidden\"," + Both + "}", "MDB0762 targets.graph.clientSecret")]
    [InlineData("{\"auth\":\"managed-identity\"}", "")]
    [InlineData("{\"auth\":\"azure-cli\"}", "")]
    public void Everything_that_is_wrong_is_reported_at_once_without_values_that_may_be_secret(string json, string expected)
    {
        var outcome = GraphSettings.Read(Json(json), "/project");

        string.Join(", ", outcome.Diagnostics.Select(d => $"{d.Code} {d.Where.Subject}").Order(StringComparer.Ordinal)).ShouldBe(
            string.Join(", ", expected.Split(", ").Order(StringComparer.Ordinal)));
        outcome.Diagnostics.ShouldAllBe(d => !d.Message.Contains("hidden", StringComparison.Ordinal) && !d.Message.Contains("u:p", StringComparison.Ordinal));
    }

    [Fact]
    public void Files_are_relative_to_the_project()
    {
        GraphSettings.Read(Json($"{{{Both},\"auth\":\"certificate\",\"certificateFile\":\"app.pem\",\"caFile\":\"ca.pem\"}}"), "/project").Succeeded(out var settings).ShouldBeTrue();

        settings!.SignIn.CertificateFile.ShouldBe(Path.Combine("/project", "app.pem"));
        settings.SignIn.CaFile.ShouldBe(Path.Combine("/project", "ca.pem"));
    }

    [Fact]
    public void A_missing_secret_names_the_variable()
    {
        var outcome = SignIn.Create(Settings("client-secret"), _ => "", _ => { });

        var problem = outcome.Diagnostics.ShouldHaveSingleItem();
        problem.Code.ShouldBe("MDB0763");
        problem.Message.ShouldContain("MDBDEPLOY_CLIENT_SECRET");
        problem.Message.ShouldContain("AZURE_CLIENT_SECRET");
    }

    [Fact]
    public void A_certificate_that_is_not_there_names_the_file()
    {
        var outcome = SignIn.Create(Settings("certificate") with { CertificateFile = "nowhere.pfx" }, _ => null, _ => { });

        var problem = outcome.Diagnostics.ShouldHaveSingleItem();
        (problem.Code, problem.Where.File).ShouldBe(("MDB0760", "nowhere.pfx"));
    }

    [Theory]
    [InlineData("client-secret", "ClientSecretCredential")]
    [InlineData("device-code", "DeviceCodeCredential")]
    [InlineData("browser", "InteractiveBrowserCredential")]
    [InlineData("managed-identity", "ManagedIdentityCredential")]
    [InlineData("workload-identity", "WorkloadIdentityCredential")]
    [InlineData("azure-cli", "AzureCliCredential")]
    public void Each_way_to_sign_in_has_its_credential(string method, string type)
    {
        SignIn.Create(Settings(method), name => name == "AZURE_CLIENT_SECRET" ? "s" : null, _ => { }).Succeeded(out TokenCredential? credential).ShouldBeTrue();

        credential!.GetType().Name.ShouldBe(type);
        SignInSettings.Methods.ShouldContain(method);
    }

    private static SignInSettings Settings(string method) => new() { Method = method, TenantId = "contoso.example", ClientId = "1ab1ab1a-0000-4000-8000-00000000a990" };

    private static JsonObject Json(string json) => JsonNode.Parse(json)!.AsObject();
}
