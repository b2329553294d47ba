using System.CommandLine;
using System.Diagnostics;
using System.Text.RegularExpressions;
using MdbDeploy.Cli;
using YamlDotNet.RepresentationModel;

namespace MdbDeploy.EndToEnd.Commands;

/// <summary>Help, completion, pipelines and the package: what a new user meets first.</summary>
public sealed partial class CommandLineTests
{
    private static RootCommand Root => new CommandLine(TextWriter.Null, TextWriter.Null, TimeProvider.System, isTerminal: false).Root();

    [Fact]
    public void Every_command_has_examples_and_every_example_is_a_command_line()
    {
        Commands(Root).Where(c => c.Subcommands.Count == 0).Select(Examples.PathOf).Where(path => !Examples.All.ContainsKey(path)).ShouldBeEmpty();
        foreach (var (line, _) in Examples.All.SelectMany(e => e.Value))
        {
            Root.Parse(line.Split(' ')[1..]).Errors.Select(e => $"{line}: {e.Message}").ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task Help_shows_the_examples_of_its_command()
    {
        var help = await CliProcess.RunAsync(".", "push", "--help");
        help.ExitCode.ShouldBe(0);
        help.Output.ShouldContain("Examples:\n  mdbdeploy push rollout --ring pilot --what-if");
    }

    [Theory]
    [InlineData("mdbdeploy pu", "push")]
    [InlineData("mdbdeploy push --ri", "--ring")]
    [InlineData("mdbdeploy push --target ", "active-directory")]
    public async Task Bash_completes_by_asking_the_program(string typed, string expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs bash");
        var folder = Directory.CreateTempSubdirectory("mdb-completion-").FullName;
        try
        {
            var program = Path.Combine(folder, "mdbdeploy");
            await File.WriteAllTextAsync(program, $"#!/bin/sh\nexec {BuiltCommand.Words} \"$@\"\n", TestContext.Current.CancellationToken);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(program, (UnixFileMode)0b111_101_101);
            }

            var words = typed.Split(' ');
            using var bash = Process.Start(new ProcessStartInfo("bash",
                ["-c", $"PATH={folder}:$PATH; source <(mdbdeploy completion bash); COMP_LINE='{typed}'; COMP_POINT=${{#COMP_LINE}}; COMP_WORDS=({string.Join(' ', words.Select(w => $"'{w}'"))}); COMP_CWORD={words.Length - 1}; _mdbdeploy; printf '%s\\n' \"${{COMPREPLY[@]}}\""])
            { RedirectStandardOutput = true })!;
            var replies = await bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            replies.Split('\n').ShouldContain(expected);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("github", ".github/workflows/mdbdeploy.yml")]
    [InlineData("azure", "azure-pipelines.yml")]
    public async Task A_pipeline_is_yaml_and_runs_only_commands_that_exist(string service, string file)
    {
        var folder = Directory.CreateTempSubdirectory("mdb-pipeline-").FullName;
        try
        {
            var made = await CliProcess.RunAsync(folder, "new", "rollout", "--pipeline", service);
            made.ExitCode.ShouldBe(0, made.Output);
            var text = await File.ReadAllTextAsync(Path.Combine(folder, "rollout", file), TestContext.Current.CancellationToken);
            using var reader = new StringReader(text);
            var yaml = new YamlStream();
            yaml.Load(reader);
            yaml.Documents.ShouldHaveSingleItem();
            var lines = CommandPattern.Matches(text).Select(m => m.Groups[1].Value.Trim()).ToList();
            lines.Select(l => l.Split(' ')[0]).ShouldBe(["render", "diff", "doctor", "render", "push", "status", "report"]);
            foreach (var line in lines)
            {
                Root.Parse(line.Split(' ')).Errors.Select(e => $"{line}: {e.Message}").ShouldBeEmpty();
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task The_differences_as_markdown_hold_no_live_names_and_the_fingerprint_to_push()
    {
        await using var test = await LabbedProject.StartAsync();
        var diff = await test.RunAsync("diff", "--markdown", "diff.md");
        diff.ExitCode.ShouldBe(2, diff.Output);
        var text = await File.ReadAllTextAsync(test.Project["diff.md"], TestContext.Current.CancellationToken);
        text.ShouldContain("| `+` | `intune/group/pilot` |");
        var pushed = await test.RunAsync("push", "--yes", "--expect", text.Split("--expect ")[1].Split('`')[0]);
        pushed.ExitCode.ShouldBe(0, pushed.Output);
        (await test.RunAsync("diff", "--markdown", "diff.md")).ExitCode.ShouldBe(0);
        (await File.ReadAllTextAsync(test.Project["diff.md"], TestContext.Current.CancellationToken)).ShouldContain("as desired");
    }

    [Fact]
    public async Task The_package_installs_from_a_folder_and_does_the_whole_job()
    {
        var folder = Directory.CreateTempSubdirectory("mdb-package-").FullName;
        try
        {
            // What was built is packed as it is; the build's configuration is that of this test.
            var configuration = AppContext.BaseDirectory.Contains("release", StringComparison.OrdinalIgnoreCase) ? "Release" : "Debug";
            await DotnetAsync(Repository.Root, "pack", "src/MdbDeploy.Cli", "--no-build", "-c", configuration, "-o", folder, "-v", "quiet");
            await File.WriteAllTextAsync(Path.Combine(folder, "nuget.config"), $"<configuration><packageSources><clear/><add key=\"here\" value=\"{folder}\"/></packageSources></configuration>", TestContext.Current.CancellationToken);
            await DotnetAsync(folder, "tool", "install", "MdbDeploy", "--tool-path", Path.Combine(folder, "tool"), "--configfile", Path.Combine(folder, "nuget.config"));
            using var up = Process.Start(new ProcessStartInfo(Path.Combine(folder, "tool", OperatingSystem.IsWindows() ? "mdbdeploy.exe" : "mdbdeploy"), ["up", "--lab"]) { WorkingDirectory = folder, RedirectStandardOutput = true })!;
            var output = await up.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await up.WaitForExitAsync(TestContext.Current.CancellationToken);
            up.ExitCode.ShouldBe(0, output);
            output.ShouldContain("Onboarded");
            File.Exists(Path.Combine(folder, "mdbdeploy-demo", "out", "report.html")).ShouldBeTrue();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task DotnetAsync(string folder, params string[] arguments)
    {
        using var dotnet = Process.Start(new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true })!;
        var output = await dotnet.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await dotnet.WaitForExitAsync(TestContext.Current.CancellationToken);
        dotnet.ExitCode.ShouldBe(0, output);
    }

    private static IEnumerable<Command> Commands(Command command) => command.Subcommands.SelectMany(Commands).Append(command);

    [GeneratedRegex(@"\./tool/mdbdeploy ([^|#\n]+)")]
    private static partial Regex CommandPattern { get; }
}
