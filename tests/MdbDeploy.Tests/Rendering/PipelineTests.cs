using System.Diagnostics;
using System.Management.Automation.Language;
using System.Text;
using System.Text.Json.Nodes;

namespace MdbDeploy.Tests.Rendering;

/// <summary>The pipeline snippets: HCL by Packer itself, JSON and the PowerShell within both.</summary>
public class PipelineTests
{
    private static readonly string Images = Path.Combine(Repository.Root, "tests", "MdbDeploy.Tests", "Baselines", "330-vdi", "two-images", "expected", "vdi");

    public static TheoryData<string> Names => ["w11-pool", "rds-2022"];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Packer_itself_accepts_the_provisioners_and_their_form(string image)
    {
        var packer = new[] { "/usr/bin/packer", "/usr/local/bin/packer" }.FirstOrDefault(File.Exists);
        Assert.SkipWhen(packer is null, "Packer is not installed (apt-get install packer).");
        var file = Path.Combine(Images, image, "pipeline", "mdb-image.pkr.hcl");
        var valid = await RunAsync(packer!, "validate", "-var", $"bundle={Path.Combine(Images, image)}", "-var", "image_host=10.0.0.5", "-var", "image_password=x", file);
        valid.Exit.ShouldBe(0, valid.Output);
        (await RunAsync(packer!, "fmt", "-check", file)).ShouldBe((0, ""));
        // A mistake is told, so that the two above mean something.
        var broken = Path.Combine(Directory.CreateTempSubdirectory("mdb-packer-").FullName, "x.pkr.hcl");
        await File.WriteAllTextAsync(broken, (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).Replace("valid_exit_codes", "valid_exit_code", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        (await RunAsync(packer!, "validate", "-var", $"bundle={Path.Combine(Images, image)}", "-var", "image_host=10.0.0.5", "-var", "image_password=x", broken)).Exit.ShouldNotBe(0);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Azure_image_builder_gets_the_same_steps_in_the_same_order(string image)
    {
        var steps = JsonNode.Parse(File.ReadAllText(Path.Combine(Images, image, "pipeline", "azure-image-builder.json")))!.AsArray();
        steps.Select(s => s!["type"]!.GetValue<string>()).ShouldBe(["File", "PowerShell", "PowerShell", "PowerShell", "PowerShell", "PowerShell"]);
        var gate = steps.Single(s => s!["inline"] is JsonArray lines && lines[0]!.GetValue<string>().Contains("Test-MdbGoldenImage", StringComparison.Ordinal))!;
        (gate["runAsSystem"]!.GetValue<bool>(), gate["runElevated"]!.GetValue<bool>()).ShouldBe((true, true));
        gate["validExitCodes"]!.AsArray().Select(c => c!.GetValue<int>()).ShouldBe([0]);
        var names = steps.Select(s => s!["name"]!.GetValue<string>()).ToList();
        names.FindIndex(n => n.Contains("stage", StringComparison.Ordinal)).ShouldBeLessThan(names.FindIndex(n => n.Contains("gate", StringComparison.Ordinal)));

        foreach (var script in steps.Where(s => s!["inline"] is not null).Select(s => string.Join('\n', s!["inline"]!.AsArray().Select(l => l!.GetValue<string>()))))
        {
            Parser.ParseInput(script, out _, out var errors);
            errors.ShouldBeEmpty(script);
        }

        // Packer runs the same lines.
        var hcl = File.ReadAllText(Path.Combine(Images, image, "pipeline", "mdb-image.pkr.hcl"));
        foreach (var line in steps.Skip(2).Take(2).SelectMany(s => s!["inline"]!.AsArray()).Select(l => l!.GetValue<string>()))
        {
            hcl.ShouldContain($"\"{line.Replace("\\", "\\\\", StringComparison.Ordinal)}\"");
        }
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a\"b\\c", "a\\\"b\\\\c")]
    [InlineData("${path} %{if} $x %y", "$${path} %%{if} $x %y")]
    [InlineData("a\nb\tc\0", "a\\nb\\tc ")]
    public void Text_stays_data_in_hcl(string text, string escaped) => MdbDeploy.Rendering.Escaping.OfName("hcl")!(text).ShouldBe(escaped);

    private static async Task<(int Exit, string Output)> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["CHECKPOINT_DISABLE"] = "1";
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var output = new StringBuilder(await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
        output.Append(await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output.ToString().Trim());
    }
}
