using System.Collections.Immutable;

namespace MdbDeploy.Formats;

/// <summary>
/// An administrative template: which registry values the policy editor shows, under which names and where (MS-GPREG 2.2.4 and its schema; the texts stand in an
/// <see cref="AdmlFile"/> of each language). References to texts stay as they are written, <c>$(string.Id)</c>. Passed over: annotations, products, keywords.
/// </summary>
public sealed record AdmxFile
{
    /// <summary>Prefix of the file's own names within it.</summary>
    public required string Prefix { get; init; }

    /// <summary>Name space of the file's names; unique among all templates of a store.</summary>
    public required string Namespace { get; init; }

    /// <summary>Other files whose categories and supported products this one names.</summary>
    public ImmutableArray<AdmxNamespace> Using { get; init; } = [];

    /// <summary>Version, digits with one dot.</summary>
    public string Revision { get; init; } = "1.0";

    /// <summary>The version that an <see cref="AdmlFile"/> must have at least.</summary>
    public string MinRequiredRevision { get; init; } = "1.0";

    /// <summary>What a policy may be supported on.</summary>
    public ImmutableArray<AdmxSupport> SupportedOn { get; init; } = [];

    /// <summary>Folders of the editor.</summary>
    public ImmutableArray<AdmxCategory> Categories { get; init; } = [];

    /// <summary>Policies.</summary>
    public ImmutableArray<AdmxPolicy> Policies { get; init; } = [];

    /// <summary>A reference to a text of the language files.</summary>
    public static string TextReference(string id) => $"$(string.{id})";

    /// <summary>A reference to a presentation of the language files.</summary>
    public static string PresentationReference(string id) => $"$(presentation.{id})";
}

/// <summary>A name space of another file.</summary>
/// <param name="Prefix">How this file names it.</param>
/// <param name="Namespace">The name space.</param>
public sealed record AdmxNamespace(string Prefix, string Namespace);

/// <summary>What a policy may be supported on: a name for people, without the versions it stands for.</summary>
/// <param name="Name">Name.</param>
/// <param name="DisplayName">Reference to its text.</param>
public sealed record AdmxSupport(string Name, string DisplayName);

/// <summary>A folder of the editor.</summary>
/// <param name="Name">Name.</param>
/// <param name="DisplayName">Reference to its text.</param>
/// <param name="Parent">The folder it stands in, with the prefix of its file when it is not this one; null at the top.</param>
/// <param name="ExplainText">Reference to its explanation, or null.</param>
public sealed record AdmxCategory(string Name, string DisplayName, string? Parent = null, string? ExplainText = null);

/// <summary>A policy: what enabling and disabling it writes.</summary>
public sealed record AdmxPolicy
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary><c>Machine</c>, <c>User</c> or <c>Both</c>.</summary>
    public string Class { get; init; } = "Machine";

    /// <summary>Reference to its title.</summary>
    public required string DisplayName { get; init; }

    /// <summary>Reference to its explanation, or null.</summary>
    public string? ExplainText { get; init; }

    /// <summary>Reference to its presentation; null for one without elements.</summary>
    public string? Presentation { get; init; }

    /// <summary>Registry key without the hive.</summary>
    public required string Key { get; init; }

    /// <summary>Registry value that tells whether it is enabled; null when only its elements write.</summary>
    public string? ValueName { get; init; }

    /// <summary>The folder it stands in; null in files that leave it out, which the editor does not show.</summary>
    public string? Category { get; init; }

    /// <summary>What it is supported on, or null.</summary>
    public string? SupportedOn { get; init; }

    /// <summary>What enabling writes to <see cref="ValueName"/>; the number 1 when null.</summary>
    public AdmxValue? EnabledValue { get; init; }

    /// <summary>What disabling writes to <see cref="ValueName"/>; deletes it when null.</summary>
    public AdmxValue? DisabledValue { get; init; }

    /// <summary>What enabling writes besides, or null.</summary>
    public AdmxValueList? EnabledList { get; init; }

    /// <summary>What disabling writes besides, or null.</summary>
    public AdmxValueList? DisabledList { get; init; }

    /// <summary>What the user fills in when it is enabled.</summary>
    public ImmutableArray<AdmxElement> Elements { get; init; } = [];
}

/// <summary>A registry value's data.</summary>
public sealed record AdmxValue
{
    private AdmxValue(ulong? number, string? text, bool isLong) => (Number, Text, IsLong) = (number, text, isLong);

    /// <summary>Deletes the value.</summary>
    public static AdmxValue Delete { get; } = new(null, null, isLong: false);

    /// <summary>The number; null when it is none.</summary>
    public ulong? Number { get; }

    /// <summary>Whether the number has 64 bits.</summary>
    public bool IsLong { get; }

    /// <summary>The text, at most 255 characters; null when it is none.</summary>
    public string? Text { get; }

    /// <summary>A 32-bit number.</summary>
    public static AdmxValue Of(uint number) => new(number, null, isLong: false);

    /// <summary>A 64-bit number.</summary>
    public static AdmxValue OfLong(ulong number) => new(number, null, isLong: true);

    /// <summary>A text.</summary>
    public static AdmxValue Of(string text) => new(null, text, isLong: false);
}

/// <summary>Registry values that are written together.</summary>
/// <param name="Items">The values.</param>
/// <param name="DefaultKey">Key of those without one, or null for the policy's.</param>
public sealed record AdmxValueList(ImmutableArray<AdmxValueItem> Items, string? DefaultKey = null);

/// <summary>One of them.</summary>
/// <param name="ValueName">Name of the value.</param>
/// <param name="Value">Its data.</param>
/// <param name="Key">Its key, or null.</param>
public sealed record AdmxValueItem(string ValueName, AdmxValue Value, string? Key = null);

/// <summary>What the user fills in.</summary>
public abstract record AdmxElement
{
    /// <summary>Name within the policy, which the presentation refers to.</summary>
    public required string Id { get; init; }

    /// <summary>Key, or null for the policy's.</summary>
    public string? Key { get; init; }
}

/// <summary>An element that writes one value.</summary>
public abstract record AdmxValueElement : AdmxElement
{
    /// <summary>Name of the value.</summary>
    public required string ValueName { get; init; }

    /// <summary>Whether it must be filled in.</summary>
    public bool IsRequired { get; init; }
}

/// <summary>A tick: <c>boolean</c>.</summary>
public sealed record AdmxBoolean : AdmxValueElement
{
    /// <summary>What a tick writes; the number 1 when null.</summary>
    public AdmxValue? TrueValue { get; init; }

    /// <summary>What no tick writes; deletes the value when null.</summary>
    public AdmxValue? FalseValue { get; init; }

    /// <summary>What a tick writes besides, or null.</summary>
    public AdmxValueList? TrueList { get; init; }

    /// <summary>What no tick writes besides, or null.</summary>
    public AdmxValueList? FalseList { get; init; }
}

/// <summary>A number: <c>decimal</c> or <c>longDecimal</c>.</summary>
public sealed record AdmxDecimal : AdmxValueElement
{
    /// <summary>Whether it has 64 bits.</summary>
    public bool IsLong { get; init; }

    /// <summary>The least number.</summary>
    public ulong MinValue { get; init; }

    /// <summary>The greatest number; the schema's default is 9999.</summary>
    public ulong MaxValue { get; init; } = 9999;

    /// <summary>Whether it is written as text.</summary>
    public bool IsText { get; init; }

    /// <summary>Whether a value that stands there is left alone.</summary>
    public bool IsSoft { get; init; }
}

/// <summary>A text: <c>text</c>.</summary>
public sealed record AdmxText : AdmxValueElement
{
    /// <summary>The most characters; the schema's default is 1023.</summary>
    public uint MaxLength { get; init; } = 1023;

    /// <summary>Whether <c>%variables%</c> are expanded.</summary>
    public bool IsExpandable { get; init; }

    /// <summary>Whether a value that stands there is left alone.</summary>
    public bool IsSoft { get; init; }
}

/// <summary>Lines, written as REG_MULTI_SZ: <c>multiText</c>.</summary>
public sealed record AdmxMultiText : AdmxValueElement
{
    /// <summary>The most characters of a line; the schema's default is 1023.</summary>
    public uint MaxLength { get; init; } = 1023;

    /// <summary>The most lines; 0 for any number.</summary>
    public uint MaxStrings { get; init; }

    /// <summary>Whether a value that stands there is left alone.</summary>
    public bool IsSoft { get; init; }
}

/// <summary>A choice: <c>enum</c>.</summary>
public sealed record AdmxChoice : AdmxValueElement
{
    /// <summary>What can be chosen.</summary>
    public required ImmutableArray<AdmxChoiceItem> Items { get; init; }
}

/// <summary>What can be chosen.</summary>
/// <param name="DisplayName">Reference to its text.</param>
/// <param name="Value">What it writes.</param>
/// <param name="ValueList">What it writes besides, or null.</param>
public sealed record AdmxChoiceItem(string DisplayName, AdmxValue Value, AdmxValueList? ValueList = null);

/// <summary>A list of values: <c>list</c>. Without a prefix and without names of their own, each item is name and data alike.</summary>
public sealed record AdmxList : AdmxElement
{
    /// <summary>Prefix of the names, which are numbered; null for names equal to the data.</summary>
    public string? ValuePrefix { get; init; }

    /// <summary>Whether values that stand there stay; otherwise <c>**delvals.</c> comes first.</summary>
    public bool IsAdditive { get; init; }

    /// <summary>Whether <c>%variables%</c> are expanded.</summary>
    public bool IsExpandable { get; init; }

    /// <summary>Whether the user gives name and data.</summary>
    public bool HasNames { get; init; }
}
