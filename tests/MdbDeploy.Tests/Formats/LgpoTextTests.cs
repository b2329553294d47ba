using CsCheck;
using MdbDeploy.Diagnostics;
using MdbDeploy.Formats;

namespace MdbDeploy.Tests.Formats;

public class LgpoTextTests
{
    private const string Sample = """
        ; rendered for Contoso

        Computer
        SOFTWARE\Policies\Contoso
        *
        CREATEKEY

        Computer
        SOFTWARE\Policies\Contoso\Rules
        *
        DELETEALLVALUES

        ; a comment between entries
        Computer
        SOFTWARE\Policies\Contoso
        Enabled
        DWORD:1

        User
        SOFTWARE\Policies\Contoso
        Path
        EXSZ:%APPDATA%\x: y

        Computer
        SOFTWARE\Policies\Contoso
        Old
        DELETE
        Computer
        SOFTWARE\Policies\Contoso
        List
        MULTISZ:one\0two\0
        """;

    [Fact]
    public void A_text_gives_the_entries_of_both_sides_in_order()
    {
        var policy = LgpoText.Read(Sample, "registry.lgpo").Value.ShouldNotBeNull();
        policy.Computer.ShouldBe(
        [
            RegistryPolicyEntry.CreateKey(@"SOFTWARE\Policies\Contoso"),
            RegistryPolicyEntry.DeleteAllValues(@"SOFTWARE\Policies\Contoso\Rules"),
            RegistryPolicyEntry.Dword(@"SOFTWARE\Policies\Contoso", "Enabled", 1),
            RegistryPolicyEntry.DeleteValue(@"SOFTWARE\Policies\Contoso", "Old"),
            RegistryPolicyEntry.MultiSz(@"SOFTWARE\Policies\Contoso", "List", "one", "two"),
        ]);
        policy.User.ShouldBe([RegistryPolicyEntry.ExpandSz(@"SOFTWARE\Policies\Contoso", "Path", @"%APPDATA%\x: y")]);
    }

    [Theory]
    [InlineData("DWORD:0x1F", "1F000000", RegistryType.Dword)]
    [InlineData("dword:4294967295", "FFFFFFFF", RegistryType.Dword)]
    [InlineData("QWORD:256", "0001000000000000", RegistryType.Qword)]
    [InlineData("BINARY:00fF", "00FF", RegistryType.Binary)]
    [InlineData("SZ:", "0000", RegistryType.Sz)]
    [InlineData("SZ: a ", "2000610020000000", RegistryType.Sz)]
    [InlineData(@"MULTISZ:\0", "0000", RegistryType.MultiSz)]
    [InlineData(@"MULTISZ:a\0b", "61000000620000000000", RegistryType.MultiSz)]
    public void An_action_gives_type_and_data(string action, string hex, RegistryType type)
    {
        var entry = LgpoText.Read($"Computer\nK\nV\n{action}\n", "x.lgpo").Value!.Computer.ShouldHaveSingleItem();
        (entry.Type, Convert.ToHexString(entry.Data.Span)).ShouldBe((type, hex));
    }

    [Theory]
    [InlineData("Computers\nK\nV\nDWORD:1", 1, 1, "'Computers' is neither 'Computer' nor 'User'")]
    [InlineData("User:bob\nK\nV\nDWORD:1", 1, 1, "Policy of a single user")]
    [InlineData("Computer\nHKLM\\SOFTWARE\nV\nDWORD:1", 2, 1, "begins with the hive 'HKLM'")]
    [InlineData("Computer\nHKEY_LOCAL_MACHINE:\\SOFTWARE\nV\nDWORD:1", 2, 1, "begins with the hive")]
    [InlineData("Computer\nSOFTWARE\\\\x\nV\nDWORD:1", 2, 1, "a backslash too many")]
    [InlineData("Computer\n SOFTWARE\nV\nDWORD:1", 2, 1, "key of the entry that begins at line 1 begins with a blank")]
    [InlineData("Computer\nSOFTWARE\nV \nDWORD:1", 3, 2, "value name of the entry that begins at line 1 ends with a blank")]
    [InlineData("Computer\nSOFTWARE\n; note\nDWORD:1", 3, 1, "is a comment")]
    [InlineData("\n\nComputer\nSOFTWARE\n\nDWORD:1", 5, 1, "The entry that begins at line 3 ends before its value name.")]
    [InlineData("Computer\nSOFTWARE\nV", 3, 1, "ends before its action")]
    [InlineData("Computer\nSOFTWARE\nV\nREG_DWORD:1", 4, 1, "'REG_DWORD:1' is not an action: write DWORD:")]
    [InlineData("Computer\nSOFTWARE\nV\nDWORD:4294967296", 4, 7, "'4294967296' is not a whole number from 0 to 4294967295.")]
    [InlineData("Computer\nSOFTWARE\nV\nDWORD:true", 4, 7, "'true' is not a whole number")]
    [InlineData("Computer\nSOFTWARE\nV\nQWORD:-1", 4, 7, "'-1' is not a whole number")]
    [InlineData("Computer\nSOFTWARE\nV\nBINARY:0,1", 4, 8, "two hexadecimal digits")]
    [InlineData("Computer\nSOFTWARE\nV\nMULTISZ:a\\0\\0b", 4, 9, "empty item")]
    [InlineData("Computer\nSOFTWARE\nV\nDELETEALLVALUES", 4, 1, "write '*' as the value name instead of 'V'")]
    [InlineData("Computer\nSOFTWARE\nV\nSZ:a\tb", 4, 5, "holds the control character U+0009")]
    public void A_bad_line_is_told_with_line_and_column(string text, int line, int column, string words)
    {
        var diagnostic = LgpoText.Read(text, "templates/gpo/registry.lgpo.sbn").Diagnostics[0];
        diagnostic.Code.ShouldBe("MDB0802");
        diagnostic.Message.ShouldContain(words);
        (diagnostic.Where.Line, diagnostic.Where.Column).ShouldBe((line, column));
    }

    [Fact]
    public void All_bad_entries_are_told_at_once()
    {
        var outcome = LgpoText.Read("Computer\nK\nV\nDWORD:x\n\nComputer\nK\nV\nDWORD:1\n\nComp\nK\nV\nDWORD:1\n", "x.lgpo");
        outcome.Value.ShouldBeNull();
        outcome.Diagnostics.Select(d => d.Where.Line).ShouldBe([4, 11]);
    }

    [Fact]
    public void Line_ends_and_byte_order_mark_do_not_matter() =>
        LgpoText.Read("\uFEFF" + Sample.ReplaceLineEndings("\r\n"), "x.lgpo").Value!.Computer
            .ShouldBe(LgpoText.Read(Sample.ReplaceLineEndings("\n"), "x.lgpo").Value!.Computer);

    [Fact]
    public void Every_kind_of_entry_is_written_and_read_back()
    {
        var text = LgpoText.Write(new LgpoPolicy(RegistryPolTests.OneOfEach, [RegistryPolicyEntry.Sz("K", "V", "x")])).Value.ShouldNotBeNull();
        text.ShouldStartWith("Computer\r\nSOFTWARE\\Policies\\Contoso\r\n*\r\nCREATEKEY\r\n\r\n");
        text.ShouldEndWith("User\r\nK\r\nV\r\nSZ:x\r\n\r\n");
        LgpoText.Read(text, "x.lgpo").Value!.Computer.ShouldBe(RegistryPolTests.OneOfEach);
    }

    [Fact]
    public void An_entry_is_written_faithfully_or_refused() => RegistryPolTests.Entries.Sample(entries =>
    {
        var written = LgpoText.Write(new LgpoPolicy(entries, []));
        return written.Succeeded(out var text)
            ? LgpoText.Read(text, "x").Value!.Computer.SequenceEqual(entries)
            : written.Diagnostics.Count > 0;
    });

    [Fact]
    public void Entries_that_the_text_has_no_words_for_are_refused()
    {
        RegistryPolicyEntry[] entries =
        [
            RegistryPolicyEntry.Sz("K", "V", "two\nlines"),
            RegistryPolicyEntry.Sz("K", "", "default value"),
            RegistryPolicyEntry.MultiSz("K", "V", @"a\0b"),
            RegistryPolicyEntry.Binary("K", "V", new byte[2]) with { Type = RegistryType.Sz, Data = new byte[] { 65, 0 } },
            RegistryPolicyEntry.Binary("K", "V", new byte[4]) with { Type = RegistryType.DwordBigEndian },
        ];
        LgpoText.Write(new LgpoPolicy(entries, [])).Diagnostics.Select(d => d.Code).ShouldBe(Enumerable.Repeat(Problems.LgpoTextInexpressible.Code, entries.Length));
    }

    [Fact]
    public void No_text_crashes_the_reader() => Gen.OneOf(
        Gen.String,
        Gen.OneOf("Computer", "User", "K", @"A\B", "*", "DWORD:1", "DWORD:", "SZ:x", "MULTISZ:", "DELETE", ";", "", " ", "\r", ":").Array[0, 12].Select(lines => string.Join('\n', lines)))
        .Sample(text => { LgpoText.Read(text, "x"); });
}
