using System.Text;
using System.Text.RegularExpressions;

namespace MdbDeploy.Packages;

/// <summary>What a batch file of the portal does: it writes the blob into a registry value, which one says whether it onboards or offboards. SECRET.</summary>
/// <param name="IsOffboarding">Whether it writes the offboarding value.</param>
/// <param name="WritesBoth">Whether it writes both values, which no script of the portal does.</param>
/// <param name="Blob">The blob, unescaped; null when the line is damaged. SECRET.</param>
/// <param name="IsInteractive">Whether it asks the user something, so that it would hang where nobody sits.</param>
internal sealed partial record OnboardingScript(bool IsOffboarding, bool WritesBoth, ReadOnlyMemory<byte>? Blob, bool IsInteractive)
{
    /// <summary>Name of the registry value that offboards; the onboarding value is <c>OnboardingInfo</c>.</summary>
    public const string OffboardingValue = "696C1FA1-4030-4FA4-8713-FAF9B2EA7C0A";

    /// <summary>Never shows content.</summary>
    public override string ToString() => $"{(IsOffboarding ? "offboarding" : "onboarding")} script";

    /// <summary>Recognises a script of the portal by the registry value it adds; null when the bytes are none.</summary>
    public static OnboardingScript? Find(ReadOnlySpan<byte> content)
    {
        if (content.IndexOf("Windows Advanced Threat Protection"u8) < 0)
        {
            return null;
        }

        // Latin-1 keeps every byte as it is, there and back.
        var text = Encoding.Latin1.GetString(content);
        var adds = AddValue.Matches(text);
        if (adds.Count == 0)
        {
            return null;
        }

        var first = adds[0];
        var blob = CmdArgument.Unescape(text.AsSpan(first.Index + first.Length));
        return new OnboardingScript(
            IsOffboardingValue(first),
            adds.Any(add => IsOffboardingValue(add) != IsOffboardingValue(first)),
            blob is null ? null : Encoding.Latin1.GetBytes(blob),
            AsksUser.IsMatch(text));
    }

    private static bool IsOffboardingValue(Match add) => add.Groups["value"].Value.Equals(OffboardingValue, StringComparison.OrdinalIgnoreCase);

    // The test of Microsoft's own down-level installer (microsoft/mdefordownlevelserver), with reg.exe allowed: newer scripts call %windir%\System32\reg.exe.
    [GeneratedRegex(
        """\breg(\.exe)?"?[ \t]+add[ \t]+"(HKLM|HKEY_LOCAL_MACHINE)\\SOFTWARE\\Policies\\Microsoft\\Windows Advanced Threat Protection"[ \t]+/v[ \t]+"?(?<value>OnboardingInfo|696C1FA1-4030-4FA4-8713-FAF9B2EA7C0A)"?[ \t][^"\r\n]*?/d[ \t]+["]""",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex AddValue { get; }

    // That installer refuses '^pause$'; the prompt for Y or N hangs as well.
    [GeneratedRegex("""^[ \t@]*(pause\b|choice(\.exe)?\b|set[ \t]+/p\b)""", RegexOptions.IgnoreCase | RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex AsksUser { get; }
}
