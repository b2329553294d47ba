using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;

namespace MdbDeploy.Formats;

/// <summary>
/// gPCMachineExtensionNames and gPCUserExtensionNames: which client-side extensions a policy needs, as <c>[{extension}{tool}…]…</c> in upper case, sorted by
/// extension and then by tool (MS-GPOL; sorted in all of 137 real backups that were counted). A client that does not find an extension here skips its settings without an error.
/// </summary>
public static partial class ExtensionNames
{
    /// <summary>Registry policy.</summary>
    public const string Registry = "{35378EAC-683F-11D2-A89A-00C04FBBCFA2}";

    /// <summary>Scripts.</summary>
    public const string Scripts = "{42B5FAAE-6536-11D2-AE5A-0000F87571E3}";

    /// <summary>Stands before the tools of all preferences, when there are any.</summary>
    public const string AnyPreference = "{00000000-0000-0000-0000-000000000000}";

    private const string Security = "{827D319E-6EAC-11D2-A4EA-00C04F79F83A}";
    private const string Audit = "{F3CCC681-B74C-4060-9F26-CD84525DCA2A}";

    // Extension and tool of each kind of preference by its folder (MS-GPPREF; the GUIDs of real backups).
    private static readonly ImmutableDictionary<string, (string Extension, string Tool)> Preferences =
        ImmutableDictionary.CreateRange<string, (string Extension, string Tool)>(StringComparer.OrdinalIgnoreCase,
        [
            new("Drives", ("{5794DAFD-BE60-433F-88A2-1A31939AC01F}", "{2EA1A81B-48E5-45E9-8BB7-A6E3AC170006}")),
            new("EnvironmentVariables", ("{0E28E245-9368-4853-AD84-6DA3BA35BB75}", "{35141B6B-498A-4CC7-AD59-CEF93D89B2CE}")),
            new("Files", ("{7150F9BF-48AD-4DA4-A49C-29EF4A8369BA}", "{3BAE7E51-E3F4-41D0-853D-9BB9FD47605F}")),
            new("Folders", ("{6232C319-91AC-4931-9385-E70C2B099F0E}", "{3EC4E9D3-714D-471F-88DC-4DD4471AAB47}")),
            new("Groups", ("{17D89FEC-5C44-4972-B12D-241CAEF74509}", "{79F92669-4224-476C-9C5C-6EFB4D87DF4A}")),
            new("IniFiles", ("{74EE6C03-5363-4554-B161-627540339CAB}", "{516FC620-5D34-4B08-8165-6A06B623EDEB}")),
            new("Registry", ("{B087BE9D-ED37-454F-AF9C-04291E351182}", "{BEE07A6A-EC9F-4659-B8C9-0B1937907C83}")),
            new("ScheduledTasks", ("{AADCED64-746C-4633-A97C-D61349046527}", "{CAB54552-DEEA-4691-817E-ED4A4D1AFC72}")),
            new("Services", ("{91FBB303-0CD5-4055-BF42-E512A681B325}", "{CC5746A9-9B74-4BE5-AE2E-64379C86E0E4}")),
            new("Shortcuts", ("{C418DD9D-0D14-4EFB-8FBF-CFE535C8FAC7}", "{CEFFA6E2-E3BD-421B-852C-6F6A79A59BC1}")),
        ]);

    /// <summary>The extensions that the files of one side need.</summary>
    /// <param name="files">Files of the template by path, with <c>/</c>, below the folder that holds Machine and User; compared without regard to case.</param>
    /// <param name="side">The side.</param>
    public static string Of(IEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> files, GroupPolicySide side) =>
        Format(files.SelectMany(file => PairsOf(file.Key, file.Value.Length, side)));

    /// <summary>Whether a file belongs to a kind of preference whose extension is not known here.</summary>
    internal static bool IsUnknownPreference(string path) =>
        path.Split('/') is [_, var folder, var kind, ..] && Same(folder, "Preferences") && !Preferences.ContainsKey(kind);

    /// <summary>Two lists as one, such as a local policy's own extensions and ours. Neither loses a pair.</summary>
    public static string Merge(string names, string others) => Format(Parse(names).Concat(Parse(others)));

    /// <summary>The pairs of extension and tool in a list, in upper case; what is not a GUID in braces is passed over.</summary>
    public static IEnumerable<(string Extension, string Tool)> Parse(string names)
    {
        foreach (var group in names.Split(['[', ']'], StringSplitOptions.RemoveEmptyEntries))
        {
            var guids = group.Split('{', StringSplitOptions.RemoveEmptyEntries).Select(part => "{" + part.Trim().ToUpperInvariant())
                .Where(part => Guid.TryParseExact(part, "B", out _)).ToList();
            foreach (var tool in guids.Skip(1))
            {
                yield return (guids[0], tool);
            }
        }
    }

    /// <summary>What is wrong with a list, whatever it names: its form, its order, or a class identifier of an XML file in the place of an extension.</summary>
    internal static IEnumerable<string> Faults(string names)
    {
        if (!Form.IsMatch(names))
        {
            yield return "is not of the form [{extension}{tool}…]…";
            yield break;
        }

        var groups = names.ToUpperInvariant().Split(['[', ']'], StringSplitOptions.RemoveEmptyEntries);
        if (!groups.SequenceEqual(groups.Order(StringComparer.Ordinal)) || groups.Any(group => group[Length..] != string.Concat(group[Length..].Chunk(Length).Select(tool => new string(tool)).Order(StringComparer.Ordinal))))
        {
            yield return "is not sorted by extension and then by tool";
        }

        foreach (var extension in groups.Select(group => group[..Length]).GroupBy(e => e, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key))
        {
            yield return $"names the extension {extension} twice";
        }

        foreach (var wrong in groups.Select(group => group[..Length]).Where(ClassIds.Contains))
        {
            yield return $"names {wrong}, which identifies an element of an XML file and no extension";
        }
    }

    // Braces and a GUID.
    private const int Length = 38;

    // Of the root elements of preferences; seen in policies that were put together by hand.
    private static readonly ImmutableHashSet<string> ClassIds =
        ["{CC63F200-7309-4BA0-B154-A71CD118DBCC}", "{8FDDCC1A-0C3C-43CD-A6B4-71A6DF20DA8C}", "{3125E937-EB16-4B4C-9934-544FC6D24D26}", "{A3CCFC41-DFDB-43A5-8D26-0FE8B954DA51}"];

    [GeneratedRegex(@"\A(\[(\{[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}){2,}\])*\z")]
    private static partial Regex Form { get; }

    private static string Format(IEnumerable<(string Extension, string Tool)> pairs)
    {
        var text = new StringBuilder();
        foreach (var extension in pairs.GroupBy(pair => pair.Extension, pair => pair.Tool).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            text.Append('[').Append(extension.Key).AppendJoin("", extension.Distinct().Order(StringComparer.Ordinal)).Append(']');
        }

        return text.ToString();
    }

    private static IEnumerable<(string Extension, string Tool)> PairsOf(string path, int length, GroupPolicySide side)
    {
        var isMachine = side == GroupPolicySide.Machine;
        var parts = path.Split('/');
        if (!Same(parts[0], side.ToString()))
        {
            return [];
        }

        return parts[1..] switch
        {
            [var file] when Same(file, "registry.pol") && length > RegistryPol.HeaderLength =>
                [(Registry, isMachine ? "{D02B1F72-3407-48AE-BA88-E8213C6761F1}" : "{D02B1F73-3407-48AE-BA88-E8213C6761F1}")],
            [var folder, var file] when Same(folder, "Scripts") && (Same(file, "scripts.ini") || Same(file, "psscripts.ini")) && length > ScriptsIni.EmptyLength =>
                [(Scripts, isMachine ? "{40B6664F-4972-11D1-A7CA-0000F87571E3}" : "{40B66650-4972-11D1-A7CA-0000F87571E3}")],
            [var folder, var kind, _] when Same(folder, "Preferences") && Preferences.TryGetValue(kind, out var pair) => [(AnyPreference, pair.Tool), pair],
            [.., var folder, var file] when Same(folder, "SecEdit") && Same(file, "GptTmpl.inf") => [(Security, "{803E14A0-B4FB-11D0-A0D0-00A0C90F574B}")],
            [.., var folder, var file] when Same(folder, "Audit") && Same(file, "audit.csv") => [(Audit, "{0F3F3735-573D-9804-99E4-AB2A69BA5FD4}")],
            _ => [],
        };
    }

    private static bool Same(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);
}
