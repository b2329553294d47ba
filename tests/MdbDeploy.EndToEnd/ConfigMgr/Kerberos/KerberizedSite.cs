using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace MdbDeploy.EndToEnd.ConfigMgr.Kerberos;

/// <summary>A realm, the sample project rendered, and <c>mdbdeploy lab</c> in a process of its own with the service's keytab.</summary>
public sealed class KerberizedSite : IAsyncLifetime
{
    private Realm? realm;
    private Project? project;
    private Process? lab;
    private HttpClient? looker;

    internal Realm Realm => realm.ShouldNotBeNull();

    internal Project Project => project.ShouldNotBeNull();

    /// <summary>Address of the lab.</summary>
    public Uri Address { get; private set; } = new("https://localhost/");

    public string CaFile { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        if (Kerberos.Realm.Missing is not null)
        {
            return;
        }

        realm = await Realm.StartAsync();
        project = await Project.RenderedAsync();
        await StartLabAsync(null);
    }

    /// <summary>Starts the lab anew, empty.</summary>
    public async Task StartLabAsync(string? faults)
    {
        await StopLabAsync();
        lab = CliProcess.Start(Project.Folder, Realm.ServiceEnvironment, ["lab", Project.Folder, "--json", .. faults is null ? [] : new[] { "--faults", faults }]);
        _ = lab.StandardError.ReadToEndAsync(CancellationToken.None);
        var text = "";
        JsonNode? told = null;
        while (told is null && await lab.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            text += line;
            try
            {
                told = JsonNode.Parse(text);
            }
            catch (System.Text.Json.JsonException)
            {
                // Not yet whole.
            }
        }

        Address = new Uri(told.ShouldNotBeNull()["address"]!.ToString());
        CaFile = told["caFile"]!.ToString();
        Aim();
        looker?.Dispose();
        looker = new HttpClient(Targets.Http.Transport.Create(CaFile)) { BaseAddress = Address };
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = told["clientId"]!.ToString(),
            ["client_secret"] = told["clientSecret"]!.ToString(),
            ["scope"] = $"{Address.GetLeftPart(UriPartial.Authority)}/.default",
        });
        using var token = await looker.PostAsync($"{told["tenantId"]}/oauth2/v2.0/token", form, TestContext.Current.CancellationToken);
        var answer = JsonNode.Parse(await token.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        looker.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", answer["access_token"]!.ToString());
    }

    /// <summary>Points the project at the lab.</summary>
    public void Aim(string? host = null, string more = "", bool withCaFile = true)
    {
        var address = host is null ? Address : new UriBuilder(Address) { Host = host }.Uri;
        Project.SetYaml("targets", $"{{ configmgr: {{ endpoint: '{address}AdminService/', siteCode: P01{(withCaFile ? $", caFile: '{CaFile}'" : "")}{more} }} }}");
    }

    /// <summary>Our collections in the lab, read over its other door, with a token.</summary>
    public async Task<int> CountCollectionsAsync()
    {
        using var answer = await looker!.GetAsync("AdminService_TokenAuth/wmi/SMS_Collection?$select=CollectionID", TestContext.Current.CancellationToken);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["value"]!.AsArray().Count(r => !r!["CollectionID"]!.ToString().StartsWith("SMS", StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        looker?.Dispose();
        await StopLabAsync();
        project?.Dispose();
        if (realm is not null)
        {
            await realm.DisposeAsync();
        }
    }

    private async Task StopLabAsync()
    {
        if (lab is null)
        {
            return;
        }

        lab.Kill();
        await lab.WaitForExitAsync(CancellationToken.None);
        lab.Dispose();
        lab = null;
        File.Delete(CaFile);
    }
}
