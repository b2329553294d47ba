using System.Collections.Frozen;

namespace MdbDeploy.Inventory;

/// <summary>What a column of an export can say about a device. Import profiles name fields in kebab case.</summary>
public enum DeviceField
{
    /// <summary><c>name</c>: computer name as <c>NAME</c>, <c>NAME$</c>, <c>DOMAIN\NAME</c>, DNS name, distinguished name or <c>pool/NAME</c>.</summary>
    Name,

    /// <summary><c>fqdn</c>: DNS name.</summary>
    Fqdn,

    /// <summary><c>domain</c>: NetBIOS or DNS name of the domain.</summary>
    Domain,

    /// <summary><c>distinguished-name</c>: of the computer object; gives organisational unit, domain and, when missing, the name.</summary>
    DistinguishedName,

    /// <summary><c>canonical-name</c>: <c>corp.example/Unit/NAME</c>, or the same without the name.</summary>
    CanonicalName,

    /// <summary><c>os</c>: operating system in words; gives family, edition and role as far as it says.</summary>
    Os,

    /// <summary><c>edition</c>: Windows edition.</summary>
    Edition,

    /// <summary><c>build</c>: operating system version in any form of <see cref="WindowsBuild"/>.</summary>
    Build,

    /// <summary><c>role</c>: client, server or domain controller.</summary>
    Role,

    /// <summary><c>join</c>: how the device is joined.</summary>
    Join,

    /// <summary><c>managed-by</c>: who manages it; several columns add up.</summary>
    ManagedBy,

    /// <summary><c>entra-device-id</c>: GUID.</summary>
    EntraDeviceId,

    /// <summary><c>intune-device-id</c>: GUID.</summary>
    IntuneDeviceId,

    /// <summary><c>sms-id</c>: unique id of a Configuration Manager client, <c>GUID:</c> and a GUID, or the GUID alone.</summary>
    SmsId,

    /// <summary><c>ad-object-id</c>: GUID.</summary>
    AdObjectId,

    /// <summary><c>serial</c>: serial number.</summary>
    Serial,

    /// <summary><c>ou</c>: distinguished name of the organisational unit.</summary>
    Ou,

    /// <summary><c>site</c>: site or location.</summary>
    Site,

    /// <summary><c>method</c>: onboarding method asked for.</summary>
    Method,

    /// <summary><c>ring</c>: ring asked for.</summary>
    Ring,

    /// <summary><c>tags</c>: separated by <c>;</c>, <c>,</c> or <c>|</c>.</summary>
    Tags,

    /// <summary><c>vdi</c>: virtual desktop kind.</summary>
    Vdi,

    /// <summary><c>image</c>: golden image or catalogue.</summary>
    Image,

    /// <summary><c>golden-image</c>: whether the device is a golden image itself.</summary>
    GoldenImage,

    /// <summary><c>owner</c>: user principal name.</summary>
    Owner,

    /// <summary><c>last-seen</c>: last sign of life; of several columns the latest counts.</summary>
    LastSeen,

    /// <summary><c>state</c>: in use, disabled, retired or to be offboarded.</summary>
    State,

    /// <summary><c>onboarded</c>: whether Defender has it already.</summary>
    Onboarded,
}

/// <summary>The names of device fields, and the words each field's values are written with in profiles.</summary>
internal static class DeviceFields
{
    /// <summary>A value that is known and says nothing.</summary>
    public const int Silent = -1;

    private static readonly string[] FieldNames = [.. Enum.GetNames<DeviceField>().Select(Kebab)];

    private static readonly FrozenDictionary<string, DeviceField> ByName =
        Enum.GetValues<DeviceField>().ToFrozenDictionary(NameOf, StringComparer.Ordinal);

    private static readonly FrozenDictionary<DeviceField, FrozenDictionary<string, int>> Words = new Dictionary<DeviceField, FrozenDictionary<string, int>>
    {
        [DeviceField.Os] = Of<OsFamily>(),
        [DeviceField.Edition] = Of<WindowsEdition>(),
        [DeviceField.Role] = Of<DeviceRole>(),
        [DeviceField.Join] = Of<JoinType>(),
        [DeviceField.ManagedBy] = Of<Management>(),
        [DeviceField.Vdi] = Of<VdiKind>(),
        [DeviceField.State] = Of<DeviceState>(),
        [DeviceField.GoldenImage] = YesNo(),
        [DeviceField.Onboarded] = YesNo(),
    }.ToFrozenDictionary();

    /// <summary>Names of all fields.</summary>
    public static IReadOnlyList<string> Names => FieldNames;

    /// <summary>Kebab-case name of a field.</summary>
    public static string NameOf(DeviceField field) => FieldNames[(int)field];

    /// <summary>The field of that name.</summary>
    public static bool TryParse(string name, out DeviceField field) => ByName.TryGetValue(name, out field);

    /// <summary>Whether the field can give the device's name.</summary>
    public static bool NamesDevice(DeviceField field) => field is DeviceField.Name or DeviceField.Fqdn or DeviceField.DistinguishedName;

    /// <summary>Whether many devices have the same value of the field, so that it pays to remember what its texts come to.</summary>
    public static bool IsShared(DeviceField field) =>
        HasWords(field)
        || field is DeviceField.Domain or DeviceField.Ou or DeviceField.Build or DeviceField.Method or DeviceField.Site or DeviceField.Ring or DeviceField.Image or DeviceField.Tags;

    /// <summary>Whether values of the field are a fixed set of words.</summary>
    public static bool HasWords(DeviceField field) => Words.ContainsKey(field);

    /// <summary>The words a field accepts, for messages.</summary>
    public static IEnumerable<string> WordsOf(DeviceField field) => Words[field].Keys.Order(StringComparer.Ordinal);

    /// <summary>
    /// The numeric value a word stands for: of the field's enumeration, 0 or 1 for yes and no. Flags may be joined with <c>+</c>; the empty word is
    /// <see cref="Silent"/>.
    /// </summary>
    public static bool TryCode(DeviceField field, string word, out int code)
    {
        code = Silent;
        if (word.Length == 0)
        {
            return true;
        }

        var sum = 0;
        foreach (var part in field == DeviceField.ManagedBy ? word.Split('+', StringSplitOptions.TrimEntries) : [word])
        {
            if (!Words[field].TryGetValue(part, out var value))
            {
                return false;
            }

            sum |= value;
        }

        code = sum;
        return true;
    }

    private static FrozenDictionary<string, int> Of<TEnum>()
        where TEnum : struct, Enum =>
        Enum.GetValues<TEnum>().ToFrozenDictionary(value => Kebab(value.ToString()), value => Convert.ToInt32(value, null), StringComparer.Ordinal);

    private static FrozenDictionary<string, int> YesNo() =>
        new Dictionary<string, int> { ["yes"] = 1, ["no"] = 0 }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary><c>NonPersistentSingle</c> to <c>non-persistent-single</c>; <c>MacOS</c> to <c>mac-os</c>.</summary>
    private static string Kebab(string name)
    {
        var result = new System.Text.StringBuilder(name.Length + 4);
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]) && !char.IsUpper(name[i - 1]))
            {
                result.Append('-');
            }

            result.Append(char.ToLowerInvariant(name[i]));
        }

        return result.ToString();
    }
}
