using System.Collections.Immutable;
using System.Globalization;

namespace MdbDeploy.Formats;

/// <summary>A registry value that the policy editor shall show under a name.</summary>
public sealed record AdmxSetting
{
    /// <summary>Identifier; also the policy's name, with <c>_</c> for what names cannot hold.</summary>
    public required string Id { get; init; }

    /// <summary>Title for people.</summary>
    public required string Title { get; init; }

    /// <summary>Explanation for people.</summary>
    public required string Explanation { get; init; }

    /// <summary>Registry key below HKEY_LOCAL_MACHINE, without the hive.</summary>
    public required string Key { get; init; }

    /// <summary>Name of the value; null for a list, whose items are names.</summary>
    public string? ValueName { get; init; }

    /// <summary>Whether the data is a text (REG_SZ) and no number (REG_DWORD).</summary>
    public bool IsText { get; init; }

    /// <summary>What can be chosen, as registry data, with its meaning; empty when anything within the bounds can. The two of a switch stand as off, on.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Choices { get; init; } = [];

    /// <summary>Whether the choices are off and on.</summary>
    public bool IsSwitch { get; init; }

    /// <summary>The least number.</summary>
    public uint Least { get; init; }

    /// <summary>The greatest number, or the most characters.</summary>
    public uint Most { get; init; }
}

/// <summary>
/// Makes a template and its texts for registry values, so that the policy editor and its reports show names instead of "Extra Registry Settings". It refers to no other file,
/// so that it can stand in any store: its category is at the top, and what it is supported on is its own.
/// </summary>
public static class AdmxSettings
{
    // The only element of a policy.
    private const string Element = "Value";

    /// <summary>The template and its texts.</summary>
    /// <param name="prefix">Prefix of its names: letters, digits and underscores.</param>
    /// <param name="space">Its name space.</param>
    /// <param name="title">Title of the file and of its category.</param>
    /// <param name="support">What the settings are supported on, in words.</param>
    /// <param name="settings">The settings; each identifier once.</param>
    public static (AdmxFile Template, AdmlFile Texts) Make(string prefix, string space, string title, string support, IReadOnlyList<AdmxSetting> settings)
    {
        var texts = new List<KeyValuePair<string, string>> { new("Category", title), new("Supported", support) };
        var presentations = new List<AdmlPresentation>();
        var policies = settings.Select(setting => Policy(setting, texts, presentations)).ToImmutableArray();
        return (
            new AdmxFile
            {
                Prefix = prefix,
                Namespace = space,
                SupportedOn = [new("Supported", AdmxFile.TextReference("Supported"))],
                Categories = [new("Category", AdmxFile.TextReference("Category"))],
                Policies = policies,
            },
            new AdmlFile { DisplayName = title, Description = title, Strings = [.. texts], Presentations = [.. presentations] });
    }

    private static AdmxPolicy Policy(AdmxSetting setting, List<KeyValuePair<string, string>> texts, List<AdmlPresentation> presentations)
    {
        var name = string.Concat(setting.Id.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        texts.Add(new(name, setting.Title));
        texts.Add(new(name + "_Help", setting.Explanation));
        var policy = new AdmxPolicy
        {
            Name = name,
            DisplayName = AdmxFile.TextReference(name),
            ExplainText = AdmxFile.TextReference(name + "_Help"),
            Key = setting.Key,
            Category = "Category",
            SupportedOn = "Supported",
        };
        if (setting.IsSwitch)
        {
            return policy with { ValueName = setting.ValueName, EnabledValue = Value(setting.Choices[1].Key, setting.IsText), DisabledValue = Value(setting.Choices[0].Key, setting.IsText) };
        }

        var (element, control) = setting switch
        {
            { ValueName: null } => ((AdmxElement)new AdmxList { Id = Element, Key = setting.Key, IsAdditive = true, HasNames = true }, "listBox"),
            { Choices.IsEmpty: false } => (Choice(setting, name, texts), "dropdownList"),
            { IsText: true } => (new AdmxText { Id = Element, ValueName = setting.ValueName, MaxLength = setting.Most }, "textBox"),
            _ => (new AdmxDecimal { Id = Element, ValueName = setting.ValueName, MinValue = setting.Least, MaxValue = setting.Most }, "decimalTextBox"),
        };
        presentations.Add(new(name, [new AdmlControl { Kind = control, RefId = Element, Label = setting.Title, Default = control == "decimalTextBox" ? setting.Least.ToString(CultureInfo.InvariantCulture) : null }]));
        return policy with { Presentation = AdmxFile.PresentationReference(name), Elements = [element] };
    }

    private static AdmxChoice Choice(AdmxSetting setting, string name, List<KeyValuePair<string, string>> texts)
    {
        var items = setting.Choices.Select((choice, i) => (Text: string.Create(CultureInfo.InvariantCulture, $"{name}_{i + 1}"), choice.Key, Label: choice.Value)).ToList();
        texts.AddRange(items.Select(item => KeyValuePair.Create(item.Text, item.Label)));
        return new AdmxChoice
        {
            Id = Element,
            ValueName = setting.ValueName!,
            IsRequired = true,
            Items = [.. items.Select(item => new AdmxChoiceItem(AdmxFile.TextReference(item.Text), Value(item.Key, setting.IsText)))],
        };
    }

    private static AdmxValue Value(string data, bool isText) => isText ? AdmxValue.Of(data) : AdmxValue.Of(uint.Parse(data, NumberStyles.None, CultureInfo.InvariantCulture));
}
