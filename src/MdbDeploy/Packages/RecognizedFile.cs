using System.Text;
using System.Text.RegularExpressions;

namespace MdbDeploy.Packages;

/// <summary>A file and what it turned out to be, by its content; its name only counts for what has no content of its own kind.</summary>
internal abstract partial record RecognizedFile(PackageFile File)
{
    /// <summary>Folder of the file within its set; empty at the top.</summary>
    public string Folder => File.Path.LastIndexOf('/') is >= 0 and var slash ? File.Path[..slash] : "";

    /// <summary>Name of the file.</summary>
    public string Name => File.Path[(File.Path.LastIndexOf('/') + 1)..];

    /// <summary>A batch file that writes a blob.</summary>
    public sealed record Script(PackageFile File, OnboardingScript Content) : RecognizedFile(File);

    /// <summary>A blob on its own.</summary>
    public sealed record Blob(PackageFile File, OnboardingBlob Content) : RecognizedFile(File);

    /// <summary>What should be a script or a blob and cannot be used.</summary>
    /// <param name="File">The file.</param>
    /// <param name="Why">Why not: a sentence.</param>
    public sealed record Damaged(PackageFile File, string Why) : RecognizedFile(File);

    /// <summary><c>Onboard-NonPersistentMachine.ps1</c>.</summary>
    public sealed record VdiScript(PackageFile File) : RecognizedFile(File);

    /// <summary>Administrative template that comes with the script.</summary>
    public sealed record PolicyTemplate(PackageFile File) : RecognizedFile(File);

    /// <summary>A file for macOS or Linux.</summary>
    public sealed record OtherPlatform(PackageFile File, PackageKind Kind, bool IsOffboarding) : RecognizedFile(File);

    /// <summary>Anything else.</summary>
    public sealed record Unknown(PackageFile File) : RecognizedFile(File);

    /// <summary>Looks at a file.</summary>
    public static RecognizedFile Of(PackageFile file, PackageLimits limits)
    {
        var content = file.Content.Span;
        var name = file.Path[(file.Path.LastIndexOf('/') + 1)..];
        if (content.Length > limits.RecognizedBytes)
        {
            return new Unknown(file);
        }

        if (content.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || content.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
        {
            var text = (content[0] == 0xFF ? Encoding.Unicode : Encoding.BigEndianUnicode).GetString(content[2..]);
            return OnboardingScript.Find(Encoding.UTF8.GetBytes(text)) is not null || OnboardingBlob.LooksLike(Encoding.UTF8.GetBytes(text))
                ? new Damaged(file, "The file was saved again as UTF-16, which neither cmd.exe nor SENSE reads.")
                : new Unknown(file);
        }

        if (OnboardingScript.Find(content) is { } script)
        {
            return new Script(file, script);
        }

        if (OnboardingBlob.LooksLike(content) || HasBlobExtension(name))
        {
            return OnboardingBlob.Parse(file.Content) is { } blob ? new Blob(file, blob) : new Damaged(file, "The file is cut off, damaged, or holds no onboarding information.");
        }

        if (name.EndsWith(".zip", StringComparison.OrdinalIgnoreCase))
        {
            return new Damaged(file, "The file is called a zip and is none: the download may have failed.");
        }

        return name.StartsWith("WindowsDefenderATP", StringComparison.OrdinalIgnoreCase) && name.EndsWith(".cmd", StringComparison.OrdinalIgnoreCase)
            ? new Damaged(file, "The script does not write the onboarding or the offboarding value; it is cut off or changed.")
            : Companion(file, name, content);
    }

    private static RecognizedFile Companion(PackageFile file, string name, ReadOnlySpan<byte> content)
    {
        if ((content.IndexOf("senseGuid"u8) >= 0 && content.IndexOf("NonPersistent"u8) >= 0) || name.Equals("Onboard-NonPersistentMachine.ps1", StringComparison.OrdinalIgnoreCase))
        {
            return new VdiScript(file);
        }

        if (name.Equals("AtpConfiguration.admx", StringComparison.OrdinalIgnoreCase) || name.Equals("AtpConfiguration.adml", StringComparison.OrdinalIgnoreCase))
        {
            return new PolicyTemplate(file);
        }

        var isOffboarding = name.Contains("offboard", StringComparison.OrdinalIgnoreCase);
        return LinuxName.IsMatch(name) || content.IndexOf("/etc/opt/microsoft/mdatp"u8) >= 0 ? new OtherPlatform(file, PackageKind.Linux, isOffboarding)
            : MacName.IsMatch(name) || content.IndexOf("com.microsoft.wdav"u8) >= 0 ? new OtherPlatform(file, PackageKind.MacOS, isOffboarding)
            : new Unknown(file);
    }

    private static bool HasBlobExtension(string name) =>
        name.EndsWith(".onboarding", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".offboarding", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"^(MicrosoftDefenderATPO(n|ff)boardingLinuxServer.*\.py|mdatp_o(n|ff)board\.json)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex LinuxName { get; }

    [GeneratedRegex(@"^(MicrosoftDefenderATPO(n|ff)boardingMacOs.*\.(sh|py)|WindowsDefenderATPO(n|ff)boarding\.(plist|xml)|kext\.xml)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex MacName { get; }
}
