using System.Buffers;
using System.Buffers.Text;

namespace MdbDeploy.Inventory;

/// <summary>
/// Reads cells in the forms that nearly all have, from the bytes they stand in. Where it reads one, <see cref="CellReader"/> would come to the same and have nothing to note; whatever
/// is in doubt is left to that. Every cell of a million rows comes through here.
/// </summary>
internal static class PlainCell
{
    private const int LongestLabel = 63;
    private const int LongestDnsName = 253;
    private const int IdLength = 36;
    private const int ShortestSerial = 4;
    private const int LongestSerial = 31;
    private const int DateLength = 19;

    private static readonly SearchValues<byte> Word = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8);
    private static readonly SearchValues<byte> Address = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.+@'"u8);

    private static readonly Vocabulary Vocabulary = Vocabulary.Shared;

    /// <summary>Whether a text is a word of letters, digits, dashes and underscores that does not stand for nothing: a computer name, for one.</summary>
    public static bool IsWord(ReadOnlySpan<byte> text) => !text.ContainsAnyExcept(Word) && !Vocabulary.MayMeanNothing(text);

    /// <summary>A DNS name, given whether what follows its first dot is known to be one's end.</summary>
    /// <param name="text">The text.</param>
    /// <param name="suffixes">Numbers of the suffixes seen so far, with which a name ended before.</param>
    /// <param name="label">The first label.</param>
    /// <param name="suffix">Number of what follows the first dot.</param>
    public static bool IsDnsName(ReadOnlySpan<byte> text, ByteMemo suffixes, out ReadOnlySpan<byte> label, out int suffix)
    {
        var dot = text.IndexOf((byte)'.');
        if (dot is > 0 and <= LongestLabel && text.Length <= LongestDnsName && suffixes.TryGet(text[(dot + 1)..], out var number)
            && !text[..dot].ContainsAnyExcept(Word) && !Vocabulary.MayMeanNothing(text))
        {
            label = text[..dot];
            suffix = (int)number;
            return true;
        }

        label = default;
        suffix = 0;
        return false;
    }

    /// <summary>A distinguished name of a computer with a plain name: where it ends, and what holds it.</summary>
    public static bool IsDistinguishedName(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> parent)
    {
        name = parent = default;
        if (!text.StartsWith("CN="u8) || text.IndexOf((byte)',') is not (> 3 and var comma) || text[3..comma].ContainsAnyExcept(Word))
        {
            return false;
        }

        name = text[3..comma];
        parent = text[(comma + 1)..];
        return true;
    }

    /// <summary>A GUID in its usual form.</summary>
    public static bool IsId(ReadOnlySpan<byte> text, out Guid id)
    {
        id = default;
        return text.Length == IdLength && Utf8Parser.TryParse(text, out id, out var used, 'D') && used == IdLength;
    }

    /// <summary>The unique id of a Configuration Manager client: <c>GUID:</c> and a GUID, or the GUID alone, in their usual form.</summary>
    public static bool IsSmsId(ReadOnlySpan<byte> text, out Guid id) => IsId(text.StartsWith("GUID:"u8) ? text["GUID:".Length..] : text, out id);

    /// <summary>Whether a text is a serial number that nobody made up and no spreadsheet rounded.</summary>
    public static bool IsSerial(ReadOnlySpan<byte> text) =>
        text.Length is >= ShortestSerial and <= LongestSerial
        && (char.IsAsciiLetter((char)text[0]) || text.IndexOfAny((byte)'E', (byte)'e') < 0)
        && !text.ContainsAnyExcept(Word) && text.ContainsAnyExcept(text[0])
        && !Vocabulary.MayMeanNothing(text) && !Vocabulary.MayBePlaceholderSerial(text);

    /// <summary>Whether a text is the user principal name of one owner.</summary>
    public static bool IsOwner(ReadOnlySpan<byte> text) => text.Contains((byte)'@') && !text.ContainsAnyExcept(Address) && !Vocabulary.MayMeanNothing(text);

    /// <summary>A date of this millennium as <c>2026-11-20T06:00:00Z</c>, with a blank instead of the T, with a fraction, or without zone.</summary>
    public static bool IsDate(ReadOnlySpan<byte> text, out DateTimeOffset date)
    {
        date = default;
        if (text.Length < DateLength || text[0] != '2' || text[4] != '-' || text[7] != '-' || text[10] is not ((byte)'T' or (byte)' ') || text[13] != ':' || text[16] != ':')
        {
            return false;
        }

        var isDigits = true;
        var year = (Two(text, 0, ref isDigits) * 100) + Two(text, 2, ref isDigits);
        var (month, day) = (Two(text, 5, ref isDigits), Two(text, 8, ref isDigits));
        var (hour, minute, second) = (Two(text, 11, ref isDigits), Two(text, 14, ref isDigits), Two(text, 17, ref isDigits));
        if (!isDigits || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }

        var rest = text[DateLength..];
        if (rest.Length > 1 && rest[0] == '.')
        {
            var end = rest[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
            rest = end < 0 ? default : rest[(end + 1)..];
        }

        if (!(rest.IsEmpty || (rest.Length == 1 && rest[0] == 'Z')))
        {
            return false;
        }

        date = new DateTimeOffset(new DateTime(year, month, day, hour, minute, second), TimeSpan.Zero);
        return true;
    }

    private static int Two(ReadOnlySpan<byte> text, int at, ref bool isDigits)
    {
        int tens = text[at] - '0', ones = text[at + 1] - '0';
        isDigits &= (uint)tens <= 9 && (uint)ones <= 9;
        return (tens * 10) + ones;
    }
}
