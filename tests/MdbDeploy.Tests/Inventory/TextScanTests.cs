using System.Text;
using CsCheck;
using MdbDeploy.Inventory;

namespace MdbDeploy.Tests.Inventory;

/// <summary>A text is looked at in blocks of 256 KiB: those of a file on all processors, those of a stream one after the other.</summary>
public sealed class TextScanTests
{
    private const int Block = 1 << 18;

    [Fact]
    public void A_character_that_stands_where_a_block_ends_is_no_damage()
    {
        // Every other byte of this text is in the midst of a character.
        foreach (var before in (string[])["", "x"])
        {
            var form = FormOf(Encoding.UTF8.GetBytes(before + new string('ä', 900_000)));
            (form.IsValidUtf8, form.Length).ShouldBe((true, before.Length + 1_800_000));
        }
    }

    [Fact]
    public void The_first_damaged_line_is_found_however_many_threads_look()
    {
        var lines = Enumerable.Range(1, 60_000).Select(line => Encoding.UTF8.GetBytes($"PC-{line},Zürich\r\n")).ToList();
        byte[] text = [.. lines.Take(41_999).SelectMany(line => line), .. "PC-0,Z"u8, 0xFC, .. "rich\r\n"u8, .. lines.Skip(42_000).SelectMany(line => line)];
        for (var i = 0; i < 10; i++)
        {
            var form = FormOf(text);
            (form.FirstInvalidLine, form.IsWindows1252).ShouldBe((42_000, false));
        }
    }

    [Fact]
    public void Whatever_stands_at_the_end_of_a_block_is_judged_as_it_is_anywhere_else() =>
        Gen.Select(Gen.OneOf(Gen.Byte, Gen.Byte[0x80, 0xBF], Gen.Byte[0xC0, 0xFF]).Array[1, 10], Gen.Int[-10, 2], Gen.Int[1, 2], Gen.Int[0, 3]).Sample(
            (odd, at, block, behind) =>
            {
                var text = new byte[(2 * Block) + behind];
                text.AsSpan().Fill((byte)'x');
                odd.CopyTo(text, Math.Min((block * Block) + at, text.Length - odd.Length));

                // The same bytes in a text of one block.
                var shortForm = FormOf([.. odd, (byte)'x', (byte)'x', (byte)'x', (byte)'x']);
                var form = FormOf([.. text, (byte)'x', (byte)'x', (byte)'x', (byte)'x']);
                (form.IsValidUtf8, form.IsWindows1252, form.FirstInvalidLine).ShouldBe((shortForm.IsValidUtf8, shortForm.IsWindows1252, shortForm.FirstInvalidLine));
            },
            iter: 200,
            threads: 1);

    /// <summary>The form, which must be the same of a file and of a stream.</summary>
    private static TextForm FormOf(byte[] text)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, text);
            var ofFile = TextForm.Of(() => File.OpenRead(path), TestContext.Current.CancellationToken);
            var ofStream = TextForm.Of(() => new MemoryStream(text), TestContext.Current.CancellationToken);
            ofFile.ShouldBe(ofStream);
            return ofFile;
        }
        finally
        {
            File.Delete(path);
        }
    }
}
