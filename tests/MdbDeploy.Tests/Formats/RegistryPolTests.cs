using CsCheck;
using MdbDeploy.Formats;

namespace MdbDeploy.Tests.Formats;

public class RegistryPolTests
{
    private const string Header = "50526567 01000000";

    [Fact]
    public void A_file_without_settings_is_its_header()
    {
        RegistryPol.Write([]).ShouldBe(Bytes(Header));
        RegistryPol.Read(Bytes(Header), "registry.pol").Value.ShouldBeEmpty();
    }

    [Fact]
    public void A_dword_is_written_as_the_specification_lays_it_out() =>
        RegistryPol.Write([RegistryPolicyEntry.Dword("A\\B", "V", 0x21A)]).ShouldBe(Bytes(
            Header + "5B00 4100 5C00 4200 0000 3B00 5600 0000 3B00 04000000 3B00 04000000 3B00 1A020000 5D00"));

    [Fact]
    public void Every_kind_of_value_has_its_number_and_its_data()
    {
        Data(RegistryPolicyEntry.Sz("K", "V", "ab")).ShouldBe((1, "610062000000"));
        Data(RegistryPolicyEntry.ExpandSz("K", "V", "")).ShouldBe((2, "0000"));
        Data(RegistryPolicyEntry.Binary("K", "V", new byte[] { 1, 255 })).ShouldBe((3, "01FF"));
        Data(RegistryPolicyEntry.Dword("K", "V", uint.MaxValue)).ShouldBe((4, "FFFFFFFF"));
        Data(RegistryPolicyEntry.MultiSz("K", "V", "a", "b")).ShouldBe((7, "6100000062000000" + "0000"));
        Data(RegistryPolicyEntry.MultiSz("K", "V")).ShouldBe((7, "0000"));
        Data(RegistryPolicyEntry.Qword("K", "V", 1)).ShouldBe((11, "0100000000000000"));
    }

    [Fact]
    public void Directives_are_values_of_one_blank()
    {
        var (delete, all, create) = (RegistryPolicyEntry.DeleteValue("K", "V"), RegistryPolicyEntry.DeleteAllValues("K"), RegistryPolicyEntry.CreateKey("K"));
        (delete.ValueName, all.ValueName, create.ValueName).ShouldBe(("**del.V", "**delvals.", ""));
        Data(delete).ShouldBe((1, "20000000"));
        Data(all).ShouldBe((1, "20000000"));
        Data(create).ShouldBe((0, ""));
    }

    [Fact]
    public void Keys_and_names_may_hold_the_signs_of_the_format()
    {
        RegistryPolicyEntry[] entries = [RegistryPolicyEntry.Sz("a;b]c[d", "x;]", "[;]"), RegistryPolicyEntry.Binary("K", "", Bytes("3B00 5D00 5B00"))];
        RegistryPol.Read(RegistryPol.Write(entries), "registry.pol").Value.ShouldBe(entries);
    }

    [Fact]
    public void Whatever_is_written_is_read_back() => Entries.Sample(entries =>
        RegistryPol.Read(RegistryPol.Write(entries), "registry.pol").Value!.SequenceEqual(entries));

    [Fact]
    public void A_broken_entry_is_named_by_number_and_byte()
    {
        var file = RegistryPol.Write([RegistryPolicyEntry.Dword("A", "V", 1), RegistryPolicyEntry.Dword("A", "W", 1)]);
        var diagnostic = RegistryPol.Read(file.AsSpan()[..^3], "registry.pol").Diagnostics.ShouldHaveSingleItem();
        diagnostic.ToString().ShouldBe("registry.pol: error MDB0801: Entry 2, which begins at byte 40, is broken: it announces 4 bytes of data, and the file has 3 left.");
    }

    [Theory]
    [InlineData("", "shorter than the header")]
    [InlineData("50526567", "shorter than the header")]
    [InlineData("FFFE5000 01000000", "does not begin with the header")]
    [InlineData("50526567 02000000", "does not begin with the header")]
    [InlineData(Header + "5B", "'[' is missing at byte 8")]
    [InlineData(Header + "5B00 4100 4200", "key has no end")]
    [InlineData(Header + "5B00 0000 3B00 0000 3B00 00000000 3B00 00000000 3B00 5D00", "key has no name")]
    [InlineData(Header + "5B00 4100 0000 3B00 0000 3B00 0400", "ends within its type")]
    [InlineData(Header + "5B00 4100 0000 3B00 0000 3B00 03000000 3B00 FFFFFFFF 3B00", "announces 4294967295 bytes")]
    [InlineData(Header + "5B00 4100 0000 3B00 0000 3B00 03000000 3B00 00000000 3B00 5B00", "']' is missing at byte 32")]
    public void Foreign_bytes_are_a_diagnostic(string hex, string words)
    {
        var outcome = RegistryPol.Read(Bytes(hex), "registry.pol");
        outcome.Value.ShouldBeNull();
        outcome.Diagnostics.ShouldHaveSingleItem().Message.ShouldContain(words);
    }

    [Fact]
    public void A_type_that_nobody_knows_is_kept()
    {
        var entry = RegistryPolicyEntry.Binary("K", "V", Bytes("01")) with { Type = unchecked((RegistryType)0xFFFF0012u) };
        RegistryPol.Read(RegistryPol.Write([entry]), "registry.pol").Value.ShouldBe([entry]);
    }

    [Fact]
    public void No_bytes_crash_the_reader() => Gen.Select(Entries, Gen.Byte.Array[0, 40], Gen.Int[0, 400]).Sample((entries, noise, at) =>
    {
        var file = RegistryPol.Write(entries);
        var cut = Math.Min(at, file.Length);
        RegistryPol.Read([.. file[..cut], .. noise, .. file[cut..]], "registry.pol");
        RegistryPol.Read(file.AsSpan()[..cut], "registry.pol");
    });

    [Fact]
    public void A_key_or_name_that_would_end_the_text_is_refused()
    {
        Should.Throw<ArgumentException>(() => RegistryPolicyEntry.Sz("a\0b", "V", ""));
        Should.Throw<ArgumentException>(() => RegistryPolicyEntry.Sz("a", "V\0", ""));
        Should.Throw<ArgumentException>(() => RegistryPolicyEntry.Sz("", "V", ""));
        Should.Throw<ArgumentException>(() => RegistryPolicyEntry.MultiSz("a", "V", "x", ""));
    }

    [Fact]
    public async Task Samba_reads_the_file_and_packs_it_to_the_same_bytes()
    {
        const string Check = """
            import sys
            from samba.dcerpc import preg
            from samba.ndr import ndr_pack, ndr_unpack
            raw = open(sys.argv[1], 'rb').read()
            parsed = ndr_unpack(preg.file, raw)
            assert ndr_pack(parsed) == raw
            for e in parsed.entries:
                print(e.keyname, e.valuename, e.type, sep='|')
            """;
        var python = await OtherProgram.Run("/usr/bin/python3", ["-c", "import samba.dcerpc.preg"], TestContext.Current.CancellationToken);
        Assert.SkipWhen(python is not { ExitCode: 0 }, "python3-samba is not installed: apt install python3-samba");

        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(path, RegistryPol.Write(OneOfEach), TestContext.Current.CancellationToken);
            var samba = await OtherProgram.Run("/usr/bin/python3", ["-c", Check, path], TestContext.Current.CancellationToken);
            samba.ShouldNotBeNull();
            samba.Value.ExitCode.ShouldBe(0, samba.Value.Output);
            samba.Value.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(OneOfEach.Select(e => $"{e.Key}|{e.ValueName}|{(int)e.Type}"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    internal static readonly RegistryPolicyEntry[] OneOfEach =
    [
        RegistryPolicyEntry.CreateKey(@"SOFTWARE\Policies\Contoso"),
        RegistryPolicyEntry.DeleteAllValues(@"SOFTWARE\Policies\Contoso\Rules"),
        RegistryPolicyEntry.Sz(@"SOFTWARE\Policies\Contoso\Rules", "{b1b3-ü}", "2"),
        RegistryPolicyEntry.ExpandSz(@"SOFTWARE\Policies\Contoso", "Path", @"%ProgramData%\x"),
        RegistryPolicyEntry.Binary(@"SOFTWARE\Policies\Contoso", "Blob", new byte[] { 0, 59, 0, 93, 255 }),
        RegistryPolicyEntry.Dword(@"SOFTWARE\Policies\Contoso", "Enabled", 1),
        RegistryPolicyEntry.MultiSz(@"SOFTWARE\Policies\Contoso", "List", "one", "two"),
        RegistryPolicyEntry.MultiSz(@"SOFTWARE\Policies\Contoso", "Nothing"),
        RegistryPolicyEntry.Qword(@"SOFTWARE\Policies\Contoso", "Big", ulong.MaxValue),
        RegistryPolicyEntry.DeleteValue(@"SOFTWARE\Policies\Contoso", "Old"),
    ];

    internal static readonly Gen<RegistryPolicyEntry[]> Entries = Gen.Select(
        Gen.String[Gen.Char.Where(c => c != '\0'), 1, 12], Gen.String[Gen.Char.Where(c => c != '\0'), 0, 12], Gen.Int, Gen.Byte.Array[0, 20],
        (key, name, type, data) => new RegistryPolicyEntry { Key = key, ValueName = name, Type = (RegistryType)type, Data = data }).Array[0, 6];

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    private static (int Type, string Hex) Data(RegistryPolicyEntry entry) => ((int)entry.Type, Convert.ToHexString(entry.Data.Span));
}
