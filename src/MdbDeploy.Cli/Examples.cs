using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace MdbDeploy.Cli;

/// <summary>Examples for <c>--help</c>, by command.</summary>
internal static class Examples
{
    /// <summary>The examples: the command's path, then lines of a command line and what it does.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<(string Line, string Does)>> All { get; } = new Dictionary<string, IReadOnlyList<(string, string)>>(StringComparer.Ordinal)
    {
        ["mdbdeploy"] =
        [
            ("mdbdeploy up --lab", "the whole job on a sample, into a stand-in for your tenant"),
            ("mdbdeploy new rollout", "a project to start from"),
            ("mdbdeploy plan rollout", "who goes where, and why"),
        ],
        ["new"] = [("mdbdeploy new rollout", "asks nothing; edit rollout/mdbdeploy.yaml next")],
        ["inspect"] = [("mdbdeploy inspect rollout/inventory/devices.csv rollout/packages/package.zip", "what was recognised, and what was not")],
        ["plan"] =
        [
            ("mdbdeploy plan rollout", "writes out/plan.csv and out/problems.csv"),
            ("mdbdeploy plan rollout --explain PC-0042", "one device: each field's source, each rule tried"),
        ],
        ["render"] = [("mdbdeploy render rollout", "writes out/bundle/, to review before anything is pushed")],
        ["diff"] =
        [
            ("mdbdeploy diff rollout", "what a push would change; exit code 2 when something differs"),
            ("mdbdeploy diff rollout --markdown diff.md", "the same for a pull request"),
        ],
        ["push"] =
        [
            ("mdbdeploy push rollout --ring pilot --what-if", "what would be done for the first ring"),
            ("mdbdeploy push rollout --yes --expect 0123456789ab", "exactly what 'diff' showed, without a question"),
            ("mdbdeploy push rollout --resume", "after Ctrl+C, a lost connection, or an approval"),
            ("mdbdeploy push rollout --target active-directory", "Group Policy Objects, which no other push touches"),
        ],
        ["offboard"] = [("mdbdeploy offboard rollout --what-if", "what offboarding the marked devices would do")],
        ["rollback"] = [("mdbdeploy rollback rollout 20261123T124923Z-graph --what-if", "what undoing that run would do; push shows the name of its run")],
        ["status"] =
        [
            ("mdbdeploy status rollout", "writes out/status.csv and remembers it for trends"),
            ("mdbdeploy status rollout --watch --every 60", "asks again every minute, until Ctrl+C"),
        ],
        ["report"] = [("mdbdeploy report rollout", "writes out/report.html, one page for your manager")],
        ["doctor"] = [("mdbdeploy doctor rollout", "sign-in, rights and clocks, before anything is written")],
        ["up"] = [("mdbdeploy up --lab", "plan, render, push and status in one go, in the lab"), ("mdbdeploy up rollout --lab", "the same with your own devices")],
        ["lab"] = [("mdbdeploy lab rollout", "a stand-in for tenant and site on loopback, to try scripts against")],
        ["policy list"] = [("mdbdeploy policy list", "the presets and what they set")],
        ["policy explain"] = [("mdbdeploy policy explain av.rtp", "one setting in the words of every channel")],
        ["policy diff"] = [("mdbdeploy policy diff next-generation-protection vdi-antivirus", "what differs between two presets, files or backups")],
        ["policy import"] = [("mdbdeploy policy import backup-folder --out ours.yaml", "a Group Policy backup, an LGPO text, an Intune export or an antimalware policy as a preset")],
        ["gpo lint"] = [("mdbdeploy gpo lint backup-folder", "why a backup would fail silently")],
        ["configmgr probe"] = [("mdbdeploy configmgr probe rollout", "reads a site and writes down what is not documented")],
        ["completion"] = [("mdbdeploy completion bash", "for ~/.bashrc: source <(mdbdeploy completion bash)")],
    };

    /// <summary>Adds the examples to the help of a command and of all below it.</summary>
    public static void AddTo(RootCommand root)
    {
        foreach (var option in root.Options.OfType<HelpOption>())
        {
            option.Action = new HelpWithExamples((HelpAction)option.Action!);
        }
    }

    /// <summary>What a command is called from the root on, without the program's name.</summary>
    public static string PathOf(Command command) => command.Parents.OfType<Command>().FirstOrDefault() is { } parent
        ? parent is RootCommand ? command.Name : $"{PathOf(parent)} {command.Name}"
        : "mdbdeploy";

    private sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var result = help.Invoke(parseResult);
            if (All.TryGetValue(PathOf(parseResult.CommandResult.Command), out var examples))
            {
                var output = parseResult.InvocationConfiguration.Output;
                output.WriteLine("Examples:");
                var width = examples.Max(e => e.Line.Length);
                foreach (var (line, does) in examples)
                {
                    output.WriteLine($"  {line.PadRight(width)}  {does}");
                }

                output.WriteLine();
            }

            return result;
        }
    }
}
