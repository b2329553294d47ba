using System.Net;
using System.Text.Json.Nodes;
using MdbDeploy.Lab;

namespace MdbDeploy.EndToEnd.Lab;

public class Graph
{
    [Fact]
    public async Task A_new_group_can_neither_be_read_nor_take_members_for_a_moment()
    {
        await using var lab = await LabTest.StartAsync();
        var devices = await lab.ObjectIds();
        var created = await lab.Post("beta/groups", """{"displayName":"Pilot","mailEnabled":false,"mailNickname":"pilot","securityEnabled":true,"groupTypes":[]}""");
        created.Status.ShouldBe(HttpStatusCode.Created);
        var id = (string)created.Json["id"]!;

        (await lab.Get($"beta/groups/{id}")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await lab.Get("beta/groups?$filter=displayName eq 'Pilot'")).Rows.ShouldBeEmpty();
        var tooEarly = await lab.Patch($"beta/groups/{id}", Bind(devices[0]));
        tooEarly.Status.ShouldBe(HttpStatusCode.BadRequest);
        tooEarly.Error.ShouldBe("The source resource object or one of the objects being referenced do not exist.");

        lab.Time.Advance(TimeSpan.FromMilliseconds(150));
        (await lab.Get($"beta/groups/{id}")).Status.ShouldBe(HttpStatusCode.OK);
        (await lab.Get("beta/groups?$filter=displayName eq 'pilot'")).Rows.Count().ShouldBe(1);
        (await lab.Patch($"beta/groups('{id}')", Bind(devices[0]))).Status.ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task Upsert_by_unique_name_creates_once_and_only_when_asked_to()
    {
        await using var lab = await LabTest.StartAsync();
        const string Body = """{"displayName":"Ring's end","mailEnabled":false,"mailNickname":"ring","securityEnabled":true,"groupTypes":[]}""";
        (await lab.Patch("v1.0/groups(uniqueName='ring')", Body)).Status.ShouldBe(HttpStatusCode.NotFound);
        (await lab.Patch("v1.0/groups(uniqueName='ring')", Body, ("Prefer", "create-if-missing"))).Status.ShouldBe(HttpStatusCode.Created);
        (await lab.Patch("v1.0/groups(uniqueName='ring')", Body, ("Prefer", "create-if-missing"))).Status.ShouldBe(HttpStatusCode.NoContent);
        lab.Server.State.Groups.Count.ShouldBe(1);

        lab.Time.Advance(TimeSpan.FromSeconds(1));
        (await lab.Get("beta/groups?$filter=startswith(displayName,'Ring''s')")).Rows.Count().ShouldBe(1);
        (await lab.Get("beta/groups(uniqueName='ring')")).Json["displayName"]!.GetValue<string>().ShouldBe("Ring's end");
    }

    [Fact]
    public async Task Members_are_bound_all_or_nothing_and_20_at_most()
    {
        await using var lab = await LabTest.StartAsync(devices: 25);
        var devices = await lab.ObjectIds();
        var group = await lab.CreateGroup("ring");

        var many = await lab.Patch($"beta/groups/{group}", Bind(devices[..21]));
        many.Status.ShouldBe(HttpStatusCode.BadRequest);
        many.Error.ShouldContain("more than 20 link changes");
        (await lab.Patch($"beta/groups/{group}", Bind(devices[..20]))).Status.ShouldBe(HttpStatusCode.NoContent);

        (await lab.Patch($"beta/groups/{group}", Bind(devices[19..22]))).Error.ShouldContain("already exist");
        (await lab.Patch($"beta/groups/{group}", Bind(devices[21], Guid.NewGuid().ToString()))).Status.ShouldBe(HttpStatusCode.NotFound);
        lab.Server.State.Groups.Single().Members.Count.ShouldBe(20);

        (await lab.Post($"beta/groups/{group}/members/$ref", $$"""{"@odata.id":"https://graph.microsoft.com/beta/directoryObjects/{{devices[20]}}"}""")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await lab.Delete($"beta/groups/{group}/members/{devices[0]}/$ref")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await lab.Delete($"beta/groups/{group}/members/{devices[0]}/$ref")).Status.ShouldBe(HttpStatusCode.NotFound);
        lab.Server.State.Groups.Single().Members.Select(m => m.Name).ShouldBe(Enumerable.Range(1, 20).Select(n => $"PC-{n:000}"), ignoreOrder: true);
    }

    [Fact]
    public async Task Deleting_a_member_without_ref_deletes_the_device()
    {
        await using var lab = await LabTest.StartAsync();
        var devices = await lab.ObjectIds();
        var group = await lab.CreateGroup("ring");
        await lab.Patch($"beta/groups/{group}", Bind(devices));
        (await lab.Delete($"beta/groups/{group}/members/{devices[1]}")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await lab.ObjectIds()).ShouldBe([devices[0], devices[2]]);
    }

    [Fact]
    public async Task Lists_come_in_pages_with_a_link_that_keeps_the_question()
    {
        await using var lab = await LabTest.StartAsync(devices: 45);
        var group = await lab.CreateGroup("ring");
        foreach (var chunk in (await lab.ObjectIds()).Chunk(20))
        {
            await lab.Patch($"beta/groups/{group}", Bind(chunk));
        }

        var rows = new List<JsonObject>();
        string? next = $"beta/groups/{group}/members/microsoft.graph.device?$select=deviceId,displayName&$top=20";
        var pages = 0;
        for (; next is not null; pages++)
        {
            var page = await lab.Get(next);
            rows.AddRange(page.Rows);
            next = (string?)page.Json["@odata.nextLink"];
        }

        pages.ShouldBe(3);
        rows.Select(r => (string)r["displayName"]!).Distinct().Count().ShouldBe(45);
        rows.ShouldAllBe(r => r.Count == 2);
        (await lab.Get($"beta/groups/{group}/members?$top=1000")).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Devices_are_found_by_name_device_id_and_serial()
    {
        await using var lab = await LabTest.StartAsync(new LabOptions
        {
            Devices =
            [
                new LabDevice { Name = "O'NEIL", Serial = "S 1&2", InEntra = true, InIntune = true, EntraDeviceId = Guid.Parse("11111111-2222-4333-8444-555555555555") },
                new LabDevice { Name = "GONE", Serial = "S3", InIntune = true },
            ],
        });
        var managed = await lab.Get($"beta/deviceManagement/managedDevices?$filter=serialNumber eq '{Uri.EscapeDataString("S 1&2")}'&$select=deviceName,azureADDeviceId");
        ((string)managed.Rows.Single()["azureADDeviceId"]!).ShouldBe("11111111-2222-4333-8444-555555555555");
        var directory = await lab.Get("v1.0/devices?$filter=displayName eq 'O''NEIL'");
        var id = (string)directory.Rows.Single()["id"]!;
        ((string)(await lab.Get("beta/devices(deviceId='11111111-2222-4333-8444-555555555555')")).Json["id"]!).ShouldBe(id);
        id.ShouldNotBe("11111111-2222-4333-8444-555555555555");

        (await lab.Get("v1.0/devices?$filter=displayName eq 'GONE'")).Rows.ShouldBeEmpty();
        ((string)(await lab.Get("beta/deviceManagement/managedDevices?$filter=deviceName eq 'gone'")).Rows.Single()["azureADDeviceId"]!).ShouldBe(Guid.Empty.ToString());
        (await lab.Get("beta/deviceManagement/managedDevices?$filter=color eq 'blue'")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await lab.Get("v1.0/devices?$filter=contains(displayName,'O')")).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    internal static string Bind(params string[] ids) =>
        new JsonObject { ["members@odata.bind"] = new JsonArray([.. ids.Select(i => JsonValue.Create($"https://graph.microsoft.com/v1.0/directoryObjects/{i}"))]) }.ToJsonString();
}
