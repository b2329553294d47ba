using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using MdbDeploy.Diagnostics;
using MdbDeploy.Formats;

namespace MdbDeploy.Policies;

/// <summary>
/// Group Policy: registry values, as registry.pol and LGPO text carry them. A list policy is a number that switches it on and a text value for each item
/// (https://learn.microsoft.com/previous-versions/windows/desktop/policy/element-list); attack surface reduction rules are texts, not numbers
/// (https://learn.microsoft.com/defender-endpoint/enable-attack-surface-reduction).
/// </summary>
public static class RegistryChannel
{
    /// <summary>Name for people.</summary>
    public const string Title = "Group Policy";

    // What Group Policy's editor writes beside each item of an exclusion list.
    private const string ItemData = "0";

    /// <summary>Why Group Policy cannot express a value; null when it can.</summary>
    public static string? Obstacle(PolicyValue value) => value.Setting switch
    {
        { Registry: null } => value.Setting.Id == "av.tamper" ? "tamper protection is signed by the service, so that no registry value can set it" : "Group Policy has no such setting",
        var setting when setting.Unverified.Contains("gpo") => "its registry value is not verified",
        _ => null,
    };

    /// <summary>The registry values, each once; warnings for what cannot be expressed.</summary>
    public static Outcome<IReadOnlyList<RegistryValue>> Write(IEnumerable<PolicyValue> values)
    {
        var diagnostics = new List<Diagnostic>();
        var written = new List<RegistryValue>();
        foreach (var value in values)
        {
            if (Obstacle(value) is { } obstacle)
            {
                diagnostics.Add(Problems.SettingNotExpressible.At(Location.Of(value.Setting.Id), $"{Title} cannot set {value.Setting.Id} to {value.Word}: {obstacle}."));
                continue;
            }

            var registry = value.Setting.Registry!;
            if (registry.With is { } with && !written.Any(one => one.Key == with.Key && one.Value == with.Value))
            {
                written.Add(with);
            }

            written.AddRange(registry.ValueName is { } name
                ? [new(value.Setting.Id, registry.Key, name, registry.Type, registry.Transform.Apply(value.Value))]
                : value.Value.Split('|').Select(item => new RegistryValue(value.Setting.Id, registry.Key, item, "SZ", ItemData)));
        }

        return new(written, diagnostics);
    }

    /// <summary>Registry values as entries of a registry.pol.</summary>
    public static IReadOnlyList<RegistryPolicyEntry> ToEntries(IEnumerable<RegistryValue> values) =>
        [.. values.Select(value => value.Type == "DWORD"
            ? RegistryPolicyEntry.Dword(value.Key, value.Value, uint.Parse(value.Data, NumberStyles.None, CultureInfo.InvariantCulture))
            : RegistryPolicyEntry.Sz(value.Key, value.Value, value.Data))];

    /// <summary>Reads entries back.</summary>
    /// <param name="entries">Entries of the computer side.</param>
    /// <param name="settings">The catalogue.</param>
    /// <param name="file">Where they stand, for messages.</param>
    public static PolicyReading Read(IEnumerable<RegistryPolicyEntry> entries, ImmutableSortedDictionary<string, PolicySetting> settings, string file)
    {
        var draft = new PolicyDraft(Title);
        var index = new RegistryIndex(settings);
        foreach (var entry in entries)
        {
            var at = new Location(file, Subject: $@"{entry.Key}\{entry.ValueName}");
            var name = entry.ValueName;
            if (name.StartsWith("**", StringComparison.Ordinal) || entry.Type == RegistryType.None)
            {
                // Emptying a list before it is filled, as the editor does, says nothing by itself.
                if (!index.IsList(entry.Key) || !string.Equals(name, RegistryPolicyEntry.DeleteAllValuesName, StringComparison.OrdinalIgnoreCase))
                {
                    draft.NotUnderstood($@"'{entry.Key}\{name}' takes something away or makes a key, which presets do not.", at);
                }
            }
            else if (index.Value(entry.Key, name) is { } setting)
            {
                draft.Add(setting, Data(entry) is { } data ? setting.Registry!.Transform.Revert(data) : null, at);
            }
            else if (index.List(entry.Key) is { } list)
            {
                draft.Add(list, name, at);
            }
            else if (!index.IsBeside(entry.Key, name))
            {
                draft.NotUnderstood($@"'{entry.Key}\{name}' is no setting of the catalogue.", at);
            }
        }

        return draft.Finish();
    }

    /// <summary>Number or text of an entry; null for other types.</summary>
    internal static string? Data(RegistryPolicyEntry entry) => entry.Type switch
    {
        RegistryType.Dword when entry.Data.Length == 4 => BinaryPrimitives.ReadUInt32LittleEndian(entry.Data.Span).ToString(CultureInfo.InvariantCulture),
        RegistryType.Sz or RegistryType.ExpandSz => Encoding.Unicode.GetString(entry.Data.Span).TrimEnd('\0'),
        _ => null,
    };
}

/// <summary>Finds the setting of a registry value. Keys and names are compared as Windows does, ignoring case.</summary>
internal sealed class RegistryIndex
{
    private readonly Dictionary<string, PolicySetting> values = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, PolicySetting> lists = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> shared = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> beside = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Indexes the catalogue.</summary>
    public RegistryIndex(ImmutableSortedDictionary<string, PolicySetting> settings)
    {
        foreach (var setting in settings.Values.Where(s => s.Registry is not null))
        {
            var registry = setting.Registry!;
            if (registry.ValueName is { } name)
            {
                values[$"{registry.Key}\n{name}"] = setting;
            }
            else
            {
                lists[registry.Key] = setting;
            }

            if (registry.With is { } with)
            {
                beside.Add($"{with.Key}\n{with.Value}");
                shared.Add(registry.Key);
            }
        }
    }

    /// <summary>The setting of a value; null when there is none.</summary>
    public PolicySetting? Value(string key, string name) => values.GetValueOrDefault($"{key}\n{name}");

    /// <summary>The setting whose items a key holds; null when there is none.</summary>
    public PolicySetting? List(string key) => lists.GetValueOrDefault(key);

    /// <summary>Whether a key holds the items of a list policy, also one whose items are settings of their own.</summary>
    public bool IsList(string key) => lists.ContainsKey(key) || shared.Contains(key);

    /// <summary>Whether a value only stands beside others.</summary>
    public bool IsBeside(string key, string name) => beside.Contains($"{key}\n{name}");
}
