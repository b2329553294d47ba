using MdbDeploy.Inventory;
using MdbDeploy.Planning;

namespace MdbDeploy.Tests.Planning;

public class EligibilityTests
{
    [Theory]
    // Clients: edition, build, update
    [InlineData("pro", "22631.4460", Eligibility.Eligible, "Windows 11 23H2 (Pro) meets the requirements.")]
    [InlineData("business", "22000.1", Eligibility.Eligible, "Windows 11 21H2 (Business) meets the requirements.")]
    [InlineData("enterprise", "28000.1", Eligibility.Eligible, "Windows 11 (Enterprise) meets the requirements.")]
    [InlineData("pro", "19043.1320", Eligibility.Eligible, "Windows 10 21H1 (Pro) meets the requirements.")]
    [InlineData("pro", "19043.1319", Eligibility.Ineligible, "Windows 10 21H1 (build 19043.1319) is older than 19043.1320: install KB5006738 or a later cumulative update (https://support.microsoft.com/help/5006738).")]
    [InlineData("pro", "19044.1288", Eligibility.Ineligible, "Windows 10 21H2 (build 19044.1288) is older than 19044.1348: install KB5007186 or a later cumulative update (https://support.microsoft.com/help/5007186).")]
    [InlineData("pro", "19045.1", Eligibility.Eligible, "Windows 10 22H2 (Pro) meets the requirements.")]
    [InlineData("pro", "19043", Eligibility.Unknown, "The inventory gives build 19043 without its update revision, so its updates could not be checked. Windows 10 21H1 needs 19043.1320 or later (KB5006738).")]
    [InlineData("pro", "22631", Eligibility.Unknown, "The inventory gives build 22631 without its update revision, so its updates could not be checked.")]
    [InlineData("pro", null, Eligibility.Unknown, "The inventory does not say which build of Windows it runs, so its updates could not be checked.")]
    [InlineData("pro", "18363.2212", Eligibility.Unknown, "Windows 10 1607 to 1909 (build 18363.2212): This version takes the onboarding package, but is not listed for security settings management; update it, or check what manages its settings. (https://learn.microsoft.com/mem/intune/protect/mde-security-integration)")]
    [InlineData("pro", "20348.5", Eligibility.Unknown, "Build 20348 is no release of Windows that this tool knows.")]
    [InlineData("home", "22631.4460", Eligibility.Ineligible, "Windows Home is not supported; change the edition to Pro first. (https://learn.microsoft.com/defender-endpoint/minimum-requirements)")]
    [InlineData("home", null, Eligibility.Ineligible, "Windows Home is not supported; change the edition to Pro first. (https://learn.microsoft.com/defender-endpoint/minimum-requirements)")]
    [InlineData("unknown", "22631.4460", Eligibility.Unknown, "The inventory does not say which edition of Windows it runs, and Home is not supported.")]
    [InlineData("unknown", "22631", Eligibility.Unknown, "The inventory does not say which edition of Windows it runs, and Home is not supported. The inventory gives build 22631 without its update revision, so its updates could not be checked.")]
    [InlineData("unknown", "19041.1", Eligibility.Ineligible, "Windows 10 2004 (build 19041.1) is older than 19041.1320: install KB5006738 or a later cumulative update (https://support.microsoft.com/help/5006738).")]
    [InlineData("enterprise-multi-session", "22631.4460", Eligibility.Unknown, "The page on multi-session hosts names licences that serve them, and Defender for Business is not among them; check the licence. (https://learn.microsoft.com/defender-endpoint/onboard-windows-multi-session-device)")]
    [InlineData("pro", "7601.24", Eligibility.Ineligible, "Windows 7 to 8.1 (build 7601.24): Windows before Windows 10 needs other means than the onboarding packages of Windows 10 and 11 (the Defender deployment tool serves Windows 7 SP1). (https://learn.microsoft.com/defender-endpoint/defender-deployment-tool-windows)")]
    [InlineData("pro", "2600", Eligibility.Ineligible, "Windows 2000 to Vista (build 2600): Windows before Windows 7 is served by none of the onboarding packages, nor by the Defender deployment tool. (https://learn.microsoft.com/defender-endpoint/defender-deployment-tool-windows)")]
    [InlineData("enterprise-ltsc", "10240.1", Eligibility.Ineligible, "Windows 10 1507 to 1511 (build 10240.1): Windows 10 before version 1607 is not supported; the documented collection query begins with build 14393. (https://learn.microsoft.com/defender-endpoint/configure-endpoints-sccm)")]
    public void A_client_is_judged_by_edition_and_build(string edition, string? build, Eligibility expected, string reason)
    {
        var device = Sample.Intune() with
        {
            Edition = Enum.GetValues<WindowsEdition>().Single(e => DeviceWords.Of(e) == edition),
            Build = build is null ? null : WindowsBuild.Parse(build),
        };
        var planned = Sample.Single(device);
        planned.Eligibility.ShouldBe(expected);
        string.Join(' ', planned.Reasons.SkipLast(planned.Method == Methods.None ? 1 : 2)).ShouldBe(reason);
        // Unknown is planned and flagged, not met is not onboarded, met needs nobody.
        planned.Method.ShouldBe(expected == Eligibility.Ineligible ? Methods.None : Methods.Intune);
        planned.Attention.ShouldBe(expected == Eligibility.Eligible ? null : reason);
    }

    [Theory]
    [InlineData("17763.2268", Eligibility.Eligible)]
    [InlineData("17763.2267", Eligibility.Ineligible)]
    [InlineData("20348.320", Eligibility.Eligible)]
    [InlineData("20348", Eligibility.Unknown)]
    [InlineData("26100.1", Eligibility.Eligible)]
    [InlineData("14393.5000", Eligibility.Unknown)]
    [InlineData("9600.1", Eligibility.Unknown)]
    [InlineData("9200.1", Eligibility.Ineligible)]
    [InlineData("19042.9", Eligibility.Unknown)]
    public void A_server_is_judged_by_build_alone(string build, Eligibility expected)
    {
        var device = Sample.Device() with { Os = OsFamily.WindowsServer, Edition = WindowsEdition.Unknown, Role = DeviceRole.Server, Join = JoinType.Domain, Build = WindowsBuild.Parse(build) };
        Sample.Single(device).Eligibility.ShouldBe(expected);
    }

    [Theory]
    [InlineData("Windows XP Professional", Eligibility.Ineligible, "Windows XP Professional: Windows before Windows 7 is served by none of the onboarding packages, nor by the Defender deployment tool.")]
    [InlineData("Windows 7 Enterprise", Eligibility.Ineligible, "Windows 7 Enterprise: Windows before Windows 10 needs other means")]
    [InlineData("Windows7", Eligibility.Ineligible, "Windows7: Windows before Windows 10 needs other means")]
    [InlineData("Windows 8.1 Pro", Eligibility.Ineligible, "Windows 8.1 Pro: Windows before Windows 10 needs other means")]
    [InlineData("win 7", Eligibility.Ineligible, "win 7: Windows before Windows 10 needs other means")]
    [InlineData("Windows RT 8.1", Eligibility.Ineligible, "Windows RT 8.1: Windows before Windows 10 needs other means")]
    [InlineData("Microsoft Windows NT Workstation 6.1", Eligibility.Ineligible, "Microsoft Windows NT Workstation 6.1: Windows before Windows 10 needs other means")]
    [InlineData("Microsoft Windows NT Workstation 10.0", Eligibility.Unknown, "The inventory does not say which edition")]
    [InlineData("Microsoft Windows NT Advanced Server 6.1", Eligibility.Ineligible, "Microsoft Windows NT Advanced Server 6.1: Windows Server before 2012 R2 needs other means")]
    [InlineData("Microsoft Windows NT Advanced Server 6.3", Eligibility.Unknown, "Microsoft Windows NT Advanced Server 6.3: Windows Server 2012 R2 needs the unified agent")]
    [InlineData("Microsoft Windows NT Advanced Server 10.0", Eligibility.Unknown, "The inventory does not say which build")]
    [InlineData("Windows 10 Pro", Eligibility.Unknown, "The inventory does not say which build")]
    [InlineData("Windows 11 Pro", Eligibility.Unknown, "The inventory does not say which build")]
    [InlineData("Windows Server 2008 R2 Standard", Eligibility.Ineligible, "Windows Server 2008 R2 Standard: Windows Server before 2012 R2 needs other means")]
    [InlineData("Windows Server 2012 Datacenter", Eligibility.Ineligible, "Windows Server 2012 Datacenter: Windows Server before 2012 R2 needs other means")]
    [InlineData("WindowsServer2012R2", Eligibility.Unknown, "WindowsServer2012R2: Windows Server 2012 R2 needs the unified agent")]
    [InlineData("Windows Server 2016 Standard", Eligibility.Unknown, "Windows Server 2016 Standard: Windows Server 2016 needs the unified agent")]
    [InlineData("Windows Server 2022 Standard", Eligibility.Unknown, "The inventory does not say which build")]
    public void Without_a_build_the_name_of_the_system_tells_what_it_can(string name, Eligibility expected, string reason)
    {
        var os = OsText.Parse(name);
        var device = Sample.Intune() with { Os = os.Family, OsName = name, Edition = name.Contains("10.0") ? os.Edition : WindowsEdition.Pro, Build = null };
        var planned = Sample.Single(device);
        planned.Eligibility.ShouldBe(expected);
        planned.Attention.ShouldNotBeNull().ShouldStartWith(reason);
        planned.Method.ShouldBe(expected == Eligibility.Ineligible ? Methods.None : Methods.Intune);
        // Where the build is known, it decides.
        Sample.Single(device with { Edition = WindowsEdition.Pro, Build = new(26100, 1) }).Eligibility.ShouldBe(Eligibility.Eligible);
    }

    [Theory]
    [InlineData(OsFamily.MacOS, "This tool onboards Windows; for macOS use the portal's macOS package (local script or MDM) (https://learn.microsoft.com/defender-business/mdb-onboard-devices).")]
    [InlineData(OsFamily.Linux, "This tool onboards Windows; for Linux use the portal's Linux Server package (local script or Ansible, Puppet, Chef) (https://learn.microsoft.com/defender-endpoint/linux-install-manually).")]
    [InlineData(OsFamily.Ios, "This tool onboards Windows; for iOS and iPadOS use the Microsoft Defender app through Intune (https://learn.microsoft.com/defender-business/mdb-onboard-devices).")]
    [InlineData(OsFamily.Android, "This tool onboards Windows; for Android use the Microsoft Defender app through Intune (https://learn.microsoft.com/defender-business/mdb-onboard-devices).")]
    [InlineData(OsFamily.Other, "This tool onboards Windows; for other systems use device discovery in the Defender portal at best (https://learn.microsoft.com/defender-endpoint/device-discovery).")]
    public void A_system_out_of_scope_is_reported_with_what_would_serve_it(OsFamily os, string reason)
    {
        var planned = Sample.Single(Sample.Intune() with { Os = os });
        (planned.Eligibility, planned.Method, planned.Ring, planned.Attention).ShouldBe((Eligibility.Ineligible, Methods.None, null, null));
        planned.Reasons.ShouldBe([reason, "Nothing is planned for it."]);
    }

    [Fact]
    public void Devices_of_any_build_that_get_the_same_answer_for_the_same_reasons_have_one_outcome() =>
        Sample.Plan(Sample.Project, Enumerable.Range(0, 40).Select(i => Sample.Intune($"PC-{i}") with { Build = new WindowsBuild(22631, 4000 + i) }))
            .Devices.Outcomes.ShouldHaveSingleItem();

    [Fact]
    public void A_system_nobody_named_is_unknown_and_planned()
    {
        var planned = Sample.Single(Sample.Intune() with { Os = OsFamily.Unknown });
        (planned.Eligibility, planned.Method).ShouldBe((Eligibility.Unknown, Methods.Intune));
        planned.Attention.ShouldBe("The inventory does not say which operating system it runs, so the requirements could not be checked.");
        Sample.Single(Sample.Intune() with { Os = OsFamily.Unknown, OsName = "Windwos 11" }).Attention
            .ShouldBe("The inventory calls its operating system 'Windwos 11', which this tool does not know, so the requirements could not be checked.");
    }

    [Fact]
    public void No_build_without_its_revision_is_ever_eligible()
    {
        foreach (var os in new[] { OsFamily.WindowsClient, OsFamily.WindowsServer })
        {
            for (var number = 1000; number < 30000; number++)
            {
                Sample.Plan(Sample.Project, Sample.Intune() with { Os = os, Build = new WindowsBuild(number, null) }).Devices[0].Eligibility.ShouldNotBe(Eligibility.Eligible);
                number += number is > 19000 and < 19100 ? 0 : 7;
            }
        }
    }

    [Fact]
    public void Every_row_of_the_requirements_has_a_source_a_date_and_a_reason_unless_it_passes()
    {
        var requirements = Requirements.BuiltIn;
        var sources = requirements.Editions.Select(e => e.Source).Concat(requirements.Builds.Select(b => b.Source)).Concat(requirements.OutOfScope.Select(s => s.Source))
            .Concat([requirements.Users.Source, requirements.DevicesPerUser.Source, requirements.Servers.Source, requirements.LocalScriptDevices.Source]).ToList();
        sources.ShouldAllBe(s => s.Source.StartsWith("https://", StringComparison.Ordinal) && s.Date.Year >= 2021);
        requirements.Builds.Where(b => b.Verdict != Eligibility.Eligible).ShouldAllBe(b => b.Reason!.EndsWith('.'));
        requirements.Builds.Where(b => b.Revision > 0).ShouldAllBe(b => b.Kb!.StartsWith("KB", StringComparison.Ordinal));
        requirements.Editions.Select(e => e.Edition).ShouldBeUnique();
        (requirements.Users.Most, requirements.DevicesPerUser.Most, requirements.Servers.Most, requirements.LocalScriptDevices.Most).ShouldBe((300, 5, 60, 10));
    }

    [Theory]
    [InlineData("editions: [{ edition: hom }]", "r.yaml(1,23): error MDB0103: 'edition' must be one of business, education, enterprise, enterprise-ltsc, enterprise-multi-session, home, iot-enterprise, other, pro, server, unknown, not 'hom'.")]
    [InlineData("editions: [{ edition: home, verdict: ineligible, source: s, date: 2024-12-12, certainty: documented }]", "r.yaml(1,12): error MDB0103: A row that does not pass needs a 'reason'.")]
    [InlineData("builds: [{ os: windows-client, name: x, build: 5, to: 4, verdict: eligible, source: s, date: 2024-12-12, certainty: memory }]", "r.yaml(1,55): error MDB0103: 'to' must be a whole number from 5 to 99999, not '4'.")]
    [InlineData("builds: [{ os: windows-client, name: x, build: 5, verdict: eligible, source: s, date: 12.12.2024, certainty: memory }]", "r.yaml(1,87): error MDB0103: 'date' must be a date such as 2024-12-31.")]
    public void A_broken_row_is_told_with_its_place(string yaml, string expected) =>
        Requirements.Parse(yaml, "r.yaml").Diagnostics.Select(d => d.ToString()).ShouldContain(expected);
}
