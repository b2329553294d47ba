using System.Collections.Immutable;
using System.Globalization;
using MdbDeploy.Diagnostics;
using MdbDeploy.Inventory;
using MdbDeploy.Yaml;
using Scriban;
using Scriban.Parsing;
using Scriban.Syntax;

namespace MdbDeploy.Planning;

/// <summary>
/// Turns a condition into functions. Scriban's Liquid parser reads it; of the tree only fields, literals, comparisons and <c>and</c>, <c>or</c>,
/// <c>not (...)</c> are taken, with their types checked. Everything else, from function calls to ranges, is refused, so there is nothing to sandbox.
/// </summary>
internal sealed class ExpressionCompiler(string text, Location at, ImmutableArray<int> lines)
{
    private const string Before = "{% if ";
    private const int MaxLength = 2000;
    private const int MaxDepth = 200;

    private readonly List<Diagnostic> diagnostics = [];
    private readonly SortedDictionary<string, ExpressionField> used = new(StringComparer.Ordinal);

    /// <summary>The compiled condition, or what is wrong with it.</summary>
    public Outcome<DeviceExpression> Compile()
    {
        var line = text.ReplaceLineEndings(" ").Trim();
        if (line.Length is 0 or > MaxLength)
        {
            Report(null, line.Length == 0 ? "it is empty" : $"it is longer than {MaxLength} characters");
            return new(null, diagnostics);
        }

        // What would end the tag that the condition is put in and begin another.
        if (line.Contains("%}", StringComparison.Ordinal) || line.Contains("{%", StringComparison.Ordinal) || line.Contains("{{", StringComparison.Ordinal) || line.Contains("}}", StringComparison.Ordinal))
        {
            Report(null, "template tags have no place in it");
            return new(null, diagnostics);
        }

        // Liquid knows no escapes, and Windows names are full of backslashes; to Scriban's parser a backslash escapes.
        var template = Template.ParseLiquid($"{Before}{line.Replace("\\", "\\\\", StringComparison.Ordinal)} %}}1{{% endif %}}", parserOptions: new ParserOptions { ExpressionDepthLimit = MaxDepth });
        if (template.HasErrors)
        {
            Report(Character(template.Messages[0].Span, line), Explain(template.Messages[0].Message, line));
            return new(null, diagnostics);
        }

        var statements = template.Page!.Body!.Statements.Where(statement => statement is not ScriptEscapeStatement).ToList();
        if (statements is not [ScriptIfStatement { Condition: { } condition, Else: null }])
        {
            Report(null, "it must be one condition");
            return new(null, diagnostics);
        }

        var flag = Flag(condition, line, "the whole condition");
        return new(flag is null ? null : new DeviceExpression(line, flag, [.. used.Values]), diagnostics);
    }

    private Func<Device, bool>? Flag(ScriptExpression node, string line, string what)
    {
        var term = Term(node, line);
        if (term is FlagTerm flag)
        {
            return flag.Value;
        }

        if (term is not null)
        {
            Report(Character(node.Span, line), $"{what} is {term.Type}, not true or false: compare it, for example with == ''");
        }

        return null;
    }

    private ExpressionTerm? Term(ScriptExpression? node, string line)
    {
        switch (node)
        {
            case ScriptNestedExpression nested:
                return Term(nested.Expression, line);

            case ScriptLiteral { Value: null }:
                Report(Character(node.Span, line), "a field that is not known is ''");
                return null;

            case ScriptLiteral { Value: string value }:
                return new TextTerm(_ => value) { Literal = value };

            case ScriptLiteral { Value: bool value }:
                return new FlagTerm(_ => value);

            case ScriptLiteral { Value: int or long or double or float or decimal } literal:
                double? number = Convert.ToDouble(literal.Value, CultureInfo.InvariantCulture);
                return new NumberTerm(_ => number);

            case ScriptUnaryExpression { Operator: ScriptUnaryOperator.Negate, Right: ScriptLiteral { Value: int or long or double or float or decimal } literal }:
                double? negative = -Convert.ToDouble(literal.Value, CultureInfo.InvariantCulture);
                return new NumberTerm(_ => negative);

            case ScriptVariableGlobal variable:
                return Field(variable, line);

            case ScriptFunctionCall { Target: ScriptVariableGlobal { Name: "not" }, ExplicitCall: false }:
                // To Scriban the rest of the line is its argument: not (a) or b would be not(a or b).
                Report(Character(node.Span, line), "write not(...) with the parenthesis right after it");
                return null;

            case ScriptFunctionCall { Target: ScriptVariableGlobal { Name: "not" }, Arguments: [var operand] }:
                var negated = Flag(operand, line, "what follows 'not'");
                return negated is null ? null : new FlagTerm(device => !negated(device));

            case ScriptBinaryExpression { Operator: ScriptBinaryOperator.And or ScriptBinaryOperator.Or } join:
                var left = Flag(join.Left!, line, $"what stands left of '{Word(join)}'");
                var right = Flag(join.Right!, line, $"what stands right of '{Word(join)}'");
                return left is null || right is null ? null
                    : join.Operator == ScriptBinaryOperator.And ? new FlagTerm(device => left(device) && right(device))
                    : new FlagTerm(device => left(device) || right(device));

            case ScriptBinaryExpression comparison:
                var a = Term(comparison.Left, line);
                var b = Term(comparison.Right, line);
                return a is null || b is null ? null : Comparison(comparison, a, b, line);

            case ScriptFunctionCall { Target: ScriptVariableGlobal { Name: var name } }:
                Report(Character(node.Span, line), ExpressionField.All.ContainsKey(name)
                    ? $"an operator is missing after '{name}'"
                    : $"there is no '{name}' here: only fields, texts, numbers and comparisons");
                return null;

            case null:
                Report(null, "something is missing");
                return null;

            default:
                Report(Character(node.Span, line), "only fields, texts, numbers and comparisons may stand here");
                return null;
        }
    }

    private ExpressionTerm? Field(ScriptVariableGlobal variable, string line)
    {
        if (ExpressionField.All.TryGetValue(variable.Name, out var field))
        {
            used[field.Name] = field;
            return field.Term;
        }

        var hint = variable.Name is "nil" or "null" or "empty" or "blank" ? "a field that is not known is ''"
            : Nearest.To(variable.Name, DeviceExpression.FieldNames) is { } near ? $"did you mean '{near}', or the text '{variable.Name}' in quotes?"
            : $"known are {string.Join(", ", DeviceExpression.FieldNames)}; texts stand in quotes";
        Report(Character(variable.Span, line), $"there is no field '{variable.Name}'; {hint}");
        return null;
    }

    private FlagTerm? Comparison(ScriptBinaryExpression node, ExpressionTerm a, ExpressionTerm b, string line)
    {
        switch (node.Operator, a, b)
        {
            case (ScriptBinaryOperator.CompareEqual or ScriptBinaryOperator.CompareNotEqual, TextTerm x, TextTerm y):
                CheckWord(node, x, y, line);
                CheckWord(node, y, x, line);
                return Maybe(node.Operator == ScriptBinaryOperator.CompareNotEqual, device => string.Equals(x.Value(device), y.Value(device), StringComparison.OrdinalIgnoreCase));

            case (ScriptBinaryOperator.CompareEqual or ScriptBinaryOperator.CompareNotEqual, FlagTerm x, FlagTerm y):
                return Maybe(node.Operator == ScriptBinaryOperator.CompareNotEqual, device => x.Value(device) == y.Value(device));

            case (ScriptBinaryOperator.CompareEqual or ScriptBinaryOperator.CompareNotEqual, NumberTerm x, NumberTerm y):
                return Maybe(node.Operator == ScriptBinaryOperator.CompareNotEqual, device => x.Value(device) == y.Value(device));

            // Order with an unknown number holds neither way.
            case (ScriptBinaryOperator.CompareLess, NumberTerm x, NumberTerm y):
                return new(device => x.Value(device) < y.Value(device));

            case (ScriptBinaryOperator.CompareLessOrEqual, NumberTerm x, NumberTerm y):
                return new(device => x.Value(device) <= y.Value(device));

            case (ScriptBinaryOperator.CompareGreater, NumberTerm x, NumberTerm y):
                return new(device => x.Value(device) > y.Value(device));

            case (ScriptBinaryOperator.CompareGreaterOrEqual, NumberTerm x, NumberTerm y):
                return new(device => x.Value(device) >= y.Value(device));

            case (ScriptBinaryOperator.LiquidContains, ListTerm x, TextTerm y):
                CheckWord(node, x, y, line);
                return new(device => x.Value(device).Contains(y.Value(device), StringComparer.OrdinalIgnoreCase));

            case (ScriptBinaryOperator.LiquidContains, TextTerm x, TextTerm y):
                return new(device => x.Value(device).Contains(y.Value(device), StringComparison.OrdinalIgnoreCase));

            case (_, ListTerm, _) or (_, _, ListTerm):
                Report(Character(node.Span, line), "a list is asked with contains, for example tags contains 'Pilot'");
                return null;

            default:
                Report(Character(node.Span, line), $"'{node.OperatorAsText}' does not go with {a.Type} and {b.Type}{(a is NumberTerm || b is NumberTerm ? ": numbers stand without quotes" : "")}");
                return null;
        }
    }

    // A misspelt word would only ever match nothing.
    private void CheckWord(ScriptNode node, ExpressionTerm field, TextTerm literal, string line)
    {
        if (field.Words.Length > 0 && literal.Literal is { } word && !field.Words.Contains(word, StringComparer.OrdinalIgnoreCase))
        {
            Report(Character(node.Span, line), $"'{word}' is none of {string.Join(", ", field.Words)}{(Nearest.To(word, field.Words) is { } near ? $"; did you mean '{near}'?" : "")}");
        }
    }

    private static string Word(ScriptBinaryExpression join) => join.Operator == ScriptBinaryOperator.And ? "and" : "or";

    private static FlagTerm Maybe(bool negate, Func<Device, bool> condition) => new(negate ? device => !condition(device) : condition);

    private static string Explain(string message, string line) =>
        message.Contains("assign", StringComparison.OrdinalIgnoreCase) ? "a single = compares nothing: write =="
        : message.Contains("depth limit", StringComparison.OrdinalIgnoreCase) ? "it is nested too deeply"
        : line.Contains("&&", StringComparison.Ordinal) || line.Contains("||", StringComparison.Ordinal) ? "write and, or instead of && and ||"
        : line.Contains("<>", StringComparison.Ordinal) ? "write != instead of <>"
        : message.Contains("not terminated", StringComparison.OrdinalIgnoreCase) || line.Count(c => c == '\'') % 2 == 1 ? "a quote is not closed"
        : "it cannot be read from here on";

    // Scriban counts columns of the tag from 0, with each backslash twice; people count characters of the condition from 1.
    private static int Character(SourceSpan span, string line)
    {
        var character = 1;
        for (var column = Before.Length; column < span.Start.Column && character <= line.Length; character++)
        {
            column += line[character - 1] == '\\' ? 2 : 1;
        }

        return character;
    }

    private void Report(int? character, string message) => diagnostics.Add(Problems.ExpressionInvalid.At(Where(character),
        (character is { } c ? $"In \"{Short(text)}\", at character {c.ToString(CultureInfo.InvariantCulture)}: {message}" : $"\"{Short(text)}\" is no condition: {message}")
        + (message.EndsWith('?') ? "" : ".")));

    // A condition on several lines is wrong on one of them; where on the line depends on how it is indented.
    private Location Where(int? character) => character is { } c && !lines.IsEmpty
        ? at with { Line = lines[Math.Min(text.Length - text.TrimStart().Length + c, lines.Length) - 1], Column = 0 }
        : at;

    private static string Short(string text) => text.Trim() is { Length: > 120 } longText ? longText[..117] + "..." : text.Trim();
}
