using MdbDeploy.Yaml;

namespace MdbDeploy.Inventory;

/// <summary>What an operating system's name says, in any of the words exports use.</summary>
/// <param name="Name">The name as it stands.</param>
/// <param name="Family">Its family.</param>
/// <param name="Edition">Windows edition, when named.</param>
/// <param name="IsVague">Whether it says no more than "Windows": Intune and Entra write that for servers too.</param>
internal sealed record OsText(string Name, OsFamily Family, WindowsEdition Edition, bool IsVague)
{
    private static readonly string[] LinuxNames =
        ["linux", "ubuntu", "debian", "red hat", "redhat", "rhel", "centos", "suse", "sles", "fedora", "rocky", "mariner"];

    // "Windows Holographic for Business" (HoloLens) is no edition Business.
    private static readonly string[] OtherWindows = ["phone", "mobile", "holographic"];

    private static readonly string[] ServerYears = ["2003", "2008", "2012", "2016", "2019", "2022", "2025"];

    /// <summary>Reads a name.</summary>
    public static OsText Parse(string name)
    {
        var text = name.ToLowerInvariant();
        if (text.Contains("windows", StringComparison.Ordinal) || IsShortWindows(text))
        {
            if (OtherWindows.Any(other => Has(text, other)))
            {
                return new(name, OsFamily.Other, WindowsEdition.Unknown, false);
            }

            var edition = EditionOf(text);
            return edition == WindowsEdition.Server || (edition == WindowsEdition.Unknown && NamesServerYear(text))
                ? new(name, OsFamily.WindowsServer, WindowsEdition.Server, false)
                : new(name, OsFamily.WindowsClient, edition, text is "windows" or "microsoft windows" or "windows nt");
        }

        var family = (Has(text, "mac") && !Has(text, "machine")) || Has(text, "os x") || Has(text, "darwin") ? OsFamily.MacOS
            : text.StartsWith("ios", StringComparison.Ordinal) || Has(text, "ipad") || Has(text, "iphone") ? OsFamily.Ios
            : Has(text, "android") ? OsFamily.Android
            : LinuxNames.Any(linux => Has(text, linux)) ? OsFamily.Linux
            : text is "unknown" || IsDoubtful(text) ? OsFamily.Unknown
            : OsFamily.Other;
        return new(name, family, WindowsEdition.Unknown, false);
    }

    /// <summary>
    /// The edition a text names: Intune's SkuFamily, a product name, or the edition alone. <see cref="WindowsEdition.Unknown"/> when it names none.
    /// </summary>
    public static WindowsEdition EditionOf(ReadOnlySpan<char> text)
    {
        if (text.Contains("server", StringComparison.OrdinalIgnoreCase) && !text.Contains("serverrdsh", StringComparison.OrdinalIgnoreCase))
        {
            return WindowsEdition.Server;
        }

        if (Has(text, "multi-session") || Has(text, "multisession") || Has(text, "multi session") || Has(text, "virtual desktops") || Has(text, "serverrdsh"))
        {
            return WindowsEdition.EnterpriseMultiSession;
        }

        return Has(text, "iot") ? HasWord(text, "core") ? WindowsEdition.Other : WindowsEdition.IotEnterprise
            : Has(text, "ltsc") || Has(text, "ltsb") ? WindowsEdition.EnterpriseLtsc
            : Has(text, "education") ? WindowsEdition.Education
            : Has(text, "enterprise") ? WindowsEdition.Enterprise
            : Has(text, "business") ? WindowsEdition.Business
            : Has(text, "home") || HasWord(text, "core") ? WindowsEdition.Home
            : HasWord(text, "pro") ? WindowsEdition.Pro
            : WindowsEdition.Unknown;
    }

    private static bool Has(ReadOnlySpan<char> text, string part) => text.Contains(part, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a word starts like this: "Pro", "Professional", "CoreSingleLanguage", but not "improved".</summary>
    private static bool HasWord(ReadOnlySpan<char> text, string start)
    {
        for (var at = text.IndexOf(start, StringComparison.OrdinalIgnoreCase); at >= 0;)
        {
            if (at == 0 || !char.IsLetter(text[at - 1]))
            {
                return true;
            }

            var next = text[(at + 1)..].IndexOf(start, StringComparison.OrdinalIgnoreCase);
            at = next < 0 ? -1 : at + 1 + next;
        }

        return false;
    }

    /// <summary>"Windwos 11", "10 Pro" and "11" are Windows in all likelihood, which is neither known nor out of scope.</summary>
    private static bool IsDoubtful(string text) =>
        text.Split(' ')[0] is var first && (first is "7" or "8" or "8.1" or "10" or "11" || (first.Length > 4 && Nearest.To(first, ["windows"]) is not null));

    /// <summary>Citrix writes "Windows 2022".</summary>
    private static bool NamesServerYear(string text) =>
        ServerYears.Any(year => text.EndsWith(year, StringComparison.Ordinal) || text.Contains(year + " ", StringComparison.Ordinal));

    /// <summary>People write "win10", "Win 11 Pro", "W10" and "W11 Ent".</summary>
    private static bool IsShortWindows(string text) =>
        (text.StartsWith("win", StringComparison.Ordinal) && text.Length is > 3 and < 12 && (char.IsAsciiDigit(text[3]) || text[3] is ' ' or '-'))
        || (text.StartsWith('w') && text.Split(' ', '-')[0] is "w7" or "w8" or "w8.1" or "w10" or "w11");
}
