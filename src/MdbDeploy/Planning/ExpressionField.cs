using System.Collections.Immutable;
using System.Globalization;
using MdbDeploy.Inventory;

namespace MdbDeploy.Planning;

/// <summary>A field of a device that conditions may name.</summary>
/// <param name="Name">Name in conditions.</param>
/// <param name="Term">Its type and value.</param>
internal sealed record ExpressionField(string Name, ExpressionTerm Term)
{
    /// <summary>Whether many devices share its values, see <see cref="SharedFields"/>.</summary>
    public bool IsShared => Name is not ("name" or "fqdn" or "owner" or "serial");

    /// <summary>All fields by name.</summary>
    public static ImmutableSortedDictionary<string, ExpressionField> All { get; } = new ExpressionField[]
    {
        new("name", new TextTerm(d => d.Name)),
        new("fqdn", new TextTerm(d => d.Fqdn ?? "")),
        new("domain", new TextTerm(d => d.Domain ?? "")),
        new("os", new TextTerm(d => DeviceWords.Of(d.Os)) { Words = DeviceWords.OsFamilies }),
        new("edition", new TextTerm(d => DeviceWords.Of(d.Edition)) { Words = DeviceWords.Editions }),
        new("build", new NumberTerm(d => d.Build?.Number)),
        new("role", new TextTerm(d => DeviceWords.Of(d.Role)) { Words = DeviceWords.Roles }),
        new("join", new TextTerm(d => DeviceWords.Of(d.Join)) { Words = DeviceWords.Joins }),
        new("managedBy", new ListTerm(d => DeviceWords.Of(d.ManagedBy)) { Words = DeviceWords.Managers }),
        new("ou", new TextTerm(d => d.Ou ?? "")),
        new("site", new TextTerm(d => d.Site ?? "")),
        new("tags", new ListTerm(d => d.Tags)),
        new("vdi", new TextTerm(d => DeviceWords.Of(d.Vdi)) { Words = DeviceWords.VdiKinds }),
        new("image", new TextTerm(d => d.Image ?? "")),
        new("golden", new FlagTerm(d => d.IsGoldenImage)),
        new("owner", new TextTerm(d => d.Owner ?? "")),
        new("state", new TextTerm(d => DeviceWords.Of(d.State)) { Words = DeviceWords.States }),
        new("serial", new TextTerm(d => d.Serial ?? "")),
    }.ToImmutableSortedDictionary(field => field.Name, field => field, StringComparer.Ordinal);

    /// <summary>The value of a device, as an explanation shows it.</summary>
    public string Show(Device device) => Term switch
    {
        TextTerm text => text.Value(device) is { Length: > 0 } value ? $"'{value}'" : "empty",
        ListTerm list => list.Value(device) is { Length: > 0 } items ? string.Join(" + ", items.Select(item => $"'{item}'")) : "empty",
        NumberTerm number => number.Value(device)?.ToString(CultureInfo.InvariantCulture) ?? "unknown",
        FlagTerm flag => flag.Value(device) ? "true" : "false",
        _ => "",
    };
}

/// <summary>A part of a condition, by the type of its value.</summary>
internal abstract record ExpressionTerm(string Type)
{
    /// <summary>The only words the value can be; empty when it can be anything.</summary>
    public ImmutableArray<string> Words { get; init; } = [];
}

/// <summary>True or false.</summary>
internal sealed record FlagTerm(Func<Device, bool> Value) : ExpressionTerm("true or false");

/// <summary>A text.</summary>
internal sealed record TextTerm(Func<Device, string> Value) : ExpressionTerm("a text")
{
    /// <summary>The text when it is written in the condition; null for a field.</summary>
    public string? Literal { get; init; }
}

/// <summary>A number, or null when no source knows it.</summary>
internal sealed record NumberTerm(Func<Device, double?> Value) : ExpressionTerm("a number");

/// <summary>A list of texts.</summary>
internal sealed record ListTerm(Func<Device, ImmutableArray<string>> Value) : ExpressionTerm("a list");
