using System.Management.Automation.Language;
using System.Text.RegularExpressions;

namespace MdbDeploy.Tests.Rendering;

/// <summary>What every PowerShell template must be, whatever it renders.</summary>
public partial class PowerShellTemplateTests
{
    private const string Sentinel = "MDBSENTINEL";

    public static TheoryData<string> Templates => [.. Directory
        .EnumerateFiles(Path.Combine(Repository.Root, "templates"), "*.ps1.sbn", SearchOption.AllDirectories)
        .Select(f => Path.GetRelativePath(Path.Combine(Repository.Root, "templates"), f).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Templates))]
    public void Every_value_stands_inside_single_quotes(string template)
    {
        var ast = Parse(template, out var errors);
        errors.ShouldBeEmpty();
        var text = ast.Extent.Text;
        var constants = ast.FindAll(node => node is StringConstantExpressionAst { StringConstantType: StringConstantType.SingleQuoted }, true).ToList();
        foreach (Match match in Regex.Matches(text, Sentinel))
        {
            constants.ShouldContain(
                c => c.Extent.StartOffset < match.Index && match.Index + Sentinel.Length < c.Extent.EndOffset,
                $"a value at line {text[..match.Index].Count(c => c == '\n') + 1} stands outside single quotes");
        }
    }

    [Theory]
    [MemberData(nameof(Templates))]
    public void It_is_windows_powershell_5_1_syntax(string template)
    {
        var ast = Parse(template, out _);
        NewerThan51(ast).ShouldBeEmpty();
        ast.Extent.Text.ShouldContain("#Requires -Version 5.1");
    }

    [Theory]
    [MemberData(nameof(Templates))]
    public void It_supports_what_if_where_it_changes_something(string template)
    {
        var ast = Parse(template, out _);
        string[] changing = ["New", "Set", "Add", "Remove", "Import", "Copy", "Move", "Start", "Stop", "Invoke"];
        string[] harmless = ["New-Object", "Add-Type", "Import-Module", "Import-Csv", "Set-StrictMode", "Set-Location", "New-PSDrive", "Add-Member"];
        var changes = ast.FindAll(node => node is CommandAst, true).Cast<CommandAst>().Select(c => c.GetCommandName()).OfType<string>()
            .Where(name => changing.Contains(name.Split('-')[0]) && name.Contains('-', StringComparison.Ordinal) && !harmless.Contains(name)).ToList();
        if (changes.Count > 0)
        {
            ast.Extent.Text.ShouldContain("SupportsShouldProcess");
            ast.Extent.Text.ShouldContain("$PSCmdlet.ShouldProcess(");
        }
    }

    /// <summary>What Windows PowerShell 5.1 does not understand.</summary>
    internal static IEnumerable<string> NewerThan51(ScriptBlockAst script) => script.FindAll(
        node => node is TernaryExpressionAst or PipelineChainAst
            || node is BinaryExpressionAst { Operator: TokenKind.QuestionQuestion }
            || node is AssignmentStatementAst { Operator: TokenKind.QuestionQuestionEquals }
            || node is MemberExpressionAst { NullConditional: true } or IndexExpressionAst { NullConditional: true }
            || node is PipelineAst { Background: true }
            || node is ForEachStatementAst { ThrottleLimit: not null }
            || (node is TypeDefinitionAst or UsingStatementAst && node.Extent.Text.Contains("using module", StringComparison.OrdinalIgnoreCase)),
        true).Select(node => node.Extent.Text);

    private static ScriptBlockAst Parse(string template, out ParseError[] errors)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "templates", template));
        // The body of a script in a file of its own is looked at as that file.
        text = text.Replace("{{ body | raw }}", "", StringComparison.Ordinal);
        // A part that several scripts share is looked at as it stands in them.
        text = Part.Replace(text, part => File.ReadAllText(Path.Combine(Repository.Root, "templates", Path.GetDirectoryName(template)!, part.Groups[1].Value)));
        text = Statement.Replace(text, "");
        text = Expression.Replace(text, Sentinel);
        return Parser.ParseInput(text, out _, out errors);
    }

    [GeneratedRegex(@"\{\{[~-]?\s*(if|else|end|for|while|func|ret|case|when|capture|#|[a-z_]+\s*=[^=]).*?[~-]?\}\}", RegexOptions.Singleline)]
    private static partial Regex Statement { get; }

    [GeneratedRegex(@"\{\{ include '([\w.-]+)' \| raw \}\}")]
    private static partial Regex Part { get; }

    [GeneratedRegex(@"\{\{.*?\}\}", RegexOptions.Singleline)]
    private static partial Regex Expression { get; }
}
