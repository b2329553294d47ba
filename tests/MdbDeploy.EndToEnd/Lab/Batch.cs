using System.Net;
using System.Text.Json.Nodes;
using MdbDeploy.Lab;

namespace MdbDeploy.EndToEnd.Lab;

public class Batch
{
    [Fact]
    public async Task Each_item_has_its_own_status_and_the_order_is_another()
    {
        await using var lab = await LabTest.StartAsync();
        var reply = await lab.Post("beta/$batch", Requests(
            Get("1", "/deviceManagement/managedDevices?$filter=deviceName eq 'PC-001'&$select=deviceName"),
            Get("2", "/devices(deviceId='00000000-0000-0000-0000-000000000001')"),
            Get("3", "/groups")));
        reply.Status.ShouldBe(HttpStatusCode.OK);
        var responses = reply.Json["responses"]!.AsArray();
        responses.Select(r => (string)r!["id"]!).ShouldBe(["3", "2", "1"]);
        responses.Select(r => (int)r!["status"]!).ShouldBe([200, 404, 200]);
        ((string)responses[2]!["body"]!["value"]![0]!["deviceName"]!).ShouldBe("PC-001");
    }

    [Fact]
    public async Task What_depends_on_a_failure_fails_with_424()
    {
        await using var lab = await LabTest.StartAsync();
        var dependent = Get("2", "/groups");
        dependent["dependsOn"] = new JsonArray("1");
        var reply = await lab.Post("beta/$batch", Requests(Get("1", "/groups/none"), dependent));
        Status(reply, "1").ShouldBe(404);
        Status(reply, "2").ShouldBe(424);
    }

    [Fact]
    public async Task More_than_20_items_ids_that_differ_in_case_only_and_bodies_without_a_type_are_refused()
    {
        await using var lab = await LabTest.StartAsync();
        (await lab.Post("beta/$batch", Requests([.. Enumerable.Range(1, 21).Select(n => Get($"{n}", "/groups"))]))).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await lab.Post("beta/$batch", Requests(Get("a", "/groups"), Get("A", "/groups")))).Status.ShouldBe(HttpStatusCode.BadRequest);
        var untyped = Get("2", "/groups");
        untyped["body"] = new JsonObject();
        (await lab.Post("beta/$batch", Requests(Get("1", "/groups"), untyped))).Status.ShouldBe(HttpStatusCode.BadRequest);
        lab.Server.Requests.Entries.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Items_are_throttled_one_by_one_and_logged_as_the_requests_they_are()
    {
        await using var lab = await LabTest.StartAsync(new LabOptions { Faults = "429:POST:/beta/groups:2" });
        static JsonObject Create(string id) => new()
        {
            ["id"] = id,
            ["method"] = "POST",
            ["url"] = "/groups",
            ["headers"] = new JsonObject { ["Content-Type"] = "application/json" },
            ["body"] = new JsonObject { ["displayName"] = id, ["mailEnabled"] = false, ["mailNickname"] = id, ["securityEnabled"] = true },
        };
        var reply = await lab.Post("beta/$batch", Requests(Create("one"), Create("two"), Create("three")));
        Status(reply, "one").ShouldBe(201);
        Status(reply, "two").ShouldBe(429);
        Status(reply, "three").ShouldBe(201);
        ((string)reply.Json["responses"]!.AsArray().Single(r => (string)r!["id"]! == "two")!["headers"]!["Retry-After"]!).ShouldBe("1");
        lab.Server.State.Groups.Select(g => g.DisplayName).ShouldBe(["one", "three"]);
        lab.Server.Requests.Writes.Select(w => (w.Path, w.Status, w.InBatch)).ShouldBe([("/beta/groups", 201, true), ("/beta/groups", 429, true), ("/beta/groups", 201, true)]);
    }

    private static JsonObject Get(string id, string url) => new() { ["id"] = id, ["method"] = "GET", ["url"] = url };

    private static string Requests(params JsonObject[] items) => new JsonObject { ["requests"] = new JsonArray([.. items]) }.ToJsonString();

    private static int Status(Reply reply, string id) => (int)reply.Json["responses"]!.AsArray().Single(r => (string)r!["id"]! == id)!["status"]!;
}
