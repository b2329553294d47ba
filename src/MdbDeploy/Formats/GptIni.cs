using System.Globalization;
using System.Text;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Formats;

/// <summary>
/// GPT.INI: the version of a Group Policy template . In SYSVOL it says only the version, which must equal the directory object's versionNumber (MS-GPOL 3.3.5.4);
/// the local policy's file also names the client-side extensions. A client skips a side whose version is 0 or unchanged.
/// </summary>
public sealed record GptIni
{
    /// <summary>Version: the user side's number in the upper 16 bits, the computer side's in the lower.</summary>
    public required uint Version { get; init; }

    /// <summary>Client-side extensions of the computer side, as <see cref="ExtensionNames"/> writes them; null for a file in SYSVOL.</summary>
    public string? MachineExtensionNames { get; init; }

    /// <summary>Client-side extensions of the user side; null for a file in SYSVOL.</summary>
    public string? UserExtensionNames { get; init; }

    /// <summary>Version of the computer side.</summary>
    public ushort MachineVersion => unchecked((ushort)Version);

    /// <summary>Version of the user side.</summary>
    public ushort UserVersion => (ushort)(Version >> 16);

    /// <summary>A version of both sides.</summary>
    public static uint VersionOf(ushort machine, ushort user) => ((uint)user << 16) | machine;

    /// <summary>The same with the next version of a side, as each change of that side needs; after 65535 comes 1.</summary>
    public GptIni Next(GroupPolicySide side) => this with
    {
        Version = side == GroupPolicySide.Machine ? VersionOf(After(MachineVersion), UserVersion) : VersionOf(MachineVersion, After(UserVersion)),
    };

    /// <summary>The bytes: ASCII, CR LF.</summary>
    public byte[] Write()
    {
        var text = new StringBuilder("[General]\r\n");
        if (MachineExtensionNames is { } machine)
        {
            text.Append(CultureInfo.InvariantCulture, $"gPCMachineExtensionNames={machine}\r\n");
        }

        if (UserExtensionNames is { } user)
        {
            text.Append(CultureInfo.InvariantCulture, $"gPCUserExtensionNames={user}\r\n");
        }

        return Encoding.ASCII.GetBytes(text.Append(CultureInfo.InvariantCulture, $"Version={Version}\r\n").ToString());
    }

    /// <summary>Reads a file. Keys that do not matter here (displayName, gPCFunctionalityVersion) are passed over.</summary>
    /// <param name="content">The bytes.</param>
    /// <param name="file">The file, as messages name it.</param>
    public static Outcome<GptIni> Read(ReadOnlySpan<byte> content, string file)
    {
        var text = content.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) ? Utf16.ToText(content[2..]) : Encoding.UTF8.GetString(content).TrimStart('\uFEFF');
        var values = new Dictionary<string, (string Text, int Line)>(StringComparer.OrdinalIgnoreCase);
        var inGeneral = false;
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].Trim();
            if (line.StartsWith('['))
            {
                inGeneral = line.Equals("[General]", StringComparison.OrdinalIgnoreCase);
            }
            else if (inGeneral && line.IndexOf('=', StringComparison.Ordinal) is var equals and > 0)
            {
                values[line[..equals].TrimEnd()] = (line[(equals + 1)..].TrimStart(), i + 1);
            }
        }

        if (!values.TryGetValue("Version", out var version))
        {
            return new(null, [Problems.GptIniInvalid.At(new Location(file), "There is no Version in a section [General].")]);
        }

        return uint.TryParse(version.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new(new GptIni { Version = number, MachineExtensionNames = Text("gPCMachineExtensionNames"), UserExtensionNames = Text("gPCUserExtensionNames") }, [])
            : new(null, [Problems.GptIniInvalid.At(new Location(file, version.Line, 1), "The Version is not a whole number from 0 to 4294967295.")]);

        string? Text(string key) => values.TryGetValue(key, out var value) ? value.Text : null;
    }

    private static ushort After(ushort version) => version == ushort.MaxValue ? (ushort)1 : (ushort)(version + 1);
}
