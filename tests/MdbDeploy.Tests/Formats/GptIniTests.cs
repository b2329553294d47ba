using System.Text;
using CsCheck;
using MdbDeploy.Formats;

namespace MdbDeploy.Tests.Formats;

public class GptIniTests
{
    [Fact]
    public void In_sysvol_it_says_only_the_version() =>
        Encoding.ASCII.GetString(new GptIni { Version = 1 }.Write()).ShouldBe("[General]\r\nVersion=1\r\n");

    [Fact]
    public void The_local_policy_also_names_extensions() =>
        Encoding.ASCII.GetString(new GptIni { Version = GptIni.VersionOf(2, 1), MachineExtensionNames = "[{A}{B}]" }.Write())
            .ShouldBe("[General]\r\ngPCMachineExtensionNames=[{A}{B}]\r\nVersion=65538\r\n");

    [Fact]
    public void A_change_raises_only_its_side_and_never_to_zero()
    {
        var ini = new GptIni { Version = GptIni.VersionOf(ushort.MaxValue, 3) };
        (ini.Next(GroupPolicySide.Machine).MachineVersion, ini.Next(GroupPolicySide.Machine).UserVersion).ShouldBe(((ushort)1, (ushort)3));
        (ini.Next(GroupPolicySide.User).MachineVersion, ini.Next(GroupPolicySide.User).UserVersion).ShouldBe((ushort.MaxValue, (ushort)4));
    }

    [Theory]
    [InlineData("[General]\nVersion = 7\n", 7u)]
    [InlineData("\uFEFF[general]\r\ndisplayName=New Group Policy Object\r\nversion=65537\r\n", 65537u)]
    [InlineData("; note\r\n[Other]\r\nVersion=1\r\n[General]\r\nVersion=2", 2u)]
    public void Files_of_other_tools_are_read(string text, uint version) => GptIni.Read(Encoding.UTF8.GetBytes(text), "GPT.INI").Value!.Version.ShouldBe(version);

    [Theory]
    [InlineData("", 0)]
    [InlineData("Version=1", 0)]
    [InlineData("[General]\r\n\r\nVersion=x", 3)]
    [InlineData("[General]\r\nVersion=4294967296", 2)]
    public void A_file_without_a_version_is_an_error(string text, int line)
    {
        var diagnostic = GptIni.Read(Encoding.UTF8.GetBytes(text), "GPT.INI").Diagnostics.ShouldHaveSingleItem();
        (diagnostic.Code, diagnostic.Where.Line).ShouldBe(("MDB0820", line));
    }

    [Fact]
    public void Whatever_is_written_is_read_back() => Gen.Select(Gen.UInt, Gen.OneOf<string?>(null, "[{A}{B}]", "")).Sample((version, names) =>
        GptIni.Read(new GptIni { Version = version, UserExtensionNames = names }.Write(), "GPT.INI").Value == new GptIni { Version = version, UserExtensionNames = names });

    [Fact]
    public void No_bytes_crash_the_reader() => Gen.Byte.Array.Sample(bytes => { GptIni.Read(bytes, "x"); });
}
