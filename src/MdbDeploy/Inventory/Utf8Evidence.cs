using System.Text;
using System.Text.Unicode;

namespace MdbDeploy.Inventory;

/// <summary>
/// Whether a text is UTF-8. One damaged byte does not make Windows-1252 of a text whose other letters are UTF-8: in text of any other encoding hardly a pair of bytes is a character
/// of UTF-8 by chance (RFC 3629, section 1).
/// </summary>
internal sealed class Utf8Evidence
{
    private long characters;
    private long damaged;
    private int lines;

    /// <summary>Line of the first byte that is not UTF-8, from 1; 0 when there is none.</summary>
    public int FirstDamagedLine { get; private set; }

    /// <summary>Whether the text is UTF-8, perhaps a damaged one.</summary>
    public bool IsUtf8 => damaged <= characters;

    /// <summary>Takes the next piece of the text. It must not end inside a character, but where the text ends.</summary>
    public void Add(ReadOnlySpan<byte> text)
    {
        if (!Ascii.IsValid(text))
        {
            AddOther(text);
        }

        lines += FirstDamagedLine == 0 ? text.Count((byte)'\n') : 0;
    }

    private void AddOther(ReadOnlySpan<byte> text)
    {
        if (Utf8.IsValid(text))
        {
            // Bytes of a character beyond its first, which is as good a number as that of characters.
            characters += text.Length - Encoding.UTF8.GetCharCount(text);
            return;
        }

        FirstDamagedLine = FirstDamagedLine == 0 ? lines + LineOfFirstDamage(text) : FirstDamagedLine;
        Count(text);
    }

    private void Count(ReadOnlySpan<byte> text)
    {
        for (int ascii; (ascii = text.IndexOfAnyExceptInRange((byte)0, (byte)0x7F)) >= 0;)
        {
            text = text[ascii..];
            _ = Rune.DecodeFromUtf8(text, out _, out var used) == System.Buffers.OperationStatus.Done ? characters++ : damaged++;
            text = text[used..];
        }
    }

    private static int LineOfFirstDamage(ReadOnlySpan<byte> text)
    {
        var line = 1;
        foreach (var range in text.Split((byte)'\n'))
        {
            if (!Utf8.IsValid(text[range]))
            {
                break;
            }

            line++;
        }

        return line;
    }
}
