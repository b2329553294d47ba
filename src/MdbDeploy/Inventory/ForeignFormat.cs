using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace MdbDeploy.Inventory;

/// <summary>What a file is instead of a list of devices, in words that say what to do about it: people rename files, protect workbooks, and save the page that asks them to sign in.</summary>
internal static class ForeignFormat
{
    private const string Archive = "a zip archive; unpack it";

    private static readonly byte[] CompoundFile = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

    private static readonly byte[] Encrypted = Encoding.Unicode.GetBytes("EncryptedPackage");

    /// <summary>What a file is by its first bytes; null when it may be text of a table.</summary>
    public static string? Of(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("PK\u0003\u0004"u8))
        {
            return Archive;
        }

        if (head.StartsWith(CompoundFile))
        {
            return "an old Excel workbook (.xls); save it as CSV or .xlsx";
        }

        if (head.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
        {
            return "a gzip file inside a gzip file; unpack it once";
        }

        if (head.StartsWith("%PDF-"u8))
        {
            return "a PDF";
        }

        var text = head.StartsWith(Encoding.UTF8.Preamble) ? head[3..] : head;
        text = text.TrimStart(" \t\r\n"u8);
        return Starts(text, "<!DOCTYPE html"u8) || Starts(text, "<html"u8) ? "a web page, perhaps the one that asks for a sign-in; download it again"
            : Starts(text, "<?xml"u8) ? "an XML document; export it as CSV"
            : IsJson(text) ? "JSON; export it as CSV"
            : null;
    }

    /// <summary>What a zip archive is that is no workbook.</summary>
    public static string OfArchive(ZipArchive archive) =>
        archive.GetEntry("xl/workbook.bin") is not null ? "a binary Excel workbook (.xlsb); save it as CSV or .xlsx"
        : archive.GetEntry("content.xml") is not null && archive.GetEntry("mimetype") is not null ? "an OpenDocument file (.ods); save it as CSV or .xlsx"
        : archive.GetEntry("word/document.xml") is not null ? "a Word document; save its table as CSV"
        : Archive;

    /// <summary>What a file is by more than its first bytes; null when those tell all.</summary>
    /// <param name="file">The file; it can seek.</param>
    public static string? Of(Stream file)
    {
        // [MS-CFB] 2.2: where the directory begins stands in the header, and names of streams in the directory; [MS-OFFCRYPTO] 2.3.4.4: that of an encrypted workbook.
        Span<byte> header = stackalloc byte[512];
        file.Position = 0;
        if (file.ReadAtLeast(header, 512, throwOnEndOfStream: false) < 512 || !header.StartsWith(CompoundFile))
        {
            return null;
        }

        var sector = BinaryPrimitives.ReadUInt16LittleEndian(header[30..]) == 12 ? 4096 : 512;
        file.Position = Math.Min(file.Length, (1 + (long)BinaryPrimitives.ReadUInt32LittleEndian(header[48..])) * sector);
        var directory = new byte[4096];
        return directory.AsSpan(0, file.ReadAtLeast(directory, directory.Length, throwOnEndOfStream: false)).IndexOf(Encrypted) >= 0
            ? "an encrypted Excel workbook; save it as CSV, or without a password and without a sensitivity label that encrypts"
            : null;
    }

    // Perhaps with a line end after the brace, as jq and PowerShell write it.
    private static bool IsJson(ReadOnlySpan<byte> text) =>
        (text.StartsWith("{"u8) || text.StartsWith("["u8)) && text[1..].TrimStart(" \t\r\n"u8) is [(byte)'"' or (byte)'{' or (byte)'[', ..];

    private static bool Starts(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word) => text.Length >= word.Length && Ascii.EqualsIgnoreCase(text[..word.Length], word);
}
