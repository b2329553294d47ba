using System.IO.Compression;
using CsCheck;
using MdbDeploy.Diagnostics;
using MdbDeploy.Packages;

namespace MdbDeploy.Tests.Packages;

public sealed class HostilePackageTests : IDisposable
{
    private static readonly byte[] Script = PortalFiles.Script(PortalFiles.Onboarding);

    private readonly PackagesFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(@"..\..\evil.cmd", "climbs out")]
    [InlineData("../evil.cmd", "climbs out")]
    [InlineData("a/../../evil.cmd", "climbs out")]
    [InlineData("/etc/evil.cmd", "absolute")]
    [InlineData(@"\evil.cmd", "absolute")]
    [InlineData(@"\\server\share\evil.cmd", "absolute")]
    [InlineData(@"C:\evil.cmd", "drive letter")]
    [InlineData("c:evil.cmd", "drive letter")]
    [InlineData("evil.cmd:stream", "does not allow")]
    [InlineData("CON", "device")]
    [InlineData("nul.txt", "device")]
    [InlineData(@"a\COM1.cmd", "device")]
    [InlineData("LPT².x", "device")]
    [InlineData("aux .cmd", "device")]
    [InlineData("evil.cmd.", "dot or a blank")]
    [InlineData("evil.cmd ", "dot or a blank")]
    [InlineData("evil\u001B[31m.cmd", "does not allow")]
    [InlineData("evil\u202Edmc.exe", "does not allow")]
    [InlineData("evil?.cmd", "does not allow")]
    public void An_entry_that_could_land_elsewhere_is_refused(string name, string why)
    {
        folder.With("x.zip", Zips.Of(("WindowsDefenderATPOnboardingScript.cmd", Script), (name, Script)));
        var problem = Refused();
        problem.Code.ShouldBe("MDB0408");
        problem.Where.File!.ShouldStartWith("packages/x.zip!");
        problem.Message.ShouldContain(why);
        problem.ToString().ShouldNotContain("\u001B");
        Directory.EnumerateFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories).Count().ShouldBe(1);
    }

    [Fact]
    public void A_path_of_more_than_240_characters_is_refused_and_shown_short()
    {
        folder.With("x.zip", Zips.Of((new string('a', 300) + ".cmd", Script)));
        Refused().Message.Length.ShouldBeLessThan(220);
    }

    [Theory]
    [InlineData(unchecked((int)0xA1FF0000))] // symbolic link made on Unix
    [InlineData(0x61A40000)] // block device
    [InlineData(0x400)] // reparse point of Windows
    public void An_entry_that_is_no_file_is_refused(int attributes)
    {
        folder.With("x.zip", Zips.Of([("evil.cmd", Zips.Bytes("/etc/passwd"))], entry => entry.ExternalAttributes = attributes));
        var problem = Refused();
        problem.Code.ShouldBe("MDB0408");
        problem.Message.ShouldContain("link or a device");
    }

    [Fact]
    public void Two_entries_that_are_one_file_on_Windows_are_refused()
    {
        folder.With("x.zip", Zips.Of((@"a\x.cmd", Script), ("A/X.cmd", Script)));
        Refused().Message.ShouldContain("twice");
    }

    [Fact]
    public void Every_unsafe_entry_is_reported_but_not_without_end()
    {
        folder.With("x.zip", Zips.Of([.. Enumerable.Range(0, 100).Select(i => ($"../{i}", Script))]));
        folder.Read().Diagnostics.Count.ShouldBe(20);
    }

    [Fact]
    public void An_encrypted_archive_is_refused()
    {
        folder.With("x.zip", Zips.Encrypted(Zips.Of(("WindowsDefenderATPOnboardingScript.cmd", Script))));
        var problem = Refused();
        (problem.Code, problem.Where.File).ShouldBe(("MDB0407", "packages/x.zip!WindowsDefenderATPOnboardingScript.cmd"));
    }

    [Fact]
    public void A_truncated_archive_is_refused()
    {
        var zip = Zips.Of(("WindowsDefenderATPOnboardingScript.cmd", Script));
        folder.With("x.zip", zip[..(zip.Length / 2)]);
        var problem = Refused();
        (problem.Code, problem.Where.File).ShouldBe(("MDB0406", "packages/x.zip"));
    }

    [Fact]
    public void A_flipped_bit_is_found_by_the_checksum()
    {
        var zip = Zips.Of([("a.cmd", Script)], _ => { }, CompressionLevel.NoCompression);
        zip[zip.AsSpan().IndexOf("OnboardingInfo"u8) + 100] ^= 1;
        folder.With("x.zip", zip);
        (Refused().Code, Refused().Where.File).ShouldBe(("MDB0406", "packages/x.zip!a.cmd"));
    }

    [Fact]
    public void An_archive_without_a_package_is_refused()
    {
        folder.With("x.zip", Zips.Of(("holiday.txt", Zips.Bytes("sun"))));
        var problem = Refused();
        (problem.Code, problem.Where.File).ShouldBe(("MDB0402", "packages/x.zip"));
    }

    [Fact]
    public void An_empty_archive_is_refused()
    {
        folder.With("x.zip", Zips.Of());
        Refused().Code.ShouldBe("MDB0402");
    }

    [Theory]
    [InlineData("holiday.txt", "sun")]
    [InlineData("empty.dat", "")]
    public void A_file_that_is_no_package_is_refused_when_it_is_asked_for(string name, string content)
    {
        folder.With(name, Zips.Bytes(content));
        var outcome = PackageReader.ReadFile(Path.Combine(folder.Path, name), name, CancellationToken.None);
        outcome.Value.ShouldBeNull();
        outcome.Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0402");
    }

    [Fact]
    public void A_file_that_does_not_exist_is_an_error()
    {
        var outcome = PackageReader.ReadFile(Path.Combine(folder.Path, "none.zip"), "none.zip", CancellationToken.None);
        outcome.Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0401");
    }

    [Fact]
    public void A_bomb_is_refused_while_it_unpacks()
    {
        folder.With("x.zip", Zips.Of(("bomb.cmd", new byte[8 << 20])));
        var problem = Refused();
        (problem.Code, problem.Where.File).ShouldBe(("MDB0409", "packages/x.zip!bomb.cmd"));
        problem.Message.ShouldContain("times larger");
    }

    [Fact]
    public void A_bomb_that_claims_to_be_small_is_not_believed()
    {
        folder.With("x.zip", Zips.Claiming(Zips.Of(("bomb.cmd", new byte[8 << 20])), 100));
        Refused().Code.ShouldBeOneOf("MDB0406", "MDB0409");
    }

    [Fact]
    public void Size_total_and_count_have_limits()
    {
        var noise = new byte[3000];
        new Random(1).NextBytes(noise);
        folder.With("x.zip", Zips.Of(("1", noise), ("2", noise), ("3", noise)));
        var limits = new PackageLimits { FileBytes = 1 << 20 };
        Problem(limits with { FileBytes = 10_000, RatioFloor = 1 << 20, TotalBytes = 8000 }).Message.ShouldContain("beyond 8000 bytes");
        Problem(limits with { Entries = 2 }).Message.ShouldContain("more than 2 entries");
        Problem(limits with { FileBytes = 9000 }).Message.ShouldContain("archive is larger than 9000 bytes");
        Problem(limits).Code.ShouldBe("MDB0402");

        Diagnostic Problem(PackageLimits set)
        {
            var problem = folder.Read(set).Diagnostics.ShouldHaveSingleItem();
            problem.Code.ShouldBeOneOf("MDB0409", "MDB0402");
            return problem;
        }
    }

    [Fact]
    public void The_limits_count_the_archives_inside_an_archive_too()
    {
        var inner = Zips.Of(("a", Zips.Bytes("a")), ("b", Zips.Bytes("b")));
        folder.With("x.zip", Zips.Of(("1.zip", inner), ("2.zip", inner), ("3.zip", inner)));
        folder.Read(new PackageLimits { Entries = 8 }).Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0409");
        folder.Read(new PackageLimits { Entries = 9 }).Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0402");
    }

    [Fact]
    public void Archives_nested_too_deep_are_refused()
    {
        var zip = Zips.Of(("WindowsDefenderATP.onboarding", PortalFiles.Onboarding));
        var third = Zips.Of(("b.zip", Zips.Of(("c.zip", zip))));
        folder.With("a.zip", third);
        folder.Single().Source.ShouldBe("packages/a.zip!b.zip!c.zip");
        folder.With("a.zip", Zips.Of(("0.zip", third)));
        var problem = Refused();
        (problem.Code, problem.Where.File).ShouldBe(("MDB0410", "packages/a.zip!0.zip!b.zip!c.zip"));
    }

    [Fact]
    public void Large_files_that_are_no_archives_may_lie_beside_the_packages()
    {
        folder.With("md4ws.msi", new byte[5 << 20]).With("a.onboarding", PortalFiles.Onboarding);
        var outcome = folder.Read();
        outcome.Value!.Packages.Length.ShouldBe(1);
        var note = outcome.Diagnostics.ShouldHaveSingleItem();
        (note.Code, note.Severity).ShouldBe(("MDB0414", Severity.Info));
    }

    [Fact]
    public void A_file_name_that_climbs_is_refused_outside_of_archives_too()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such names.");
        folder.With(@"a\..\..\evil.cmd", Script);
        Refused().Code.ShouldBe("MDB0408");
    }

    [Theory]
    [InlineData("WindowsDefenderATP.onboarding")]
    [InlineData("WindowsDefenderATPOnboardingPackage.zip")]
    [InlineData("WindowsDefenderATPOnboardingScript.cmd")]
    [InlineData("x.offboarding")]
    public void A_file_named_like_a_package_that_holds_nothing_is_damaged(string name)
    {
        folder.With(name, Zips.Bytes("<html>Sign in to continue</html>"));
        Refused().Code.ShouldBe("MDB0403");
    }

    [Fact]
    public void A_blob_that_is_cut_off_is_damaged_whatever_its_name()
    {
        folder.With("a.txt", PortalFiles.Onboarding[..^10]).With("b.bat", Script[..^200]);
        folder.Read().Diagnostics.Select(d => (d.Code, d.Where.File)).ShouldBe([("MDB0403", "packages/a.txt"), ("MDB0403", "packages/b.bat")]);
    }

    [Fact]
    public void A_script_that_onboards_and_offboards_is_refused()
    {
        folder.With("a.cmd", [.. Script, .. PortalFiles.Script(PortalFiles.Offboarding, offboards: true)]);
        Refused().Code.ShouldBe("MDB0404");
        folder.With("a.cmd", PortalFiles.Script(PortalFiles.Offboarding));
        Refused().Message.ShouldContain("onboarding value with offboarding information");
    }

    [Fact]
    public void A_file_saved_by_an_editor_is_noticed()
    {
        folder.With("a.cmd", [0xEF, 0xBB, 0xBF, .. Script]);
        var outcome = folder.Read();
        outcome.Value!.Packages.Length.ShouldBe(1);
        outcome.Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0415");

        folder.With("a.cmd", [0xFF, 0xFE, .. System.Text.Encoding.Unicode.GetBytes(System.Text.Encoding.ASCII.GetString(Script))]);
        var problem = Refused();
        problem.Code.ShouldBe("MDB0403");
        problem.Message.ShouldContain("UTF-16");
    }

    [Fact]
    public void A_damaged_package_beside_good_ones_is_the_only_problem()
    {
        folder.With("good.zip", Zips.Of(("a.cmd", Script))).With("bad.zip", Zips.Of(("a.cmd", Script))[..100]);
        Refused().Where.File.ShouldBe("packages/bad.zip");
    }

    [Fact]
    public void Whatever_bytes_an_archive_holds_reading_ends_with_an_outcome()
    {
        var zip = Zips.Of((@"a\WindowsDefenderATPOnboardingScript.cmd", Script), ("b.zip", Zips.Of(("x.onboarding", PortalFiles.Onboarding))));
        Gen.Select(Gen.Int[0, zip.Length - 1], Gen.Byte).Array[1, 6].Sample(changes =>
        {
            var mutated = (byte[])zip.Clone();
            foreach (var (at, value) in changes)
            {
                mutated[at] = value;
            }

            var problems = new List<Diagnostic>();
            var sets = new PackageArchive(new PackageLimits(), problems, CancellationToken.None).Read(mutated, "x.zip", new string('0', 64));
            _ = sets.SelectMany(set => new PackageAssembly(set, new PackageLimits(), problems).Assemble()).ToList();
            problems.ShouldAllBe(p => p.Where.File!.StartsWith("x.zip", StringComparison.Ordinal));
        }, iter: 2000);
    }

    [Fact]
    public void Reading_can_be_stopped()
    {
        folder.With("x.zip", Zips.Of(("a.cmd", Script)));
        Should.Throw<OperationCanceledException>(() => PackageReader.ReadFolder(folder.Path, "packages", new CancellationToken(canceled: true)));
    }

    private Diagnostic Refused()
    {
        var outcome = folder.Read();
        outcome.Value.ShouldBeNull();
        return outcome.Diagnostics.Where(d => d.Severity == Severity.Error).ShouldHaveSingleItem();
    }
}
