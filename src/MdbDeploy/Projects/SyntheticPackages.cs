using System.Globalization;
using System.Text;
using MdbDeploy.Formats;
using MdbDeploy.Packages;

namespace MdbDeploy.Projects;

/// <summary>
/// Packages of the shape the Defender portal hands out, for the sample project: same archives, file names and registry line, but an invented organisation, junk
/// signatures, and scripts of our own that refuse to run. No device accepts them.
/// </summary>
internal static class SyntheticPackages
{
    /// <summary>The invented organisation.</summary>
    public const string Organization = "11111111-2222-4333-8444-555555555555";

    // The portal gives out offboarding packages that are good for seven days (Microsoft, "Offboard devices", 2024 and later).
    private const int OffboardingDays = 7;

    /// <summary>The archives, by the names a browser leaves them under: the portal calls all of them alike.</summary>
    /// <param name="texts">Gives the text of a file of templates/project/packages.</param>
    /// <param name="now">When the offboarding packages are as if downloaded.</param>
    public static IReadOnlyList<(string Name, byte[] Content)> Of(Func<string, string> texts, DateTimeOffset now)
    {
        var onboarding = OnboardingBlob();
        var expires = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero).AddDays(OffboardingDays).AddHours(12);
        var offboarding = OffboardingBlob(expires);
        var until = string.Create(CultureInfo.InvariantCulture, $"valid_until_{expires:yyyy-MM-dd}");
        var script = WindowsText(Script(texts("onboarding.cmd"), onboarding));
        (string, byte[])[] policy(string folder) =>
        [
            ($"{folder}OptionalParamsPolicy\\AtpConfiguration.admx", WindowsText(texts("AtpConfiguration.admx"))),
            ($"{folder}OptionalParamsPolicy\\AtpConfiguration.adml", WindowsText(texts("AtpConfiguration.adml"))),
        ];

        const string package = "GatewayWindowsDefenderATPOnboardingPackage";
        const string vdi = "WindowsDefenderATPOnboardingPackage\\";
        return
        [
            ($"{package}.zip", StoredZip.Of([("WindowsDefenderATPOnboardingScript.cmd", script), .. policy("")])),
            ($"{package} (1).zip", StoredZip.Of(
                [("WindowsDefenderATPLocalOnboardingScript.cmd", WindowsText(Script(texts("onboarding.cmd"), onboarding, Confirm, "pause")))])),
            ($"{package} (2).zip", StoredZip.Of([("WindowsDefenderATP.onboarding", Encoding.ASCII.GetBytes(onboarding))])),
            ($"{package} (3).zip", StoredZip.Of(
            [
                ($"{vdi}WindowsDefenderATPOnboardingScript.cmd", script),
                ($"{vdi}Onboard-NonPersistentMachine.ps1", WindowsText(texts("Onboard-NonPersistentMachine.ps1"))),
                .. policy(vdi),
            ])),
            ($"WindowsDefenderATPOffboardingPackage_{until}.zip", StoredZip.Of(
                [($"WindowsDefenderATPOffboardingScript_{until}.cmd", WindowsText(Script(texts("offboarding.cmd"), offboarding)))])),
            ($"WindowsDefenderATPOffboardingPackage_{until} (1).zip", StoredZip.Of(
                [($"WindowsDefenderATP_{until}.offboarding", Encoding.ASCII.GetBytes(offboarding))])),
        ];
    }

    private const string Confirm = """

        set confirmed=N
        set /p confirmed=Press Y and Enter to onboard this device, anything else to leave: 
        set "confirmed=%confirmed:"=%"
        if /i not "%confirmed%"=="Y" exit /b 1

        """;

    private static string OnboardingBlob() => Signed(
        $$"""
        {"previousOrgIds":[],"orgId":"{{Organization}}","geoLocationUrl":"https://edr-weu.eu.endpoint.security.microsoft.com/edr/","datacenter":"WestEurope","vortexGeoLocation":"EU","vortexServerUrl":"https://eu-v20.events.endpoint.security.microsoft.com/OneCollector/1.0","vortexTicketUrl":"https://events.data.microsoft.com","partnerGeoLocation":"GW_EU","version":"1.7"}
        """);

    private static string OffboardingBlob(DateTimeOffset expires) => Signed(
        string.Create(CultureInfo.InvariantCulture, $$"""{"orgIds":["{{Organization}}"],"orgId":"{{Organization}}","expirationTimestamp":{{expires.ToFileTime()}},"version":"1.65"}"""));

    /// <summary>The body as a text, and what stands for signatures and certificates, as long as the real ones are.</summary>
    private static string Signed(string body) =>
        $$"""{"body":"{{body.Replace("\"", "\\\"", StringComparison.Ordinal)}}","sig":"{{Junk("signature", 256)}}","sha256sig":"{{Junk("signature of SHA-256", 256)}}","cert":"{{Junk("certificate", 1416)}}","chain":["{{Junk("issuer", 1758)}}","{{Junk("root", 1520)}}"]}""";

    private static string Junk(string what, int length)
    {
        var text = $"SYNTHETIC {what}, made up by mdbdeploy. ";
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
        {
            bytes[i] = (byte)text[i % text.Length];
        }

        return Convert.ToBase64String(bytes);
    }

    private static string Script(string template, string blob, string confirm = "", string pause = "") => template
        .Replace("{{confirm}}\n", confirm.ReplaceLineEndings("\n"), StringComparison.Ordinal)
        .Replace("{{pause}}\n", pause.Length == 0 ? "" : pause + "\n", StringComparison.Ordinal)
        .Replace("{{organization}}", Organization, StringComparison.Ordinal)
        .Replace("{{blob}}", CmdArgument.Escape(blob), StringComparison.Ordinal);

    private static byte[] WindowsText(string text) => Encoding.ASCII.GetBytes(text.Replace("\n", "\r\n", StringComparison.Ordinal));
}
