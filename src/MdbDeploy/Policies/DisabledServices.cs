using System.Collections.Immutable;
using System.Text.RegularExpressions;
using MdbDeploy.Diagnostics;
using MdbDeploy.Formats;

namespace MdbDeploy.Policies;

/// <summary>
/// The services and drivers that a Group Policy Object switches off, in any of the three ways there are: the start type in the registry
/// (https://learn.microsoft.com/windows-hardware/drivers/install/hklm-system-currentcontrolset-services-registry-tree), the security template GptTmpl.inf
/// ([MS-GPSB] 2.2.8), and the preference Services.xml ([MS-GPPREF] 2.2.1.17).
/// </summary>
internal static partial class DisabledServices
{
    private const string Services = @"SYSTEM\CurrentControlSet\Services\";

    // SERVICE_DISABLED.
    private const string Disabled = "4";

    /// <summary>Names of the services, in ordinal order.</summary>
    public static ImmutableArray<string> In(ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files, IEnumerable<RegistryPolicyEntry> entries)
    {
        var names = entries.Where(entry => entry.Key.StartsWith(Services, StringComparison.OrdinalIgnoreCase) && string.Equals(entry.ValueName, "Start", StringComparison.OrdinalIgnoreCase) && RegistryChannel.Data(entry) == Disabled)
            .Select(entry => entry.Key[Services.Length..])
            .Concat(files.Where(file => file.Key.EndsWith("/GptTmpl.inf", StringComparison.OrdinalIgnoreCase)).SelectMany(file => InTemplate(Utf16.ToText(file.Value.Span))))
            .Concat(files.Where(file => file.Key.EndsWith("/Services.xml", StringComparison.OrdinalIgnoreCase)).SelectMany(file => InPreference(file.Value)));
        return [.. names.Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase)];
    }

    // "DiagTrack",4,"D:AR…" in the section [Service General Setting]; nothing else in the file has that shape.
    private static IEnumerable<string> InTemplate(string text) => ServiceLine.Matches(text).Select(match => match.Groups[1].Value);

    private static IEnumerable<string> InPreference(ReadOnlyMemory<byte> content) =>
        (XmlContent.Read(content, "Services.xml", Problems.PolicyFileUnreadable).Value?.Descendants("Properties") ?? [])
            .Where(element => string.Equals((string?)element.Attribute("startupType"), "DISABLED", StringComparison.OrdinalIgnoreCase))
            .Select(element => (string?)element.Attribute("serviceName")).OfType<string>();

    [GeneratedRegex("""^\s*"?([A-Za-z0-9_.-]+)"?\s*,\s*4\s*,""", RegexOptions.Multiline | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex ServiceLine { get; }
}
