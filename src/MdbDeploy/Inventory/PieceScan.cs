using System.Runtime.Intrinsics;

namespace MdbDeploy.Inventory;

/// <summary>Looks at the bytes of a piece of text, sixteen at a time and for several things at once: every byte of a million rows comes through here.</summary>
internal static class PieceScan
{
    // A lane counts to this at most.
    private const int MostRounds = byte.MaxValue;

    /// <summary>Counts line feeds and quotes.</summary>
    public static (int Feeds, int Quotes) Count(ReadOnlySpan<byte> text)
    {
        var (feed, quote) = (Vector128.Create((byte)'\n'), Vector128.Create((byte)'"'));
        var (feeds, quotes) = (0, 0);
        while (text.Length >= Vector128<byte>.Count)
        {
            var rounds = Math.Min(MostRounds, text.Length / Vector128<byte>.Count);
            var (someFeeds, someQuotes) = (Vector128<byte>.Zero, Vector128<byte>.Zero);
            for (var at = 0; at < rounds * Vector128<byte>.Count; at += Vector128<byte>.Count)
            {
                // A lane that is equal is all ones, which is one less than nothing.
                var some = Vector128.Create(text[at..]);
                someFeeds -= Vector128.Equals(some, feed);
                someQuotes -= Vector128.Equals(some, quote);
            }

            feeds += Sum(someFeeds);
            quotes += Sum(someQuotes);
            text = text[(rounds * Vector128<byte>.Count)..];
        }

        foreach (var b in text)
        {
            feeds += b == '\n' ? 1 : 0;
            quotes += b == '"' ? 1 : 0;
        }

        return (feeds, quotes);
    }

    /// <summary>Whether all is ASCII, and whether a carriage return stands without a line feed behind it.</summary>
    public static (bool IsAscii, bool HasLoneReturn) Look(ReadOnlySpan<byte> text)
    {
        // Each byte beside the next.
        var (returns, feeds) = (Vector128.Create((byte)'\r'), Vector128.Create((byte)'\n'));
        var (all, lone, at) = (Vector128<byte>.Zero, Vector128<byte>.Zero, 0);
        for (; at + Vector128<byte>.Count < text.Length; at += Vector128<byte>.Count)
        {
            var some = Vector128.Create(text[at..]);
            all |= some;
            lone |= Vector128.AndNot(Vector128.Equals(some, returns), Vector128.Equals(Vector128.Create(text[(at + 1)..]), feeds));
        }

        var (isAscii, hasLone) = (all.ExtractMostSignificantBits() == 0, lone != Vector128<byte>.Zero);
        for (; at < text.Length; at++)
        {
            isAscii &= text[at] < 0x80;
            hasLone |= text[at] == '\r' && (at + 1 == text.Length || text[at + 1] != '\n');
        }

        return (isAscii, hasLone);
    }

    private static int Sum(Vector128<byte> lanes)
    {
        var (low, high) = Vector128.Widen(lanes);
        return Vector128.Sum(low + high);
    }
}
