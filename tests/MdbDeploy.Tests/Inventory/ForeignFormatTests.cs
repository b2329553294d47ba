using System.IO.Compression;
using System.Text;

namespace MdbDeploy.Tests.Inventory;

/// <summary>What people hand in instead of an export.</summary>
public class ForeignFormatTests
{
    [Theory]
    [InlineData("<!doctype html><html><title>Sign in to your account</title>", "a web page, perhaps the one that asks for a sign-in; download it again")]
    [InlineData("\uFEFF\r\n<HTML>", "a web page, perhaps the one that asks for a sign-in; download it again")]
    [InlineData("<?xml version=\"1.0\"?><Objs Version=\"1.1.0.1\"/>", "an XML document; export it as CSV")]
    [InlineData("{\"value\":[]}", "JSON; export it as CSV")]
    [InlineData("[\r\n  {\r\n    \"name\": \"PC-1\"\r\n  }\r\n]", "JSON; export it as CSV")]
    [InlineData("%PDF-1.7", "a PDF")]
    public void A_text_that_is_no_table_is_told_apart(string text, string what) => Told(Encoding.UTF8.GetBytes(text)).ShouldBe(what);

    [Theory]
    [InlineData("{name},os\nPC-1,Windows 11\n")]
    [InlineData("[name],os\nPC-1,Windows 11\n")]
    public void A_header_in_braces_is_no_JSON(string text) => TempInventory.Read(text).Problems.ShouldNotContain(p => p.Code == "MDB0203");

    [Theory]
    [InlineData("xl/workbook.bin", null, "a binary Excel workbook (.xlsb); save it as CSV or .xlsx")]
    [InlineData("mimetype", "content.xml", "an OpenDocument file (.ods); save it as CSV or .xlsx")]
    [InlineData("word/document.xml", null, "a Word document; save its table as CSV")]
    [InlineData("devices.csv", null, "a zip archive; unpack it")]
    public void An_archive_that_is_no_workbook_is_told_apart(string part, string? another, string what)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            zip.CreateEntry(part);
            _ = another is null ? null : zip.CreateEntry(another);
        }

        Told(stream.ToArray()).ShouldBe(what);
    }

    [Fact]
    public void An_encrypted_workbook_is_no_old_one()
    {
        Told(CompoundFile("Workbook")).ShouldBe("an old Excel workbook (.xls); save it as CSV or .xlsx");
        Told(CompoundFile("EncryptedPackage")).ShouldBe("an encrypted Excel workbook; save it as CSV, or without a password and without a sensitivity label that encrypts");
        var whole = CompoundFile("EncryptedPackage");
        for (var length = 8; length < whole.Length; length += 100)
        {
            Told(whole[..length]).ShouldContain("Excel workbook");
        }

        // A directory beyond the end of any file.
        whole.AsSpan(48, 4).Fill(0xFF);
        Told(whole).ShouldContain("old Excel workbook");
    }

    /// <summary>A compound file ([MS-CFB]) of version 3 whose directory is its third sector and names a stream.</summary>
    private static byte[] CompoundFile(string stream)
    {
        var file = new byte[4 * 512];
        ((byte[])[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]).CopyTo(file, 0);
        (file[26], file[28], file[29], file[30], file[48]) = (3, 0xFE, 0xFF, 9, 2);
        Encoding.Unicode.GetBytes("Root Entry").CopyTo(file, 3 * 512);
        Encoding.Unicode.GetBytes(stream).CopyTo(file, (3 * 512) + 128);
        return file;
    }

    private static string Told(byte[] file)
    {
        var problem = TempInventory.ReadBytes([file]).Problems.ShouldHaveSingleItem();
        problem.Code.ShouldBe("MDB0203");
        problem.Message.ShouldStartWith("The file is no CSV but ");
        return problem.Message["The file is no CSV but ".Length..^1];
    }
}
