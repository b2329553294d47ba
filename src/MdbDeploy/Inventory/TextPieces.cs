using System.Diagnostics.CodeAnalysis;

namespace MdbDeploy.Inventory;

/// <summary>A place in a text between two lines.</summary>
/// <param name="Offset">Bytes before it.</param>
/// <param name="Lines">Lines before it.</param>
internal readonly record struct TextPlace(long Offset, int Lines);

/// <summary>Some lines of a text.</summary>
/// <param name="Number">Position among the pieces, from 0.</param>
/// <param name="Start">Where it starts.</param>
/// <param name="Text">Its bytes, valid until the piece is given back.</param>
/// <param name="Buffer">What they lie in.</param>
internal sealed record TextPiece(int Number, TextPlace Start, ReadOnlyMemory<byte> Text, byte[] Buffer);

/// <summary>
/// Cuts a text in UTF-8 into pieces that several threads take and read. A piece ends at a line end with an even number of quotes before it in the piece, which is the end of a record as
/// long as all quotes in it are in order; whoever reads it finds out whether they are. A text without line feeds, or with a record that fills a piece, is not cut.
/// </summary>
/// <param name="stream">The text, at its start. Closed with this object.</param>
/// <param name="start">Where in the file that is.</param>
/// <param name="size">Bytes of a piece at most.</param>
internal sealed class TextPieces(Stream stream, TextPlace start, int size) : IDisposable
{
    private readonly Lock gate = new();
    private readonly Stack<byte[]> free = [];
    private byte[] rest = [];
    private int number;
    private bool isOver;

    /// <summary>Where what no piece holds starts.</summary>
    public TextPlace Next { get; private set; } = start;

    /// <summary>Whether the pieces reach the end of the text.</summary>
    public bool AreComplete { get; private set; }

    /// <summary>Takes the next piece; false when there is none.</summary>
    public bool TryTake([NotNullWhen(true)] out TextPiece? piece)
    {
        lock (gate)
        {
            piece = isOver ? null : Take();
            isOver |= piece is null;
            return piece is not null;
        }
    }

    /// <summary>Gives a piece back that was read.</summary>
    public void Return(TextPiece piece)
    {
        lock (gate)
        {
            free.Push(piece.Buffer);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();

    private TextPiece? Take()
    {
        var buffer = free.TryPop(out var used) ? used : GC.AllocateUninitializedArray<byte>(size);
        rest.CopyTo(buffer, 0);
        int filled;
        try
        {
            filled = rest.Length + stream.ReadAtLeast(buffer.AsSpan(rest.Length), size - rest.Length, throwOnEndOfStream: false);
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            // Whoever goes on from here meets it again, and tells.
            return null;
        }

        var isLast = filled < size;
        var text = buffer.AsSpan(0, filled);
        var (feeds, quotes) = PieceScan.Count(text);
        var end = isLast ? filled : EndOfRecords(text, quotes % 2 == 0);
        if (end == 0)
        {
            AreComplete = isLast;
            return null;
        }

        var piece = new TextPiece(number++, Next, buffer.AsMemory(0, end), buffer);
        Next = new TextPlace(Next.Offset + end, Next.Lines + feeds - text[end..].Count((byte)'\n'));
        rest = text[end..].ToArray();
        (isOver, AreComplete) = (isLast, isLast);
        return piece;
    }

    /// <summary>Length without the last record, which may go on; 0 when there is no other.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isEven">Whether it has an even number of quotes.</param>
    private static int EndOfRecords(ReadOnlySpan<byte> text, bool isEven)
    {
        // What follows must be known: a reader takes a byte order mark at the start of a text away.
        for (var length = text.Length - 1; length > 0;)
        {
            var end = text[..length].LastIndexOf((byte)'\n') + 1;
            isEven ^= text[end..(length == text.Length - 1 ? text.Length : length)].Count((byte)'"') % 2 == 1;
            if (end == 0 || (isEven && text[end] != 0xEF))
            {
                return end;
            }

            length = end - 1;
        }

        return 0;
    }
}
