using System.Text.Json.Nodes;
using MdbDeploy.EndToEnd.Commands;

namespace MdbDeploy.EndToEnd.ConfigMgr;

public class Probing
{
    [Fact]
    public async Task The_whole_channel_goes_into_the_lab_and_the_probe_then_tells_shapes_and_no_names()
    {
        await using var test = await LabbedProject.StartAsync();
        var push = await test.RunAsync("push", "--yes", "--target", "configmgr", "--wait", "20");
        push.ExitCode.ShouldBe(0, push.Output + push.Error);
        push.Output.ShouldContain("devices are members.");
        push.Output.ShouldNotContain("MDB0764");
        test.Lab.Requests.Clear();
        (await test.RunAsync("push", "--yes", "--target", "configmgr")).ExitCode.ShouldBe(0);
        test.Lab.Requests.Writes.ShouldBeEmpty();

        test.Lab.Requests.Clear();
        var probe = await test.RunAsync("configmgr", "probe", "--out", "probe.json");
        probe.ExitCode.ShouldBe(0, probe.Output + probe.Error);
        test.Lab.Requests.Entries.ShouldAllBe(e => e.Method == "GET" || e.Path.Contains("oauth2", StringComparison.Ordinal));
        var text = await File.ReadAllTextAsync(test.Project["probe.json"], TestContext.Current.CancellationToken);
        foreach (var collection in test.Lab.State.Collections)
        {
            text.ShouldNotContain(collection.Name);
            collection.Members.ShouldAllBe(m => !text.Contains(m, StringComparison.OrdinalIgnoreCase));
            if (!collection.Id.StartsWith("SMS", StringComparison.Ordinal))
            {
                text.ShouldNotContain(collection.Id);
            }
        }

        text.ShouldNotContain(test.Lab.ClientSecret);
        text.ShouldNotContain("localhost");
        var answers = JsonNode.Parse(text)!["answers"]!.AsArray().ToDictionary(a => a!["id"]!.ToString(), a => a!);
        answers["version"]["answer"]!["value"]!["kinds"]![0]!["Version"]!.ToString().ShouldBe("5.00.9146.1000");
        answers["static-get"]["status"]!.GetValue<int>().ShouldBe(201);
        answers["P2"]["answer"]!["value"]!["kinds"]![0]!["CollectionRules"]!.ToString().ShouldBe("null");
        answers["P4-class"]["status"]!.GetValue<int>().ShouldBe(404);
        answers["P3"]["answer"]!["value"]!["kinds"]![0]!["CollectionRules"]!["kinds"]!.AsArray().ShouldNotBeEmpty();
    }
}
