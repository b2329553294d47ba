using System.CommandLine;
using System.Text.Json.Nodes;

namespace MdbDeploy.Cli.Commands;

/// <summary><c>completion</c>: a script for the shell that completes commands and options, by asking this program what may follow.</summary>
internal static class CompletionCommand
{
    private static readonly Dictionary<string, string> Scripts = new(StringComparer.Ordinal)
    {
        // The position is where the cursor stands in the line.
        ["bash"] = """
            _mdbdeploy() {
                local IFS=$'\n'
                COMPREPLY=($(compgen -W "$(mdbdeploy "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2> /dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _mdbdeploy mdbdeploy
            """,
        ["zsh"] = """
            _mdbdeploy() {
                local line="$BUFFER"
                reply=("${(@f)$(mdbdeploy "[suggest:${CURSOR}]" "$line" 2> /dev/null)}")
                compadd -- $reply
            }
            compdef _mdbdeploy mdbdeploy
            """,
        ["pwsh"] = """
            Register-ArgumentCompleter -Native -CommandName mdbdeploy -ScriptBlock {
                param($word, $ast, $position)
                mdbdeploy "[suggest:$position]" "$ast" 2> $null | Where-Object { $_ -like "$word*" } |
                    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
            }
            """,
    };

    /// <summary>The command.</summary>
    public static Command Create(CommandLine line)
    {
        var shell = new Argument<string>("shell") { Description = "The shell." };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        var command = new Command("completion", "A script that completes commands and options in your shell; load it from the shell's start-up file.") { shell };
        line.Handle(command, run =>
        {
            var script = Scripts[run.Parsed.GetRequiredValue(shell)].ReplaceLineEndings("\n");
            if (!run.Terminal.Options.Json)
            {
                run.Terminal.Plain(script);
            }

            run.Terminal.Result(() => new JsonObject { ["script"] = script });
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }
}
