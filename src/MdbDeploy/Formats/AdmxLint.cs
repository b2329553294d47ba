using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Formats;

/// <summary>
/// What the policy editor needs of a template and its texts: what the schema asks for (names, versions, lengths), and what no schema can say, such as that every
/// reference leads somewhere. Windows' own files break some of it; ours must break none.
/// </summary>
public static partial class AdmxLint
{
    private const int LongestText = 255;

    // Elements and the controls that may fill them in (the documentation within the schema).
    private static readonly ImmutableDictionary<Type, ImmutableArray<string>> Controls = ImmutableDictionary.CreateRange(
    [
        KeyValuePair.Create<Type, ImmutableArray<string>>(typeof(AdmxBoolean), ["checkBox"]),
        KeyValuePair.Create<Type, ImmutableArray<string>>(typeof(AdmxDecimal), ["decimalTextBox", "longDecimalTextBox"]),
        KeyValuePair.Create<Type, ImmutableArray<string>>(typeof(AdmxText), ["textBox", "comboBox", "decimalTextBox"]),
        KeyValuePair.Create<Type, ImmutableArray<string>>(typeof(AdmxMultiText), ["multiTextBox"]),
        KeyValuePair.Create<Type, ImmutableArray<string>>(typeof(AdmxChoice), ["dropdownList"]),
        KeyValuePair.Create<Type, ImmutableArray<string>>(typeof(AdmxList), ["listBox"]),
    ]);

    /// <summary>What is wrong with a template and its texts in one language.</summary>
    /// <param name="admx">The template.</param>
    /// <param name="adml">Its texts.</param>
    /// <param name="file">The template's file, as messages name it.</param>
    public static IReadOnlyList<Diagnostic> Check(AdmxFile admx, AdmlFile adml, string file)
    {
        var found = new List<Diagnostic>();
        var strings = adml.Strings.Select(s => s.Key).ToHashSet(StringComparer.Ordinal);
        var presentations = adml.Presentations.GroupBy(p => p.Id, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        var prefixes = admx.Using.Select(u => u.Prefix).Append(admx.Prefix).ToHashSet(StringComparer.Ordinal);
        var categories = admx.Categories.GroupBy(c => c.Name, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        var supports = admx.SupportedOn.Select(s => s.Name).ToHashSet(StringComparer.Ordinal);

        Names("prefix", admx.Using.Select(u => u.Prefix).Append(admx.Prefix));
        Names("name space", admx.Using.Select(u => u.Namespace).Append(admx.Namespace), anything: true);
        Names("supported product", admx.SupportedOn.Select(s => s.Name));
        Names("category", admx.Categories.Select(c => c.Name));
        Names("policy", admx.Policies.Select(p => p.Name));
        Names("text", adml.Strings.Select(s => s.Key));
        Names("presentation", adml.Presentations.Select(p => p.Id));
        foreach (var revision in new[] { admx.Revision, admx.MinRequiredRevision, adml.Revision }.Where(r => !Revision().IsMatch(r)))
        {
            Report($"The version '{revision}' is not of the form 1.0.");
        }

        if (decimal.TryParse(adml.Revision, CultureInfo.InvariantCulture, out var has) && decimal.TryParse(admx.MinRequiredRevision, CultureInfo.InvariantCulture, out var needs) && has < needs)
        {
            Report($"It asks for texts of version {admx.MinRequiredRevision} and has {adml.Revision}.");
        }

        foreach (var reference in admx.SupportedOn.Select(s => s.DisplayName).Concat(admx.Categories.SelectMany(c => new[] { c.DisplayName, c.ExplainText }).OfType<string>()))
        {
            String(reference);
        }

        foreach (var category in admx.Categories)
        {
            Target("category", category.Parent, categories.ContainsKey);
            if (IsCircular(category))
            {
                Report($"The category '{category.Name}' stands within itself.");
            }
        }

        foreach (var policy in admx.Policies)
        {
            CheckPolicy(policy);
        }

        return found;

        void CheckPolicy(AdmxPolicy policy)
        {
            String(policy.DisplayName);
            String(policy.ExplainText);
            Target("category", policy.Category, categories.ContainsKey);
            Target("supported product", policy.SupportedOn, supports.Contains);
            if (policy.Category is null)
            {
                Report($"The policy '{policy.Name}' stands in no category, so that the editor does not show it.");
            }

            if (policy.ValueName is null && policy.Elements.IsEmpty && policy.EnabledList is null)
            {
                Report($"The policy '{policy.Name}' writes nothing.");
            }

            foreach (var element in policy.Elements)
            {
                CheckElement(policy, element);
            }

            foreach (var value in Values(policy).Where(v => v.Text?.Length > LongestText))
            {
                Report($"A text of the policy '{policy.Name}' is longer than {LongestText} characters.");
            }

            CheckPresentation(policy);
        }

        void CheckElement(AdmxPolicy policy, AdmxElement element)
        {
            if (policy.Elements.Count(e => e.Id == element.Id) > 1)
            {
                Report($"The policy '{policy.Name}' has two elements '{element.Id}'.");
            }

            if (element is AdmxValueElement { ValueName.Length: 0 })
            {
                Report($"The element '{element.Id}' of the policy '{policy.Name}' names no value.");
            }

            if (element is AdmxDecimal number && (number.MinValue > number.MaxValue || (!number.IsLong && number.MaxValue > uint.MaxValue)))
            {
                Report($"The element '{element.Id}' of the policy '{policy.Name}' has no number from {number.MinValue} to {number.MaxValue}.");
            }

            if (element is AdmxChoice choice)
            {
                foreach (var item in choice.Items)
                {
                    String(item.DisplayName);
                }

                if (choice.Items.IsEmpty)
                {
                    Report($"The element '{element.Id}' of the policy '{policy.Name}' offers nothing.");
                }
            }
        }

        void CheckPresentation(AdmxPolicy policy)
        {
            var reference = policy.Presentation is null ? null : PresentationReference().Match(policy.Presentation);
            if (policy.Presentation is null ? !policy.Elements.IsEmpty : !presentations.ContainsKey(reference!.Groups[1].Value))
            {
                Report(policy.Presentation is null ? $"The policy '{policy.Name}' has elements and no presentation." : $"The presentation '{policy.Presentation}' of the policy '{policy.Name}' is missing.");
                return;
            }

            var shown = policy.Presentation is null ? [] : presentations[reference!.Groups[1].Value].Controls.Where(c => c.RefId is not null).ToList();
            foreach (var control in shown)
            {
                var element = policy.Elements.FirstOrDefault(e => e.Id == control.RefId);
                if (element is null || !Controls[element.GetType()].Contains(control.Kind))
                {
                    Report(element is null
                        ? $"The presentation of the policy '{policy.Name}' refers to '{control.RefId}', which is no element of it."
                        : $"The presentation of the policy '{policy.Name}' has a {control.Kind} for '{control.RefId}', which needs {string.Join(" or ", Controls[element.GetType()])}.");
                }
            }

            foreach (var hidden in policy.Elements.Where(e => shown.All(c => c.RefId != e.Id)))
            {
                Report($"The presentation of the policy '{policy.Name}' does not show '{hidden.Id}'.");
            }
        }

        bool IsCircular(AdmxCategory category)
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            for (var at = category; at?.Parent is { } parent; at = categories.GetValueOrDefault(parent))
            {
                if (!seen.Add(at.Name))
                {
                    return true;
                }
            }

            return false;
        }

        void Names(string what, IEnumerable<string> names, bool anything = false)
        {
            foreach (var group in names.GroupBy(n => n, StringComparer.Ordinal))
            {
                if (group.Count() > 1)
                {
                    Report($"The {what} '{group.Key}' is there twice.");
                }

                if (anything ? group.Key.Length == 0 : !Name().IsMatch(group.Key))
                {
                    Report($"The {what} '{group.Key}' does not consist of letters, digits and underscores.");
                }
            }
        }

        void String(string? reference)
        {
            if (reference is not null && !(StringReference().Match(reference) is { Success: true } match && strings.Contains(match.Groups[1].Value)))
            {
                Report($"The text '{reference}' is missing.");
            }
        }

        void Target(string what, string? reference, Func<string, bool> exists)
        {
            if (reference is null)
            {
                return;
            }

            var parts = reference.Split(':');
            if (parts.Length > 2 || (parts.Length == 2 && !prefixes.Contains(parts[0])) || ((parts.Length == 1 || parts[0] == admx.Prefix) && !exists(parts[^1])))
            {
                Report($"The {what} '{reference}' is missing.");
            }
        }

        void Report(string message) => found.Add(Problems.TemplateInconsistent.At(new Location(file), message));
    }

    private static IEnumerable<AdmxValue> Values(AdmxPolicy policy)
    {
        var lists = new List<AdmxValueList?> { policy.EnabledList, policy.DisabledList };
        var values = new List<AdmxValue?> { policy.EnabledValue, policy.DisabledValue };
        foreach (var element in policy.Elements)
        {
            if (element is AdmxBoolean tick)
            {
                values.AddRange(tick.TrueValue, tick.FalseValue);
                lists.AddRange(tick.TrueList, tick.FalseList);
            }
            else if (element is AdmxChoice choice)
            {
                values.AddRange(choice.Items.Select(i => i.Value));
                lists.AddRange(choice.Items.Select(i => i.ValueList));
            }
        }

        return values.Concat(lists.OfType<AdmxValueList>().SelectMany(l => l.Items).Select(i => i.Value)).OfType<AdmxValue>();
    }

    [GeneratedRegex(@"\A[\p{L}\p{N}_]+\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"\A[0-9]{1,4}\.[0-9]{1,5}\z")]
    private static partial Regex Revision();

    [GeneratedRegex(@"\A\$\(string\.([\p{L}\p{N}_]+)\)\z")]
    private static partial Regex StringReference();

    [GeneratedRegex(@"\A\$\(presentation\.([\p{L}\p{N}_]+)\)\z")]
    private static partial Regex PresentationReference();
}
