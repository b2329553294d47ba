using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Formats;

/// <summary>Registry policy of both sides.</summary>
/// <param name="Computer">Entries of the computer side, in order.</param>
/// <param name="User">Entries of the user side, in order.</param>
public sealed record LgpoPolicy(IReadOnlyList<RegistryPolicyEntry> Computer, IReadOnlyList<RegistryPolicyEntry> User);

/// <summary>
/// The text form of registry policy that Microsoft's LGPO.exe reads and writes: entries of four lines (side, key, value name, action), apart by blank lines,
/// with comments that begin with <c>;</c>. A person can review it, which registry.pol does not offer. What the text cannot say is refused, never bent.
/// </summary>
public static class LgpoText
{
    private const string Actions = "DWORD:, QWORD:, SZ:, EXSZ:, MULTISZ:, BINARY:, DELETE, DELETEALLVALUES or CREATEKEY";

    // Ends each item of MULTISZ: a backslash and a zero, two characters.
    private const string ItemEnd = "\\0";

    private static readonly string[] LineNames = ["'Computer' or 'User'", "key", "value name", "action"];

    private static readonly string[] Hives =
        ["HKLM", "HKCU", "HKCR", "HKU", "HKCC", "HKEY_LOCAL_MACHINE", "HKEY_CURRENT_USER", "HKEY_CLASSES_ROOT", "HKEY_USERS", "HKEY_CURRENT_CONFIG"];

    /// <summary>Reads a text. Every broken entry is reported; after one, reading goes on behind the next blank line.</summary>
    /// <param name="text">The text; a byte order mark is allowed.</param>
    /// <param name="file">The file, as messages name it.</param>
    public static Outcome<LgpoPolicy> Read(string text, string file)
    {
        var lines = text.TrimStart('\uFEFF').Split('\n').Select(line => line.EndsWith('\r') ? line[..^1] : line).ToArray();
        var diagnostics = new List<Diagnostic>();
        var computer = new List<RegistryPolicyEntry>();
        var user = new List<RegistryPolicyEntry>();
        for (var at = 0; at < lines.Length;)
        {
            if (IsBlank(lines[at]) || IsComment(lines[at]))
            {
                at++;
            }
            else if (ReadEntry(lines, at, out var entry, out var fault))
            {
                (SideOf(lines[at]) == GroupPolicySide.Machine ? computer : user).Add(entry);
                at += LineNames.Length;
            }
            else
            {
                diagnostics.Add(Problems.LgpoTextInvalid.At(new Location(file, fault.Line + 1, fault.Column + 1), fault.Message));
                at = Array.FindIndex(lines, at, IsBlank) is var blank and >= 0 ? blank : lines.Length;
            }
        }

        return new(new LgpoPolicy(computer, user), diagnostics);
    }

    /// <summary>Writes a text with CR LF line ends, computer side first. An entry that a reader would not read back as it is, is refused.</summary>
    public static Outcome<string> Write(LgpoPolicy policy)
    {
        var text = new StringBuilder();
        var diagnostics = new List<Diagnostic>();
        foreach (var (side, entry) in policy.Computer.Select(e => ("Computer", e)).Concat(policy.User.Select(e => ("User", e))))
        {
            string[] lines = [side, entry.Key, .. NameAndAction(entry)];
            if (ReadEntry(lines, 0, out var same, out _) && same.Equals(entry))
            {
                text.AppendJoin("\r\n", lines).Append("\r\n\r\n");
            }
            else
            {
                diagnostics.Add(Problems.LgpoTextInexpressible.At(Location.Of($"{entry.Key}\\{entry.ValueName}"),
                    $"LGPO text cannot say '{entry.Key}', value '{entry.ValueName}', type {entry.Type} with these {entry.Data.Length} bytes."));
            }
        }

        return new(text.ToString(), diagnostics);
    }

    private readonly record struct Fault(int Line, int Column, string Message);

    private static bool ReadEntry(string[] lines, int at, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out RegistryPolicyEntry? entry, out Fault fault)
    {
        entry = null;
        fault = default;
        if (SideOf(lines[at]) is null)
        {
            fault = new(at, 0, lines[at].StartsWith("User:", StringComparison.OrdinalIgnoreCase)
                ? "Policy of a single user ('User:name') has no place in a registry.pol: write 'User'."
                : $"'{Shown(lines[at])}' is neither 'Computer' nor 'User': the first line of an entry says the side, then come key, value name and action.");
            return false;
        }

        for (var i = 1; i < LineNames.Length; i++)
        {
            if (at + i >= lines.Length || IsBlank(lines[at + i]))
            {
                fault = new(Math.Min(at + i, lines.Length - 1), 0, $"The entry that begins at line {at + 1} ends before its {LineNames[i]}.");
                return false;
            }

            if (CommonFault(lines[at + i], isAction: i == 3) is { } common)
            {
                fault = new(at + i, common.Column, $"The {LineNames[i]} of the entry that begins at line {at + 1} {common.Message}.");
                return false;
            }
        }

        if (KeyFault(lines[at + 1]) is { } badKey)
        {
            fault = new(at + 1, 0, badKey);
            return false;
        }

        if (ActionFault(lines[at + 1], lines[at + 2], lines[at + 3], out entry) is { } badAction)
        {
            fault = new(at + 3, badAction.Column, badAction.Message);
            return false;
        }

        return entry is not null;
    }

    private static (int Column, string Message)? CommonFault(string line, bool isAction)
    {
        var control = line.AsSpan().IndexOfAnyInRange('\0', '\u001F');
        return control >= 0 ? (control, $"holds the control character U+{(int)line[control]:X4}")
            : IsComment(line) ? (0, "is a comment: comments stand between entries")
            : char.IsWhiteSpace(line[0]) ? (0, "begins with a blank")
            : !isAction && char.IsWhiteSpace(line[^1]) ? (line.Length - 1, "ends with a blank")
            : null;
    }

    private static string? KeyFault(string key)
    {
        var root = key.Split('\\')[0];
        return Hives.Contains(root.TrimEnd(':'), StringComparer.OrdinalIgnoreCase) ? $"The key begins with the hive '{root}': leave it out, the line before says the side."
            : key.Split('\\').Any(part => part.Length == 0) ? $"The key '{Shown(key)}' has a backslash too many."
            : null;
    }

    private static (int Column, string Message)? ActionFault(string key, string name, string action, out RegistryPolicyEntry? entry)
    {
        entry = null;
        var colon = action.IndexOf(':', StringComparison.Ordinal);
        var (word, data) = colon < 0 ? (action, null) : (action[..colon], action[(colon + 1)..]);
        switch (word.ToUpperInvariant(), data)
        {
            case ("DELETE", null):
                entry = RegistryPolicyEntry.DeleteValue(key, name);
                return null;
            case ("DELETEALLVALUES" or "CREATEKEY", null) when name != "*":
                return (0, $"{word} concerns the key: write '*' as the value name instead of '{Shown(name)}'.");
            case ("DELETEALLVALUES", null):
                entry = RegistryPolicyEntry.DeleteAllValues(key);
                return null;
            case ("CREATEKEY", null):
                entry = RegistryPolicyEntry.CreateKey(key);
                return null;
            case ("SZ", not null):
                entry = RegistryPolicyEntry.Sz(key, name, data);
                return null;
            case ("EXSZ", not null):
                entry = RegistryPolicyEntry.ExpandSz(key, name, data);
                return null;
            case ("DWORD", not null):
                entry = Number(data, uint.MaxValue) is { } dword ? RegistryPolicyEntry.Dword(key, name, (uint)dword) : null;
                return entry is null ? (colon + 1, $"'{Shown(data)}' is not a whole number from 0 to {uint.MaxValue}.") : null;
            case ("QWORD", not null):
                entry = Number(data, ulong.MaxValue) is { } qword ? RegistryPolicyEntry.Qword(key, name, qword) : null;
                return entry is null ? (colon + 1, $"'{Shown(data)}' is not a whole number from 0 to {ulong.MaxValue}.") : null;
            case ("BINARY", not null):
                if (data.Length % 2 != 0 || !data.All(char.IsAsciiHexDigit))
                {
                    return (colon + 1, "BINARY needs two hexadecimal digits for each byte, without separators.");
                }

                entry = RegistryPolicyEntry.Binary(key, name, Convert.FromHexString(data));
                return null;
            case ("MULTISZ", not null):
                var items = data.Split(ItemEnd);
                var count = Array.FindLastIndex(items, item => item.Length > 0) + 1;
                if (items.Take(count).Any(item => item.Length == 0))
                {
                    return (colon + 1, "MULTISZ has an empty item, which would end the list.");
                }

                entry = RegistryPolicyEntry.MultiSz(key, name, items[..count]);
                return null;
            default:
                return (0, $"'{Shown(action)}' is not an action: write {Actions}.");
        }
    }

    private static string[] NameAndAction(RegistryPolicyEntry entry)
    {
        var data = entry.Data.Span;
        if (entry.Equals(RegistryPolicyEntry.CreateKey(entry.Key)))
        {
            return ["*", "CREATEKEY"];
        }

        if (entry.Equals(RegistryPolicyEntry.DeleteAllValues(entry.Key)))
        {
            return ["*", "DELETEALLVALUES"];
        }

        if (entry.ValueName.StartsWith(RegistryPolicyEntry.DeleteValuePrefix, StringComparison.Ordinal)
            && entry.Equals(RegistryPolicyEntry.DeleteValue(entry.Key, entry.ValueName[RegistryPolicyEntry.DeleteValuePrefix.Length..])))
        {
            return [entry.ValueName[RegistryPolicyEntry.DeleteValuePrefix.Length..], "DELETE"];
        }

        return [entry.ValueName, entry.Type switch
        {
            RegistryType.Dword when data.Length == sizeof(uint) => $"DWORD:{BinaryPrimitives.ReadUInt32LittleEndian(data)}",
            RegistryType.Qword when data.Length == sizeof(ulong) => $"QWORD:{BinaryPrimitives.ReadUInt64LittleEndian(data)}",
            RegistryType.Binary => $"BINARY:{Convert.ToHexStringLower(data)}",
            RegistryType.Sz => $"SZ:{Utf16.ToText(data).TrimEnd('\0')}",
            RegistryType.ExpandSz => $"EXSZ:{Utf16.ToText(data).TrimEnd('\0')}",
            RegistryType.MultiSz => $"MULTISZ:{Utf16.ToText(data).TrimEnd('\0').Replace("\0", ItemEnd, StringComparison.Ordinal)}{ItemEnd}",
            _ => "",
        }];
    }

    private static ulong? Number(string text, ulong most)
    {
        var isHex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        return ulong.TryParse(isHex ? text.AsSpan(2) : text, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number <= most ? number : null;
    }

    private static GroupPolicySide? SideOf(string line) => line.Trim().ToUpperInvariant() switch
    {
        "COMPUTER" => GroupPolicySide.Machine,
        "USER" => GroupPolicySide.User,
        _ => null,
    };

    private static bool IsBlank(string line) => string.IsNullOrWhiteSpace(line);

    private static bool IsComment(string line) => line.TrimStart().StartsWith(';');

    private static string Shown(string text) => text.Length > 60 ? text[..60] + "…" : text;
}
