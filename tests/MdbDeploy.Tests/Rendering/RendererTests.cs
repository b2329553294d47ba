using System.Text;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;

namespace MdbDeploy.Tests.Rendering;

public class RendererTests
{
    private const string OneFile = """
        title: Test
        method: intune
        outputs:
          - path: out.txt
            template: out.txt.sbn
        """;

    private const string OneResource = """
        title: Test
        method: intune
        target: graph
        package: onboarding-file
        kinds:
          - { name: group, title: Group, handler: object, phase: 10, collection: groups, markerProperty: description }
        outputs:
          - { path: "group.{{ ring.slug }}.json", template: group.json.sbn, each: ring, resource: true }
        """;

    [Fact]
    public void A_folder_with_a_channel_yaml_is_a_channel()
    {
        using var channel = new Rendered(OneFile, ("out.txt.sbn", "{{ channel.title }}: {{ devices | array.size }}"));
        channel.Text("out.txt").ShouldBe("Test: 3");
    }

    [Fact]
    public void An_output_is_rendered_once_per_ring_that_holds_devices()
    {
        using var channel = new Rendered(OneFile.Replace("path: out.txt", "path: \"{{ ring.slug }}.txt\"\n    each: ring", StringComparison.Ordinal),
            ("out.txt.sbn", "{{ for d in ring.devices }}{{ d.name }} {{ end }}"));
        channel.Bundle().Files.Select(f => f.Path).ShouldBe(["broad.txt", "pilot.txt"]);
        channel.Text("broad.txt").ShouldBe("LT-0002 LT-0003 ");
    }

    [Fact]
    public void A_channel_without_devices_is_not_rendered()
    {
        using var channel = new Rendered(OneFile.Replace("intune", "jamf", StringComparison.Ordinal), ("out.txt.sbn", "x"));
        channel.Bundle().Files.ShouldBeEmpty();
    }

    [Fact]
    public void Rendering_twice_gives_the_same_bytes()
    {
        using var channel = new Rendered(OneResource, ("group.json.sbn", Group));
        var (one, two) = (channel.Bundle(), channel.Bundle());
        one.Files.Select(f => Convert.ToHexString(f.Content.Span)).ShouldBe(two.Files.Select(f => Convert.ToHexString(f.Content.Span)));
    }

    [Fact]
    public void A_hostile_name_stays_data_in_every_file_type()
    {
        using var channel = new Rendered(OneFile.Replace("out.txt", "out.json", StringComparison.Ordinal), ("out.json.sbn", """{ "name": "{{ devices[0].name }}" }"""));
        channel.Devices[0] = Rendered.Planned("a\", \"admin\": \"b", "pilot");
        JsonNode.Parse(channel.Text("out.json"))!.AsObject().Single().Value!.GetValue<string>().ShouldBe("a\", \"admin\": \"b");
    }

    [Fact]
    public void A_syntax_error_names_template_line_and_column()
    {
        using var channel = new Rendered(OneFile, ("out.txt.sbn", "first\n{{ if }}\n"));
        var problem = channel.SingleProblem();
        problem.Code.ShouldBe("MDB0503");
        problem.Where.File.ShouldBe("templates/test/out.txt.sbn");
        problem.Where.Line.ShouldBe(2);
        problem.Where.Column.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void A_misspelt_member_is_an_error_with_its_place()
    {
        using var channel = new Rendered(OneFile, ("out.txt.sbn", "{{ for d in devices }}\n  {{ d.nmae }}\n{{ end }}"));
        var problem = channel.SingleProblem();
        problem.Code.ShouldBe("MDB0504");
        problem.Where.Line.ShouldBe(2);
        problem.Message.ShouldContain("nmae");
    }

    [Theory]
    [InlineData("{{ while true }}{{ end }}")]
    [InlineData("{{ while true }}{{ while true }}{{ end }}{{ end }}")]
    [InlineData("{{ func f; ret f; end; f }}")]
    public void A_template_that_never_ends_is_stopped_with_a_diagnostic(string template)
    {
        using var channel = new Rendered(OneFile, ("out.txt.sbn", template));
        channel.SingleProblem().Code.ShouldBe("MDB0504");
    }

    [Theory]
    [InlineData("{{ date.now }}")]
    [InlineData("{{ math.uuid }}")]
    [InlineData("{{ math.random 1 9 }}")]
    [InlineData("{{ object.eval '1' }}")]
    [InlineData("{{ include '../other/secret.sbn' }}")]
    [InlineData("{{ include '/etc/passwd' }}")]
    public void A_template_reaches_nothing_of_the_machine(string template)
    {
        using var channel = new Rendered(OneFile, ("out.txt.sbn", template));
        channel.SingleProblem().Code.ShouldBe("MDB0504");
    }

    [Fact]
    public void Cancelling_ends_a_running_template()
    {
        using var channel = new Rendered(OneFile, ("out.txt.sbn", "{{ while true }}{{ end }}"));
        using var source = new CancellationTokenSource();
        source.Cancel();
        Should.Throw<OperationCanceledException>(() => channel.Run(source.Token));
    }

    [Fact]
    public void Output_beyond_one_mebibyte_and_a_thousand_devices_is_complete()
    {
        using var channel = new Rendered(OneFile, ("out.txt.sbn", "{{ for d in devices }}{{ d.name | string.pad_left 60 }}\n{{ end }}"));
        channel.Devices.Clear();
        channel.Devices.AddRange(Enumerable.Range(0, 30_000).Select(i => Rendered.Planned($"PC-{i:D5}", "broad")));
        var text = channel.Text("out.txt");
        text.Length.ShouldBe(30_000 * 62);
        text.ShouldEndWith("PC-29999\r\n");
    }

    [Fact]
    public void Lines_end_and_encodings_are_those_of_the_artifact()
    {
        using var channel = new Rendered(OneFile.Replace("path: out.txt", "path: out.ps1", StringComparison.Ordinal), ("out.txt.sbn", "# a\n$x = 'å'\n"));
        channel.Bundle().Files.Single().Content.ToArray().ShouldBe([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes("# a\r\n$x = 'å'\r\n")]);
    }

    [Fact]
    public void A_resource_carries_the_marker_its_ring_and_its_dependencies()
    {
        using var channel = new Rendered(OneResource, ("group.json.sbn", Group));
        var resource = channel.Bundle().ResourcesOf("graph").First(r => r.Ring == "pilot");
        resource.Address.ShouldBe("test/group/pilot");
        var marker = Marker.Find(resource.Body["description"]!.GetValue<string>()).ShouldNotBeNull();
        marker.Project.ShouldBe("contoso");
        marker.Address.ShouldBe("test/group/pilot");
    }

    [Fact]
    public void A_file_that_holds_the_blob_is_sensitive_and_others_are_not()
    {
        using var channel = new Rendered(OneResource, ("group.json.sbn", Group.Replace("A group.", "{{ package.blob }}", StringComparison.Ordinal)));
        channel.Bundle().Files.ShouldAllBe(f => f.IsSensitive);
        using var other = new Rendered(OneResource, ("group.json.sbn", Group));
        other.Bundle().Files.ShouldAllBe(f => !f.IsSensitive);
    }

    [Theory]
    [InlineData("{{ package.blob | raw }}")]
    [InlineData("{{ package.blob | json }}")]
    public void A_secret_is_never_written_raw(string template)
    {
        using var channel = new Rendered(OneResource, ("group.json.sbn", template));
        var problems = channel.Run().Diagnostics;
        problems.ShouldAllBe(p => p.Code == "MDB0504");
        problems.ShouldAllBe(p => !p.Message.Contains("FAKESIGNATURE", StringComparison.Ordinal));
    }

    [Fact]
    public void A_reference_to_nothing_is_an_error()
    {
        using var channel = new Rendered(OneResource, ("group.json.sbn", Group.Replace("A group.", "{test/group/gone}", StringComparison.Ordinal)));
        channel.Run().Diagnostics.ShouldAllBe(p => p.Code == "MDB0509");
    }

    [Fact]
    public void A_device_named_like_a_reference_is_not_taken_for_one()
    {
        using var channel = new Rendered(OneResource, ("group.json.sbn", Group.Replace("A group.", "{{ ring.devices[0].name }}", StringComparison.Ordinal)));
        channel.Devices[0] = Rendered.Planned("{test/group/broad}", "pilot");
        var resource = channel.Bundle().ResourcesOf("graph").Single(r => r.Ring == "pilot");
        resource.DependsOn.ShouldBeEmpty();
        resource.Body["description"]!.GetValue<string>().ShouldStartWith("\uFFFDtest/group/broad}");
    }

    [Fact]
    public void A_resource_of_an_undeclared_kind_is_an_error()
    {
        using var channel = new Rendered(OneResource, ("group.json.sbn", Group.Replace("\"kind\": \"group\"", "\"kind\": \"grup\"", StringComparison.Ordinal)));
        channel.Run().Diagnostics.ShouldAllBe(p => p.Code == "MDB0508" && p.Message.Contains("grup", StringComparison.Ordinal));
    }

    [Fact]
    public void Two_outputs_of_one_path_are_an_error_even_when_only_their_case_differs()
    {
        using var channel = new Rendered(OneFile + "\n  - { path: OUT.txt, template: out.txt.sbn }\n", ("out.txt.sbn", "x"));
        channel.SingleProblem().Code.ShouldBe("MDB0506");
    }

    [Fact]
    public void A_path_cannot_leave_the_bundle()
    {
        using var channel = new Rendered(OneFile.Replace("path: out.txt", "path: ../out.txt", StringComparison.Ordinal), ("out.txt.sbn", "x"));
        channel.SingleProblem().Code.ShouldBe("MDB0507");
    }

    [Fact]
    public void Every_mistake_in_a_channel_yaml_is_reported_at_once_with_its_line()
    {
        using var channel = new Rendered("""
            title: Test
            metod: intune
            outputs:
              - path: a.txt
                template: missing.sbn
                each: sometimes
            """);
        var problems = channel.Run().Diagnostics;
        problems.ShouldAllBe(p => p.Code == "MDB0502" && p.Where.File == "templates/test/channel.yaml");
        problems.Select(p => p.Where.Line).Order().ShouldBe([1, 2, 5, 6]);
        problems.ShouldContain(p => p.Message.Contains("Did you mean 'method'?", StringComparison.Ordinal));
    }

    private const string Group = """
        {
          "address": "test/group/{{ ring.slug }}", "kind": "group", "method": "POST", "path": "groups",
          "body": { "displayName": "{{ ring.name }}", "description": "A group." }
        }
        """;
}
