using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Xml.Linq;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Formats;

/// <summary>What a preference does with its target (MS-GPPREF 2.2.1.1: the attribute action).</summary>
public enum PreferenceAction
{
    /// <summary>C: makes it where it is missing.</summary>
    Create,

    /// <summary>R: deletes and makes it.</summary>
    Replace,

    /// <summary>U: makes or changes it.</summary>
    Update,

    /// <summary>D: deletes it.</summary>
    Delete,
}

/// <summary>A registry value, or a key, set by Group Policy Preferences. Unlike registry policy it may stand anywhere in the registry, and stays when the policy goes.</summary>
public sealed record RegistryPreference
{
    /// <summary>What is done.</summary>
    public required PreferenceAction Action { get; init; }

    /// <summary>Hive, such as <c>HKEY_LOCAL_MACHINE</c>.</summary>
    public required string Hive { get; init; }

    /// <summary>Key, name, type and data. Type none with an empty name is the key itself; clients expand <c>%variables%</c> in all texts.</summary>
    public required RegistryPolicyEntry Value { get; init; }

    /// <summary>Identifies the item within all policies.</summary>
    public required Guid Uid { get; init; }

    /// <summary>When it was changed. Whole seconds; the default says that nobody looked at a clock.</summary>
    public DateTime Changed { get; init; } = new(1980, 1, 1, 0, 0, 0, DateTimeKind.Unspecified);

    /// <summary>Description for people, or empty.</summary>
    public string Description { get; init; } = "";

    /// <summary>Whether the items after it are processed when it fails (bypassErrors).</summary>
    public bool BypassesErrors { get; init; } = true;

    /// <summary>Whether it is undone where it applies no longer (removePolicy); only with replace.</summary>
    public bool IsRemoved { get; init; }

    /// <summary>Whether it is switched off.</summary>
    public bool IsDisabled { get; init; }

    /// <summary>Item-level targeting.</summary>
    public ImmutableArray<TargetingFilter> Filters { get; init; } = [];
}

/// <summary>
/// Registry.xml of Group Policy Preferences (MS-GPPREF 2.2.1.12): numbers are hexadecimal without prefix and of full length, binary is hexadecimal, a list stands joined by
/// blanks and again item by item. Folders of the editor are dissolved when read; their targeting is put before each item's.
/// </summary>
public static class RegistryPreferences
{
    private const string RootClassId = "{A3CCFC41-DFDB-43a5-8D26-0FE8B954DA51}";
    private const string ItemClassId = "{9CD4B2F4-923D-47f5-A062-E897DD1DAD50}";
    private const string Moment = "yyyy-MM-dd HH:mm:ss";
    private const int DeepestFolder = 50;

    private static readonly ImmutableArray<string> Hives =
        ["HKEY_LOCAL_MACHINE", "HKEY_CURRENT_USER", "HKEY_CLASSES_ROOT", "HKEY_USERS", "HKEY_CURRENT_CONFIG"];

    private static readonly ImmutableArray<(RegistryType Type, string Name, int FirstImage)> Types =
    [
        (RegistryType.None, "", 0), (RegistryType.Sz, "REG_SZ", 5), (RegistryType.ExpandSz, "REG_EXPAND_SZ", 5), (RegistryType.MultiSz, "REG_MULTI_SZ", 5),
        (RegistryType.Dword, "REG_DWORD", 10), (RegistryType.Qword, "REG_QWORD", 10), (RegistryType.Binary, "REG_BINARY", 15),
    ];

    /// <summary>Writes a file. What the format cannot say is refused, never bent.</summary>
    /// <param name="items">The items in the order in which clients process them.</param>
    public static Outcome<byte[]> Write(IEnumerable<RegistryPreference> items)
    {
        var diagnostics = new List<Diagnostic>();
        var root = new XElement("RegistrySettings", new XAttribute("clsid", RootClassId));
        foreach (var item in items)
        {
            if (Properties(item) is { } properties && XmlContent.IsText(item.Description))
            {
                root.Add(Element(item, properties));
            }
            else
            {
                diagnostics.Add(Problems.RegistryPreferenceInert.At(Location.Of($@"{item.Hive}\{item.Value.Key}\{item.Value.ValueName}"),
                    $"Preferences cannot hold type {item.Value.Type} with these {item.Value.Data.Length} bytes in the hive '{item.Hive}', or a text has characters that XML lacks."));
            }
        }

        return new(diagnostics.Count > 0 ? null : XmlContent.Write(root, "\t"), diagnostics);
    }

    /// <summary>Reads a file. Every item that clients could not apply is reported.</summary>
    /// <param name="content">The bytes.</param>
    /// <param name="file">The file, as messages name it.</param>
    public static Outcome<IReadOnlyList<RegistryPreference>> Read(ReadOnlyMemory<byte> content, string file)
    {
        var document = XmlContent.Read(content, file, Problems.RegistryPreferencesUnreadable);
        if (document.Value?.Root is not { } root)
        {
            return new(null, document.Diagnostics);
        }

        if (root.Name != "RegistrySettings")
        {
            return new(null, [Problems.RegistryPreferencesUnreadable.At(XmlContent.Where(root, file), $"Its root is '{root.Name.LocalName}', not 'RegistrySettings'.")]);
        }

        var diagnostics = new List<Diagnostic>();
        var items = new List<RegistryPreference>();
        ReadFolder(root, new([], root.Attribute("disabled")?.Value == "1", 0));
        return new(items, diagnostics);

        void ReadFolder(XElement folder, Folder around)
        {
            foreach (var element in folder.Elements().Where(e => e.Name != "Filters"))
            {
                if (element.Name == "Registry")
                {
                    if (ReadItem(element, around, file, diagnostics) is { } item)
                    {
                        items.Add(item);
                    }
                }
                else if (element.Name == "Collection" && around.Depth < DeepestFolder)
                {
                    var own = Targeting.Read(element);
                    ImmutableArray<TargetingFilter> outer = own.IsEmpty ? around.Filters : [.. around.Filters, TargetingFilter.Collection(own.AsSpan())];
                    ReadFolder(element, new(outer, around.IsDisabled || element.Attribute("disabled")?.Value == "1", around.Depth + 1));
                }
                else
                {
                    diagnostics.Add(Problems.RegistryPreferenceInert.At(XmlContent.Where(element, file), $"'{element.Name.LocalName}' is no element of this file, or stands too deep."));
                }
            }
        }
    }

    private static RegistryPreference? ReadItem(XElement element, Folder around, string file, List<Diagnostic> diagnostics)
    {
        var name = Text(element, "name");
        if (!Text(element, "clsid").Equals(ItemClassId, StringComparison.OrdinalIgnoreCase))
        {
            return Inert(element, $"has the clsid '{Text(element, "clsid")}'; that of a registry item is {ItemClassId}");
        }

        if (element.Element("Properties") is not { } properties)
        {
            return Inert(element, "has no Properties");
        }

        var action = "CRUD".IndexOf(Text(properties, "action"), StringComparison.Ordinal) is var at && Text(properties, "action").Length == 1 ? at : -1;
        var hive = Text(properties, "hive");
        var key = Text(properties, "key").Trim('\\');
        if (action < 0)
        {
            return Inert(properties, $"has the action '{Text(properties, "action")}', which is not C, R, U or D");
        }

        if (!Hives.Contains(hive) || key.Length == 0)
        {
            return Inert(properties, key.Length == 0 ? "names no key" : $"has the hive '{hive}', which is none of {string.Join(", ", Hives)}");
        }

        if (ReadValue(properties, key, (PreferenceAction)action) is not { } value)
        {
            return Inert(properties, $"has a value that is not one of the type '{Text(properties, "type")}': numbers stand in hexadecimal, 00000001, lists item by item");
        }

        var own = Targeting.Read(element);
        return new RegistryPreference
        {
            Action = (PreferenceAction)action,
            Hive = hive,
            Value = value,
            Uid = Guid.TryParse(Text(element, "uid"), out var uid) ? uid : Guid.Empty,
            Changed = DateTime.TryParseExact(Text(element, "changed"), Moment, CultureInfo.InvariantCulture, DateTimeStyles.None, out var changed) ? changed : default,
            Description = Text(element, "desc"),
            BypassesErrors = Text(element, "bypassErrors") == "1",
            IsRemoved = Text(element, "removePolicy") == "1",
            IsDisabled = around.IsDisabled || Text(element, "disabled") == "1",
            Filters = around.Filters.IsEmpty ? own : own.IsEmpty ? around.Filters : [.. around.Filters, TargetingFilter.Collection(own.AsSpan())],
        };

        RegistryPreference? Inert(XElement where, string what)
        {
            diagnostics.Add(Problems.RegistryPreferenceInert.At(XmlContent.Where(where, file), $"The registry item '{name}' {what}."));
            return null;
        }
    }

    private static RegistryPolicyEntry? ReadValue(XElement properties, string key, PreferenceAction action)
    {
        var (name, type, text) = (Text(properties, "name"), Text(properties, "type"), Text(properties, "value"));
        if (type.Length == 0)
        {
            // A key alone, or a value that is only deleted, needs no type.
            return name.Length == 0 && Text(properties, "default") != "1" ? RegistryPolicyEntry.CreateKey(key)
                : action == PreferenceAction.Delete ? RegistryPolicyEntry.Sz(key, name, "") : null;
        }

        return Types.FirstOrDefault(t => t.Name == type) switch
        {
            (RegistryType.Sz, _, _) => RegistryPolicyEntry.Sz(key, name, text),
            (RegistryType.ExpandSz, _, _) => RegistryPolicyEntry.ExpandSz(key, name, text),
            (RegistryType.Dword, _, _) => uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) ? RegistryPolicyEntry.Dword(key, name, number) : null,
            (RegistryType.Qword, _, _) => ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) ? RegistryPolicyEntry.Qword(key, name, number) : null,
            (RegistryType.Binary, _, _) => Bytes(text.Replace(" ", "", StringComparison.Ordinal)) is { } bytes ? RegistryPolicyEntry.Binary(key, name, bytes) : null,
            (RegistryType.MultiSz, _, _) => properties.Elements("Values").Elements("Value").Select(v => v.Value).ToList() is var items && items.TrueForAll(i => i.Length > 0) && (items.Count > 0 || text.Length == 0)
                ? RegistryPolicyEntry.MultiSz(key, name, items) : null,
            _ => null,
        };
    }

    private static XElement Element(RegistryPreference item, XElement properties)
    {
        var name = item.Value.ValueName.Length > 0 ? item.Value.ValueName : item.Value.Type == RegistryType.None ? item.Value.Key.Split('\\')[^1] : "(Default)";
        var image = Types.First(t => t.Type == item.Value.Type).FirstImage + (int)item.Action;
        return new XElement("Registry", new XAttribute("clsid", ItemClassId), new XAttribute("name", name), new XAttribute("status", name), new XAttribute("image", image),
            new XAttribute("changed", item.Changed.ToString(Moment, CultureInfo.InvariantCulture)), new XAttribute("uid", GpmcBackup.Braced(item.Uid)),
            item.Description.Length > 0 ? new XAttribute("desc", item.Description) : null, item.IsDisabled ? new XAttribute("disabled", "1") : null,
            item.IsRemoved ? new XAttribute("removePolicy", "1") : null, item.BypassesErrors ? new XAttribute("bypassErrors", "1") : null, properties, Targeting.Write(item.Filters));
    }

    /// <summary>The element Properties; null when the format cannot say it.</summary>
    private static XElement? Properties(RegistryPreference item)
    {
        var value = item.Value;
        var data = value.Data.Span;
        IReadOnlyList<string>? items = null;
        var text = value.Type switch
        {
            RegistryType.None when value.ValueName.Length == 0 && data.IsEmpty => "",
            RegistryType.Sz or RegistryType.ExpandSz when IsTerminated(data) && Utf16.ToText(data[..^2]) is var one && !one.Contains('\0', StringComparison.Ordinal) => one,
            RegistryType.Dword when data.Length == sizeof(uint) => BinaryPrimitives.ReadUInt32LittleEndian(data).ToString("X8", CultureInfo.InvariantCulture),
            RegistryType.Qword when data.Length == sizeof(ulong) => BinaryPrimitives.ReadUInt64LittleEndian(data).ToString("X16", CultureInfo.InvariantCulture),
            RegistryType.Binary => Convert.ToHexString(data),
            RegistryType.MultiSz when Items(data) is { } list => string.Join(' ', items = list),
            _ => null,
        };
        var fits = text is not null && Hives.Contains(item.Hive) && value.Key.Trim('\\') == value.Key && new[] { text, value.Key, value.ValueName }.All(XmlContent.IsText);
        return !fits ? null : new XElement("Properties", new XAttribute("action", "CRUD"[(int)item.Action]), new XAttribute("displayDecimal", "0"),
            new XAttribute("default", value.Type != RegistryType.None && value.ValueName.Length == 0 ? "1" : "0"), new XAttribute("hive", item.Hive), new XAttribute("key", value.Key),
            new XAttribute("name", value.ValueName), new XAttribute("type", Types.First(t => t.Type == value.Type).Name), new XAttribute("value", text!),
            items is { Count: > 0 } ? new XElement("Values", items.Select(i => new XElement("Value", i))) : null);
    }

    private static bool IsTerminated(ReadOnlySpan<byte> data) => data.Length >= 2 && data.Length % 2 == 0 && data[^1] == 0 && data[^2] == 0;

    private static string[]? Items(ReadOnlySpan<byte> data)
    {
        if (!IsTerminated(data))
        {
            return null;
        }

        var text = Utf16.ToText(data[..^2]);
        var items = text.Split('\0')[..^1];
        return text.Length == 0 || (text[^1] == '\0' && Array.TrueForAll(items, i => i.Length > 0)) ? items : null;
    }

    private static byte[]? Bytes(string text)
    {
        try
        {
            return Convert.FromHexString(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static string Text(XElement element, string attribute) => element.Attribute(attribute)?.Value ?? "";

    /// <summary>What the folders around an item say.</summary>
    private sealed record Folder(ImmutableArray<TargetingFilter> Filters, bool IsDisabled, int Depth);
}
