using System.Buffers.Binary;

namespace MdbDeploy.Formats;

/// <summary>One entry of a registry.pol: a value to set, or a directive in the guise of a value (MS-GPREG 2.2.1). Two entries are equal when all their bytes are.</summary>
public sealed record RegistryPolicyEntry
{
    /// <summary>Prefix of a value name that deletes the value named after it, as Group Policy Management writes it; clients compare it without regard to case.</summary>
    public const string DeleteValuePrefix = "**del.";

    /// <summary>Value name that deletes all values of the key.</summary>
    public const string DeleteAllValuesName = "**delvals.";

    // What Group Policy Management writes as the data of a deletion: one blank and the terminator.
    private static readonly byte[] Blank = [0x20, 0x00, 0x00, 0x00];

    private readonly string key = "";
    private readonly string valueName = "";

    /// <summary>Registry key without the hive: the folder, Machine or User, decides it.</summary>
    /// <exception cref="ArgumentException">The key is empty or holds U+0000.</exception>
    public required string Key
    {
        get => key;
        init => key = value.Length > 0 && !value.Contains('\0', StringComparison.Ordinal) ? value : throw new ArgumentException("A key must have a name without U+0000.", nameof(Key));
    }

    /// <summary>Name of the value, or a directive; empty for the key's default value, or for the key itself when <see cref="Type"/> is none.</summary>
    /// <exception cref="ArgumentException">The name holds U+0000.</exception>
    public required string ValueName
    {
        get => valueName;
        init => valueName = value.Contains('\0', StringComparison.Ordinal) ? throw new ArgumentException("A value name cannot hold U+0000.", nameof(ValueName)) : value;
    }

    /// <summary>Type of the value; any number is kept.</summary>
    public required RegistryType Type { get; init; }

    /// <summary>The data as the registry stores it: strings in UTF-16LE with their terminators, numbers little endian.</summary>
    public required ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>A 32-bit number.</summary>
    public static RegistryPolicyEntry Dword(string key, string valueName, uint value)
    {
        var data = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(data, value);
        return Binary(key, valueName, data) with { Type = RegistryType.Dword };
    }

    /// <summary>A 64-bit number.</summary>
    public static RegistryPolicyEntry Qword(string key, string valueName, ulong value)
    {
        var data = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(data, value);
        return Binary(key, valueName, data) with { Type = RegistryType.Qword };
    }

    /// <summary>A text.</summary>
    public static RegistryPolicyEntry Sz(string key, string valueName, string value) =>
        Binary(key, valueName, Utf16.ToBytes(value + '\0')) with { Type = RegistryType.Sz };

    /// <summary>A text whose <c>%variables%</c> are expanded when it is read.</summary>
    public static RegistryPolicyEntry ExpandSz(string key, string valueName, string value) =>
        Binary(key, valueName, Utf16.ToBytes(value + '\0')) with { Type = RegistryType.ExpandSz };

    /// <summary>A list of texts. An empty list is one terminator, as LGPO.exe writes it.</summary>
    /// <exception cref="ArgumentException">An item is empty, which would end the list.</exception>
    public static RegistryPolicyEntry MultiSz(string key, string valueName, params IReadOnlyList<string> values) => values.Any(v => v.Length == 0)
        ? throw new ArgumentException("An empty item would end the list.", nameof(values))
        : Binary(key, valueName, Utf16.ToBytes(string.Concat(values.Select(v => v + '\0')) + '\0')) with { Type = RegistryType.MultiSz };

    /// <summary>Bytes.</summary>
    public static RegistryPolicyEntry Binary(string key, string valueName, ReadOnlyMemory<byte> value) =>
        new() { Key = key, ValueName = valueName, Type = RegistryType.Binary, Data = value };

    /// <summary>Deletes a value.</summary>
    public static RegistryPolicyEntry DeleteValue(string key, string valueName) =>
        new() { Key = key, ValueName = DeleteValuePrefix + valueName, Type = RegistryType.Sz, Data = Blank };

    /// <summary>Deletes all values of a key. It acts at its place in the file: write it before the values that are to stay.</summary>
    public static RegistryPolicyEntry DeleteAllValues(string key) =>
        new() { Key = key, ValueName = DeleteAllValuesName, Type = RegistryType.Sz, Data = Blank };

    /// <summary>Creates a key without values.</summary>
    public static RegistryPolicyEntry CreateKey(string key) =>
        new() { Key = key, ValueName = "", Type = RegistryType.None, Data = ReadOnlyMemory<byte>.Empty };

    /// <inheritdoc/>
    public bool Equals(RegistryPolicyEntry? other) =>
        other is not null && Key == other.Key && ValueName == other.ValueName && Type == other.Type && Data.Span.SequenceEqual(other.Data.Span);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(Key, StringComparer.Ordinal);
        hash.Add(ValueName, StringComparer.Ordinal);
        hash.Add(Type);
        hash.AddBytes(Data.Span);
        return hash.ToHashCode();
    }
}

/// <summary>Type of a registry value (winnt.h, <c>REG_*</c>).</summary>
public enum RegistryType
{
    /// <summary>REG_NONE: no type.</summary>
    None = 0,

    /// <summary>REG_SZ: a text.</summary>
    Sz = 1,

    /// <summary>REG_EXPAND_SZ: a text with <c>%variables%</c>.</summary>
    ExpandSz = 2,

    /// <summary>REG_BINARY: bytes.</summary>
    Binary = 3,

    /// <summary>REG_DWORD: a 32-bit number, little endian.</summary>
    Dword = 4,

    /// <summary>REG_DWORD_BIG_ENDIAN.</summary>
    DwordBigEndian = 5,

    /// <summary>REG_LINK: a symbolic link.</summary>
    Link = 6,

    /// <summary>REG_MULTI_SZ: a list of texts.</summary>
    MultiSz = 7,

    /// <summary>REG_QWORD: a 64-bit number, little endian.</summary>
    Qword = 11,
}
