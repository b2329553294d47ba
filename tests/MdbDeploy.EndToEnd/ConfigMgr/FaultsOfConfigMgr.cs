using System.Text.Json.Nodes;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets;
using MdbDeploy.Targets.ConfigMgr;

namespace MdbDeploy.EndToEnd.ConfigMgr;

public class FaultsOfConfigMgr
{
    private const string Collections = "/AdminService_TokenAuth/wmi/SMS_Collection";

    [Theory]
    [InlineData("500:POST:/AdminService_TokenAuth/wmi/SMS_Collection:1")]
    [InlineData("500:POST:/AdminService_TokenAuth/wmi/SMS_Collection:0.5")]
    [InlineData("html:POST:/AdminService_TokenAuth/wmi/SMS_Collection:2")]
    [InlineData("500-empty:POST:/AdminService_TokenAuth/wmi/SMS_Collection:2")]
    [InlineData("403-html:POST:/AdminService_TokenAuth/wmi/SMS_Collection:1")]
    [InlineData("abort:POST:/AdminService_TokenAuth/wmi/SMS_Collection:0.3")]
    public async Task A_server_that_fails_leaves_a_partial_push_and_pushing_again_converges(string faults)
    {
        await using var site = await TestSite.StartAsync(faults: faults);
        var bundle = Rings.Of(("pilot", ["PC-1", "PC-2"]), ("broad", ["PC-3"]));
        var first = await site.Push(bundle);
        first.IsComplete.ShouldBeFalse();
        first.Failed.ShouldBeGreaterThan(0);
        first.Diagnostics.ShouldAllBe(d => d.Severity == Severity.Error && d.Message.Length > 0);

        for (var push = 0; push < 20 && (await site.Plan(bundle)).HasWrites; push++)
        {
            await site.Push(bundle);
        }

        ShouldBeComplete(site);
        (await site.Plan(bundle)).HasWrites.ShouldBeFalse();
    }

    [Theory]
    [InlineData("lost-answer")]
    [InlineData("500-committed")]
    [InlineData("503-committed")]
    public async Task A_lost_answer_to_any_write_is_looked_for_and_nothing_is_made_twice(string fault)
    {
        await using var site = await TestSite.StartAsync(faults: $"{fault}:POST:{Collections},{fault}:PUT:{Collections},{fault}:DELETE:{Collections}");
        var bundle = Rings.Of(("pilot", ["PC-1", "PC-2"]), ("broad", ["PC-3"]));
        var first = await site.Push(bundle);
        first.IsComplete.ShouldBe(fault != "500-committed");
        first.Diagnostics.ShouldAllBe(d => d.Message.Contains("RequestRefresh", StringComparison.Ordinal));
        ShouldBeComplete(site);
        site.Lab.Requests.Clear();
        (await site.Plan(bundle)).HasWrites.ShouldBeFalse();

        var changed = bundle with { Resources = [.. bundle.Resources.Where(r => !r.Address.EndsWith("/broad", StringComparison.Ordinal))] };
        var deletion = await site.Push(changed);
        deletion.IsComplete.ShouldBeTrue(string.Join('\n', deletion.Diagnostics));
        site.Lab.State.Collections.ShouldNotContain(c => c.Name == "MDB - broad");
    }

    [Fact]
    public async Task A_return_value_other_than_zero_is_a_failure_though_the_status_is_201()
    {
        await using var site = await TestSite.StartAsync();
        var refuse = true;
        site.MeddleWith(inner => new Refusing(inner, () => refuse));
        var bundle = Rings.State(Rings.Collection("pilot"), Rings.Rules("pilot", ["PC-1"], collection: "{configmgr/collection/pilot}"));
        var result = await site.Push(bundle);
        var problem = result.Diagnostics.ShouldHaveSingleItem();
        problem.Problem.ShouldBe(Problems.ActionFailed);
        problem.Where.Subject.ShouldBe("configmgr/collection-rules/pilot");
        problem.Message.ShouldContain("returned 2147749889 instead of 0");
        result.Steps.Single(s => s.State == StepState.Failed).Change.Address.ShouldBe("configmgr/collection-rules/pilot");
        site.The("MDB - pilot").Rules.ShouldBeEmpty();

        refuse = false;
        (await site.Push(bundle)).IsComplete.ShouldBeTrue();
    }

    [Fact]
    public async Task A_link_to_the_next_page_on_another_server_is_not_followed()
    {
        await using var site = await TestSite.StartAsync();
        site.MeddleWith(inner => new Meddler(inner, (request, text) =>
        {
            if (request.Method != HttpMethod.Get || !request.RequestUri!.AbsolutePath.EndsWith("SMS_Collection", StringComparison.Ordinal))
            {
                return text;
            }

            var page = JsonNode.Parse(text)!.AsObject();
            page["@odata.nextLink"] = "https://elsewhere.example/AdminService_TokenAuth/wmi/SMS_Collection?$skiptoken=1";
            return page.ToJsonString();
        }));
        (await Should.ThrowAsync<TargetException>(() => site.Plan(Rings.Of()))).Diagnostic.Problem.ShouldBe(Problems.ForeignAddress);
    }

    [Theory]
    [InlineData("500:GET:/AdminService_TokenAuth/wmi/SMS_Collection", "MDB0750")]
    [InlineData("404:GET:/AdminService_TokenAuth/wmi/SMS_R_System", "MDB0730")]
    [InlineData("403:GET:/AdminService_TokenAuth/wmi/SMS_Collection", "MDB0754")]
    [InlineData("401:GET:/AdminService_TokenAuth/wmi/SMS_Collection", "MDB0753")]
    [InlineData("500-empty:GET:/AdminService_TokenAuth/wmi/SMS_Collection", "MDB0750")]
    [InlineData("404-html:GET:/AdminService_TokenAuth/wmi/SMS_R_System", "MDB0730")]
    [InlineData("403-empty:GET:/AdminService_TokenAuth/wmi/SMS_Collection", "MDB0754")]
    [InlineData("401-html:GET:/AdminService_TokenAuth/wmi/SMS_Collection", "MDB0753")]
    [InlineData("200-html:GET:/AdminService_TokenAuth/wmi/SMS_Collection", "MDB0757")]
    public async Task A_site_that_cannot_be_read_is_an_error_that_says_why(string faults, string code)
    {
        await using var site = await TestSite.StartAsync(faults: faults);
        var problem = (await Should.ThrowAsync<TargetException>(() => site.Plan(Rings.Of(("pilot", ["PC-1"]))))).Diagnostic;
        problem.Code.ShouldBe(code);
        problem.Message.ShouldNotContain("<");
    }

    [Fact]
    public async Task An_account_without_rights_is_told_so()
    {
        await using var site = await TestSite.StartAsync();
        site.MeddleWith(inner => new Denying(inner));
        var denied = (await Should.ThrowAsync<TargetException>(() => site.Plan(Rings.Of()))).Diagnostic;
        denied.Problem.ShouldBe(Problems.AccessDenied);
        denied.Message.ShouldContain("not an administrative user");
    }

    [Fact]
    public async Task Without_a_ticket_the_error_explains_Kerberos()
    {
        await using var site = await TestSite.StartAsync();
        var settings = ConfigMgrSettings.Read(new JsonObject { ["endpoint"] = $"{site.Lab.BaseAddress}AdminService", ["caFile"] = "lab-ca.pem" }, site.Folder).Value.ShouldNotBeNull();
        using var connection = new ConfigMgrConnection(settings, null, TimeProvider.System);
        var refused = (await Should.ThrowAsync<TargetException>(() => ConfigMgrStatus.ReadAsync(connection, null, TestContext.Current.CancellationToken))).Diagnostic;
        new[] { Problems.TicketMissing, Problems.KerberosUnavailable, Problems.TicketRefused }.ShouldContain(refused.Problem);
        refused.Message.ShouldContain("Kerberos");
    }

    [Fact]
    public async Task A_collection_that_vanished_since_the_review_is_not_found_or_not_visible()
    {
        await using var site = await TestSite.StartAsync();
        await site.Push(Rings.State(Rings.Collection("pilot")));
        var plan = await site.Plan(Rings.State(Rings.Collection("pilot", limitTo: "SMS00001")));
        await site.Elsewhere(HttpMethod.Delete, $"SMS_Collection('{site.The("MDB - pilot").Id}')");
        var result = await new Reconciler(site.Target, site.Folder, TimeProvider.System).ApplyAsync(plan, null, TestContext.Current.CancellationToken);
        result.Diagnostics.ShouldHaveSingleItem().Problem.ShouldBe(Problems.NotVisible);
    }

    private static void ShouldBeComplete(TestSite site)
    {
        site.Lab.State.Collections.Select(c => c.Name).Order().ShouldBe(["All Desktop and Server Clients", "All Systems", "MDB - broad", "MDB - excluded", "MDB - pilot", "MDB - root"]);
        site.The("MDB - pilot").Rules.Select(r => r["RuleName"]!.ToString()).Order().ShouldBe(["MDB excluded", "MDB names 001"]);
        site.The("MDB - broad").Rules.Select(r => r["RuleName"]!.ToString()).Order().ShouldBe(["MDB excluded", "MDB names 001"]);
    }

    /// <summary>A provider that answers 201 to a rule and did nothing.</summary>
    private sealed class Refusing(HttpMessageHandler inner, Func<bool> refuses) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            refuses() && request.RequestUri!.AbsolutePath.EndsWith("AddMembershipRule", StringComparison.Ordinal)
                ? Task.FromResult(new HttpResponseMessage(System.Net.HttpStatusCode.Created) { Content = new StringContent("""{"returnValue":2147749889}""", null, "application/json") })
                : base.SendAsync(request, cancellationToken);
    }

    /// <summary>What a site answers to an account that is no administrative user.</summary>
    private sealed class Denying(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(System.Net.HttpStatusCode.NotFound)
            {
                Content = new StringContent("""{"error":{"code":"404","message":"Access denied  WMI QUERY: "}}""", null, "application/json"),
            });
    }
}
