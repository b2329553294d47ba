using System.Globalization;
using System.Text;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets;

namespace MdbDeploy.Cli.Views;

/// <summary>The differences as Markdown, for the comment of a pull request. Names from outside stand in code spans, so that they cannot be links, pictures or mentions.</summary>
internal static class ChangesMarkdown
{
    /// <summary>Rows of a table; a comment of a pull request holds 65,536 characters.</summary>
    private const int MostRows = 200;

    /// <summary>The document, with LF.</summary>
    /// <param name="compared">The changes of each target.</param>
    /// <param name="fingerprint">What identifies them.</param>
    public static string Of(IReadOnlyList<TargetChanges> compared, string fingerprint)
    {
        var text = new StringBuilder("## What a push would change\n\n");
        foreach (var target in compared)
        {
            var changes = target.Changes.Changes.Where(c => c.Kind != ChangeKind.None).ToList();
            text.Append(CultureInfo.InvariantCulture, $"### {Deployment.Title(target.Target)}: {Counts(changes)}\n\n");
            if (changes.Count > 0)
            {
                text.Append("| | resource | why |\n|---|---|---|\n");
                foreach (var change in changes.Take(MostRows))
                {
                    text.Append(CultureInfo.InvariantCulture, $"| `{(char)change.Kind}` | {Code(change.Address)} | {Code(change.Reason)} |\n");
                }

                text.Append(changes.Count > MostRows ? string.Create(CultureInfo.InvariantCulture, $"\n… and {changes.Count - MostRows} more.\n\n") : "\n");
            }

            foreach (var problem in target.Changes.Diagnostics.Where(d => d.Severity >= Severity.Warning).Take(MostRows))
            {
                text.Append(CultureInfo.InvariantCulture, $"- {problem.Severity.ToString().ToLowerInvariant()} {problem.Code}: {Code(problem.Message)}\n");
            }
        }

        return text.Append(CultureInfo.InvariantCulture, $"\nPush exactly this with `mdbdeploy push --expect {fingerprint}`.\n").ToString();
    }

    private static string Counts(List<Change> changes) => changes.Count == 0 ? "as desired"
        : string.Join(", ", changes.GroupBy(c => c.Kind).OrderBy(g => g.Key).Select(g => string.Create(CultureInfo.InvariantCulture, $"{g.Count()} {g.Key.ToString().ToLowerInvariant()}")));

    // A code span cannot hold its own fence or a line end, and a cell no bar.
    private static string Code(string value) => value.Length == 0 ? "" : $"`{value.ReplaceLineEndings(" ").Replace('`', '\'').Replace("|", "\\|", StringComparison.Ordinal)}`";
}
