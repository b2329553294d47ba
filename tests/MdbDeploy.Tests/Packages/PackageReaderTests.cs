using System.Security.Cryptography;
using MdbDeploy.Packages;

namespace MdbDeploy.Tests.Packages;

public sealed class PackageReaderTests : IDisposable
{
    private readonly PackagesFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_Group_Policy_zip_under_a_misleading_name_is_recognised_and_handed_out_byte_for_byte()
    {
        var script = PortalFiles.Script(PortalFiles.Onboarding);
        var template = Zips.Bytes("<policyDefinitions/>");
        folder.With("VDI macOS offboarding.bin", Zips.Of(("WindowsDefenderATPOnboardingScript.cmd", script), (@"OptionalParamsPolicy\AtpConfiguration.admx", template)));

        var package = folder.Single();

        package.Kind.ShouldBe(PackageKind.GroupPolicy);
        package.IsOffboarding.ShouldBeFalse();
        package.IsInteractive.ShouldBeFalse();
        package.Source.ShouldBe("packages/VDI macOS offboarding.bin");
        package.Files.Select(f => f.Path).ShouldBe(["WindowsDefenderATPOnboardingScript.cmd", "OptionalParamsPolicy/AtpConfiguration.admx"]);
        package.Files[0].Content.ToArray().ShouldBe(script);
        package.Files[1].Content.ToArray().ShouldBe(template);
        package.Blob!.Value.ToArray().ShouldBe(PortalFiles.Onboarding);
        package.Sha256.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(folder.Path, "VDI macOS offboarding.bin")))));
    }

    [Theory]
    [InlineData("pause\r\n")]
    [InlineData("@pause\r\n")]
    [InlineData("set /p answer=Press Y \r\n")]
    [InlineData("choice /c YN\r\n")]
    public void A_script_that_asks_the_user_is_the_local_script(string question)
    {
        folder.With("a.zip", Zips.Of(("WindowsDefenderATPLocalOnboardingScript.cmd", PortalFiles.Script(PortalFiles.Onboarding, rest: question))));
        var package = folder.Single();
        package.Kind.ShouldBe(PackageKind.LocalScript);
        package.IsInteractive.ShouldBeTrue();
        package.Files.Single().Path.ShouldBe("WindowsDefenderATPLocalOnboardingScript.cmd");
    }

    [Theory]
    [InlineData("rem pause here\r\n")]
    [InlineData("set path=c:\\pause\r\n")]
    [InlineData("echo choice\r\n")]
    public void A_script_that_only_mentions_a_question_is_not_interactive(string line)
    {
        folder.With("a.zip", Zips.Of(("x.cmd", PortalFiles.Script(PortalFiles.Onboarding, rest: line))));
        folder.Single().IsInteractive.ShouldBeFalse();
    }

    [Fact]
    public void The_onboarding_file_keeps_its_bytes_and_tells_its_facts()
    {
        folder.With("a.zip", Zips.Of(("WindowsDefenderATP.onboarding", PortalFiles.Onboarding)));
        var package = folder.Single();
        package.Kind.ShouldBe(PackageKind.OnboardingFile);
        package.OrganizationId.ShouldBe(Guid.Parse(PortalFiles.Organization));
        package.IsStreamlined.ShouldBeTrue();
        package.IsGovernmentCloud.ShouldBeFalse();
        package.Datacenter.ShouldBe("WestEurope");
        package.Version.ShouldBe("1.7");
        package.Expires.ShouldBeNull();
        package.CertificateExpires.ShouldBeNull();
        package.Blob!.Value.ToArray().ShouldBe(PortalFiles.Onboarding);
        package.Files.Single().Content.ToArray().ShouldBe(PortalFiles.Onboarding);
    }

    [Fact]
    public void A_classic_blob_is_not_streamlined()
    {
        folder.With("a.onboarding", PortalFiles.Classic);
        var package = folder.Single();
        package.IsStreamlined.ShouldBeFalse();
        package.Version.ShouldBe("1.35");
    }

    [Theory]
    [InlineData(",\"geoLocationUrl\":\"https://winatp-gw-usgt.microsoft.com/\"", true, false)]
    [InlineData(",\"geoLocationUrl\":\"https://edr-x.us.endpoint.security.microsoft.us/edr/\"", true, true)]
    [InlineData(",\"vortexGeoLocation\":\"FFL4\"", true, false)]
    [InlineData(",\"geoLocationUrl\":\"https://winatp-gw-eus.microsoft.com/\"", false, false)]
    public void The_cloud_is_read_from_the_addresses(string member, bool government, bool streamlined)
    {
        folder.With("a.onboarding", PortalFiles.Blob(more: member));
        folder.Single().IsGovernmentCloud.ShouldBe(government);
        folder.Single().IsStreamlined.ShouldBe(streamlined);
    }

    [Fact]
    public void A_certificate_that_can_be_read_tells_when_it_expires()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var until = new DateTimeOffset(2031, 5, 6, 7, 8, 9, TimeSpan.Zero);
        using var certificate = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=Synthetic", key, HashAlgorithmName.SHA256).CreateSelfSigned(until.AddYears(-1), until);
        var blob = $$"""{"body":"{\"orgId\":\"{{PortalFiles.Organization}}\"}","sig":"x","cert":"{{Convert.ToBase64String(certificate.RawData)}}"}""";
        folder.With("a.onboarding", Zips.Bytes(blob));
        folder.Single().CertificateExpires.ShouldBe(until);
    }

    [Fact]
    public void The_VDI_script_beside_the_onboarding_script_makes_a_VDI_package_without_its_wrapping_folder()
    {
        const string outer = @"WindowsDefenderATPOnboardingPackage\";
        folder.With("a.zip", Zips.Of(
            (outer + "WindowsDefenderATPOnboardingScript.cmd", PortalFiles.Script(PortalFiles.Onboarding)),
            (outer + "Onboard-NonPersistentMachine.ps1", PortalFiles.VdiScript),
            (outer + @"OptionalParamsPolicy\AtpConfiguration.adml", Zips.Bytes("<x/>"))));
        var package = folder.Single();
        package.Kind.ShouldBe(PackageKind.Vdi);
        package.Files.Select(f => f.Path).ShouldBe(["WindowsDefenderATPOnboardingScript.cmd", "Onboard-NonPersistentMachine.ps1", "OptionalParamsPolicy/AtpConfiguration.adml"]);
        package.Files[1].Content.ToArray().ShouldBe(PortalFiles.VdiScript);
    }

    [Fact]
    public void Renamed_files_are_handed_out_under_the_names_the_portal_gives_them()
    {
        folder.With("a.zip", Zips.Of(("1.txt", PortalFiles.Script(PortalFiles.Onboarding)), ("2.txt", PortalFiles.VdiScript)));
        folder.Single().Files.Select(f => f.Path).ShouldBe(["WindowsDefenderATPOnboardingScript.cmd", "Onboard-NonPersistentMachine.ps1"]);
    }

    [Fact]
    public void A_VDI_script_without_its_onboarding_script_beside_it_makes_no_VDI_package()
    {
        folder.With("vdi/Onboard-NonPersistentMachine.ps1", PortalFiles.VdiScript).With("WindowsDefenderATPOnboardingScript.cmd", PortalFiles.Script(PortalFiles.Onboarding));
        var outcome = folder.Read();
        outcome.Value!.Packages.Single().Kind.ShouldBe(PackageKind.GroupPolicy);
        outcome.Diagnostics.ShouldHaveSingleItem().Message.ShouldContain("beside it");
    }

    [Fact]
    public void Zips_within_a_zip_are_opened()
    {
        var inner = Zips.Of(("WindowsDefenderATP.onboarding", PortalFiles.Onboarding));
        var other = Zips.Of(("WindowsDefenderATPOnboardingScript.cmd", PortalFiles.Script(PortalFiles.Onboarding)));
        folder.With("all.zip", Zips.Of((@"from portal\mdm.zip", inner), ("gp.zip", other)));
        folder.Set().Packages.Select(p => (p.Source, p.Kind)).ShouldBe(
            [("packages/all.zip!from portal/mdm.zip", PackageKind.OnboardingFile), ("packages/all.zip!gp.zip", PackageKind.GroupPolicy)]);
    }

    [Fact]
    public void Unpacked_folders_and_loose_files_are_told_apart()
    {
        folder
            .With("gp/WindowsDefenderATPOnboardingScript.cmd", PortalFiles.Script(PortalFiles.Onboarding))
            .With("gp/OptionalParamsPolicy/AtpConfiguration.admx", Zips.Bytes("<x/>"))
            .With("vdi/WindowsDefenderATPOnboardingScript.cmd", PortalFiles.Script(PortalFiles.Onboarding))
            .With("vdi/Onboard-NonPersistentMachine.ps1", PortalFiles.VdiScript)
            .With("renamed.dat", PortalFiles.Onboarding)
            .With("local.cmd", PortalFiles.Script(PortalFiles.Onboarding, rest: "pause\r\n"))
            .With("notes.txt", Zips.Bytes("call the helpdesk"));

        var outcome = folder.Read();

        outcome.Value!.Packages.Select(p => (p.Source, p.Kind, p.Files.Length)).ShouldBe(
        [
            ("packages/gp/WindowsDefenderATPOnboardingScript.cmd", PackageKind.GroupPolicy, 2),
            ("packages/local.cmd", PackageKind.LocalScript, 1),
            ("packages/renamed.dat", PackageKind.OnboardingFile, 1),
            ("packages/vdi/WindowsDefenderATPOnboardingScript.cmd", PackageKind.Vdi, 2),
        ]);
        var left = outcome.Diagnostics.ShouldHaveSingleItem();
        (left.Code, left.Where.File).ShouldBe(("MDB0414", "packages/notes.txt"));
    }

    [Fact]
    public void A_folder_with_backslashes_in_its_file_names_as_unpacking_on_Linux_leaves_it_is_read()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such names.");
        folder.With("WindowsDefenderATPOnboardingScript.cmd", PortalFiles.Script(PortalFiles.Onboarding)).With(@"OptionalParamsPolicy\AtpConfiguration.admx", Zips.Bytes("<x/>"));
        folder.Single().Files.Select(f => f.Path).ShouldBe(["WindowsDefenderATPOnboardingScript.cmd", "OptionalParamsPolicy/AtpConfiguration.admx"]);
    }

    [Fact]
    public void A_single_file_is_read_on_its_own()
    {
        folder.With("x/renamed.dat", PortalFiles.Onboarding);
        var outcome = PackageReader.ReadFile(Path.Combine(folder.Path, "x", "renamed.dat"), "x/renamed.dat", CancellationToken.None);
        outcome.Diagnostics.ShouldBeEmpty();
        var package = outcome.Value!.Packages.ShouldHaveSingleItem();
        package.Source.ShouldBe("x/renamed.dat");
        package.Files.Single().Path.ShouldBe("WindowsDefenderATP.onboarding");
    }

    [Theory]
    [InlineData("MicrosoftDefenderATPOnboardingMacOs.sh", PackageKind.MacOS, false)]
    [InlineData("jamf/WindowsDefenderATPOnboarding.plist", PackageKind.MacOS, false)]
    [InlineData("MicrosoftDefenderATPOnboardingLinuxServer.py", PackageKind.Linux, false)]
    [InlineData("mdatp_onboard.json", PackageKind.Linux, false)]
    [InlineData("MicrosoftDefenderATPOffboardingLinuxServer_valid_until_2025-12-01.py", PackageKind.Linux, true)]
    public void Packages_for_other_platforms_are_recognised(string name, PackageKind kind, bool offboards)
    {
        folder.With("a.zip", Zips.Of((name, Zips.Bytes("something")), ("README", Zips.Bytes("read me"))));
        var package = folder.Single();
        (package.Kind, package.IsOffboarding, package.OrganizationId, package.Files.Length).ShouldBe((kind, offboards, null, 2));
        package.Expires.ShouldBe(offboards ? new DateTimeOffset(2025, 12, 1, 0, 0, 0, TimeSpan.Zero) : null);
    }

    [Fact]
    public void Offboarding_is_recognised_and_expires_when_its_blob_says()
    {
        const string name = "WindowsDefenderATPOffboardingScript_valid_until_2025-12-01.cmd";
        folder.With("off.zip", Zips.Of((name, PortalFiles.Script(PortalFiles.Offboarding, offboards: true))));
        folder.With("mdm.zip", Zips.Of(("WindowsDefenderATP_valid_until_2025-12-01.offboarding", PortalFiles.Offboarding)));
        var set = folder.Set();
        set.Packages.ShouldAllBe(p => p.IsOffboarding);
        set.Onboarding(PackageKind.GroupPolicy).ShouldBeNull();
        var package = set.Offboarding(PackageKind.GroupPolicy)!;
        package.Expires.ShouldBe(DateTimeOffset.FromFileTime(134090208000000000));
        package.Files.Single().Path.ShouldBe(name);
        set.Offboarding(PackageKind.OnboardingFile)!.Blob!.Value.ToArray().ShouldBe(PortalFiles.Offboarding);
    }

    [Theory]
    [InlineData("WindowsDefenderATPOffboardingPackage_valid_until_2025-11-27.zip", "2025-11-27T00:00:00Z")]
    [InlineData("WindowsDefenderATPOffboardingPackage_valid_until_2026-01-01.zip", "2025-12-01T10:00:00Z")]
    public void The_earlier_of_two_expiry_dates_counts_and_the_difference_is_reported(string name, string expected)
    {
        var stated = new DateTimeOffset(2025, 12, 1, 10, 0, 0, TimeSpan.Zero);
        folder.With(name, Zips.Of(("x.cmd", PortalFiles.Script(PortalFiles.OffboardingBlob(stated), offboards: true))));
        var outcome = folder.Read();
        outcome.Value!.Packages.Single().Expires.ShouldBe(DateTimeOffset.Parse(expected, null));
        outcome.Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0411");
    }

    [Fact]
    public void A_renamed_offboarding_script_gets_its_expiry_into_its_name()
    {
        folder.With("x.zip", Zips.Of(("off.cmd", PortalFiles.Script(PortalFiles.OffboardingBlob(new(2025, 12, 1, 10, 0, 0, TimeSpan.Zero)), offboards: true))));
        folder.Single().Files.Single().Path.ShouldBe("WindowsDefenderATPOffboardingScript_valid_until_2025-12-01.cmd");
    }

    [Fact]
    public void An_expiry_beyond_all_time_is_none()
    {
        folder.With("x.offboarding", PortalFiles.Blob(more: ",\"expirationTimestamp\":9223372036854775807"));
        folder.Single().Expires.ShouldBeNull();
    }

    [Fact]
    public void Of_two_offboarding_packages_the_one_that_lasts_longest_is_taken()
    {
        var early = new DateTimeOffset(2025, 11, 24, 10, 0, 0, TimeSpan.Zero);
        folder.With("a.offboarding", PortalFiles.OffboardingBlob(early.AddDays(7))).With("b.offboarding", PortalFiles.OffboardingBlob(early));
        var outcome = folder.Read();
        outcome.Value!.Offboarding(PackageKind.OnboardingFile)!.Expires.ShouldBe(early.AddDays(7));
        outcome.Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0412");
    }

    [Fact]
    public void The_same_package_downloaded_twice_is_no_problem()
    {
        folder.With("a.zip", Zips.Of(("WindowsDefenderATP.onboarding", PortalFiles.Onboarding))).With("a (1).zip", Zips.Of(("WindowsDefenderATP.onboarding", PortalFiles.Onboarding)));
        folder.Set().Packages.Length.ShouldBe(2);
    }

    [Fact]
    public void Packages_of_two_organisations_are_an_error_that_names_both()
    {
        folder.With("a.onboarding", PortalFiles.Blob()).With("b.cmd", PortalFiles.Script(PortalFiles.Blob("99999999-2222-4333-8444-555555555555")));
        var outcome = folder.Read();
        outcome.Value.ShouldBeNull();
        outcome.Diagnostics.Select(d => (d.Code, d.Where.File)).ShouldBe([("MDB0405", "packages/a.onboarding"), ("MDB0405", "packages/b.cmd")]);
    }

    [Fact]
    public void A_folder_that_is_empty_or_missing_gives_an_empty_set_and_a_warning()
    {
        foreach (var path in new[] { folder.Path, Path.Combine(folder.Path, "none") })
        {
            var outcome = PackageReader.ReadFolder(path, "packages", CancellationToken.None);
            outcome.Value!.Packages.ShouldBeEmpty();
            outcome.Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0413");
        }
    }

    [Fact]
    public void Nothing_that_is_shown_holds_anything_of_the_blob()
    {
        folder.With("a.zip", Zips.Of(("x.cmd", PortalFiles.Script(PortalFiles.Blob())), ("readme.txt", PortalFiles.Blob())))
            .With("broken.onboarding", PortalFiles.Blob()[..^20])
            .With("off.zip", Zips.Of(("x.offboarding", PortalFiles.Blob(more: ",\"expirationTimestamp\":1"))))
            .With("wrong.cmd", PortalFiles.Script(PortalFiles.Blob(), offboards: true))
            .With("cut.cmd", PortalFiles.Script(PortalFiles.Blob())[..^60])
            .With("other.onboarding", PortalFiles.Blob("99999999-2222-4333-8444-555555555555"));
        var problems = folder.Read().Diagnostics;
        problems.Count.ShouldBeGreaterThan(4);
        File.Delete(Path.Combine(folder.Path, "broken.onboarding"));
        File.Delete(Path.Combine(folder.Path, "wrong.cmd"));
        File.Delete(Path.Combine(folder.Path, "cut.cmd"));
        File.Delete(Path.Combine(folder.Path, "other.onboarding"));
        var packages = folder.Read().Value!.Packages;
        packages.Length.ShouldBe(3);

        string[] shown =
        [
            .. problems.Select(p => p.ToString() + p.Advice), .. packages.Select(p => p.ToString()), .. packages.SelectMany(p => p.Files).Select(f => f.ToString()),
            OnboardingBlob.Parse(PortalFiles.Blob())!.ToString(), OnboardingScript.Find(PortalFiles.Script(PortalFiles.Blob()))!.ToString(),
        ];
        shown.ShouldAllBe(text => !text.Contains(PortalFiles.Secret, StringComparison.Ordinal) && !text.Contains("\"body", StringComparison.Ordinal) && !text.Contains("sig\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Problems_and_packages_come_in_an_order_that_does_not_depend_on_the_file_system()
    {
        foreach (var name in new[] { "b", "a", "B", "ab", "a-b", "å" })
        {
            folder.With($"{name}/x.onboarding", PortalFiles.Blob());
        }

        folder.Set().Packages.Select(p => p.Source).ShouldBe(
            ["packages/B/x.onboarding", "packages/a-b/x.onboarding", "packages/a/x.onboarding", "packages/ab/x.onboarding", "packages/b/x.onboarding", "packages/å/x.onboarding"]);
    }
}
