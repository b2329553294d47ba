using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace MdbDeploy.Inventory;

/// <summary>
/// Whether a text is UTF-8. One damaged byte does not make Windows-1252 of a text whose other letters are UTF-8: in text of any other encoding hardly a pair of bytes is a character
/// of UTF-8 by chance (RFC 3629, section 1).
/// </summary>
internal sealed class Utf8Evidence
{
    /// <summary>Offset of the first byte that is not UTF-8; null when there is none.</summary>
    public long? FirstDamage { get; private set; }

    /// <summary>Whether the text is UTF-8, perhaps a damaged one.</summary>
    public bool IsUtf8 => Damaged <= Characters;

    private long Characters { get; set; }

    private long Damaged { get; set; }

    /// <summary>Takes a piece of the text, in any order. It must neither start nor end inside a character, but where the text ends.</summary>
    /// <param name="text">The piece.</param>
    /// <param name="offset">Bytes of the text before it.</param>
    public void Add(ReadOnlySpan<byte> text, long offset)
    {
        if (Ascii.IsValid(text))
        {
            return;
        }

        if (Utf8.IsValid(text))
        {
            // Bytes of a character beyond its first, which is as good a number as that of characters.
            Characters += text.Length - Encoding.UTF8.GetCharCount(text);
            return;
        }

        Count(text, offset);
    }

    /// <summary>Takes what was found out about other pieces.</summary>
    public void Add(Utf8Evidence other)
    {
        Characters += other.Characters;
        Damaged += other.Damaged;
        FirstDamage = other.FirstDamage < FirstDamage || FirstDamage is null ? other.FirstDamage : FirstDamage;
    }

    private void Count(ReadOnlySpan<byte> text, long offset)
    {
        for (int ascii; (ascii = text.IndexOfAnyExceptInRange((byte)0, (byte)0x7F)) >= 0;)
        {
            text = text[ascii..];
            offset += ascii;
            if (Rune.DecodeFromUtf8(text, out var character, out var used) == OperationStatus.Done)
            {
                // As above, so that it does not matter in which piece it stands.
                Characters += used - character.Utf16SequenceLength;
            }
            else
            {
                Damaged++;
                FirstDamage = offset < FirstDamage || FirstDamage is null ? offset : FirstDamage;
            }

            text = text[used..];
            offset += used;
        }
    }
}
