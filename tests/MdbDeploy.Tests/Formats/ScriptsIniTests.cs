using System.Text;
using CsCheck;
using MdbDeploy.Formats;

namespace MdbDeploy.Tests.Formats;

public class ScriptsIniTests
{
    [Fact]
    public void A_start_up_script_is_written_byte_for_byte()
    {
        var bytes = new ScriptsIni { Startup = [new("a.cmd")] }.Write();
        Convert.ToHexString(bytes).ShouldBe(
            "FFFE" + "0D000A00"
            + "5B00530074006100720074007500700" + "05D000D000A00"
            + "300043006D0064004C0069006E0065003D0061002E0063006D0064000D000A00"
            + "300050006100720061006D00650074006500720073003D000D000A00");
    }

    [Fact]
    public void PowerShell_order_stands_first_and_only_when_configured()
    {
        Text(new ScriptsIni { Startup = [new("One.ps1", "-A 1"), new(@"\\fs01.contoso.example\s$\Two.ps1")], StartPowerShellFirst = true }).ShouldBe(
            "\r\n[ScriptsConfig]\r\nStartExecutePSFirst=true\r\n[Startup]\r\n0CmdLine=One.ps1\r\n0Parameters=-A 1\r\n1CmdLine=\\\\fs01.contoso.example\\s$\\Two.ps1\r\n1Parameters=\r\n");
        Text(new ScriptsIni { Logoff = [new("x.cmd")], EndPowerShellFirst = false }).ShouldBe(
            "\r\n[ScriptsConfig]\r\nEndExecutePSFirst=false\r\n[Logoff]\r\n0CmdLine=x.cmd\r\n0Parameters=\r\n");
    }

    [Fact]
    public void A_file_without_scripts_is_a_blank_line() => new ScriptsIni().Write().ShouldBe([0xFF, 0xFE, 0x0D, 0, 0x0A, 0]);

    [Fact]
    public void Native_oddities_are_passed_over()
    {
        var read = Read("\r\n     \r\n[startup]\r\n0cmdline = a.cmd\r\n\r\n1CmdLine=b.cmd\r\n1Parameters=/q\r\n");
        read.Diagnostics.ShouldBeEmpty();
        read.Value!.Startup.ShouldBe([new ScriptCommand("a.cmd"), new ScriptCommand("b.cmd", "/q")]);
    }

    [Fact]
    public void A_gap_in_the_numbers_is_an_error_at_its_line()
    {
        var diagnostic = Read("\r\n[Startup]\r\n0CmdLine=a.cmd\r\n0Parameters=\r\n2CmdLine=b.cmd\r\n").Diagnostics.ShouldHaveSingleItem();
        diagnostic.Message.ShouldBe("'2CmdLine' is never reached: the client counts 1 scripts in this section, from 0 without a gap.");
        diagnostic.Where.Line.ShouldBe(5);
    }

    [Theory]
    [InlineData("0CmdLine=a\r\n", "before the first section")]
    [InlineData("[Boot]\r\n0CmdLine=a\r\n", "'[Boot]' is not a section")]
    [InlineData("[Startup]\r\nhello\r\n", "neither a section nor a value")]
    public void Foreign_lines_are_errors(string text, string words) => Read(text).Diagnostics[0].Message.ShouldContain(words);

    [Fact]
    public void An_entry_without_a_script_is_an_error()
    {
        Read("[Startup]\r\n0CmdLine=\r\n0Parameters=\r\n").Diagnostics.ShouldHaveSingleItem().Message.ShouldContain("Entry 0 names no script");
        Should.Throw<ArgumentException>(() => new ScriptCommand("a\r\n1CmdLine=b"));
    }

    [Fact]
    public void Another_encoding_is_read_and_warned_of()
    {
        var text = "[Startup]\r\n0CmdLine=ä.cmd\r\n0Parameters=\r\n";
        foreach (var bytes in new[] { Encoding.UTF8.GetBytes(text), [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(text)], Encoding.Unicode.GetBytes(text) })
        {
            var outcome = ScriptsIni.Read(bytes, "scripts.ini");
            outcome.Value!.Startup.ShouldBe([new ScriptCommand("ä.cmd")]);
            outcome.Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0819");
        }
    }

    [Fact]
    public void Whatever_is_written_is_read_back()
    {
        var word = Gen.String[Gen.Char.Where(c => c is not ('\0' or '\r' or '\n')), 0, 10].Select(s => s.Trim());
        var commands = Gen.Select(word.Where(w => w.Length > 0), word, (c, p) => new ScriptCommand(c, p)).Array[0, 4];
        Gen.Select(commands, commands, Gen.OneOf<bool?>(null, true, false)).Sample((startup, logon, first) =>
        {
            var ini = new ScriptsIni { Startup = [.. startup], Logon = [.. logon], StartPowerShellFirst = first };
            var back = ScriptsIni.Read(ini.Write(), "scripts.ini").Value!;
            return back.Startup.SequenceEqual(startup) && back.Logon.SequenceEqual(logon) && back.StartPowerShellFirst == first && back.Write().SequenceEqual(ini.Write());
        });
    }

    [Fact]
    public void No_bytes_crash_the_reader() => Gen.OneOf(
        Gen.Byte.Array,
        Gen.OneOf("[Startup]", "[", "]", "=", "0CmdLine=", "0CmdLine=x", "0Parameters=y", "[ScriptsConfig]", "StartExecutePSFirst=maybe").Array
            .Select(lines => Encoding.Unicode.GetBytes("\uFEFF" + string.Join("\r\n", lines))))
        .Sample(bytes => { ScriptsIni.Read(bytes, "x"); });

    private static string Text(ScriptsIni ini) => Encoding.Unicode.GetString(ini.Write().AsSpan()[2..]);

    private static Diagnostics.Outcome<ScriptsIni> Read(string text) => ScriptsIni.Read([0xFF, 0xFE, .. Encoding.Unicode.GetBytes(text)], "scripts.ini");
}
