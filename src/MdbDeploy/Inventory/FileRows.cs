namespace MdbDeploy.Inventory;

/// <summary>
/// Reads the rows of a file that was recognised. Pieces of it are read on all processors and put together in their order, so that the result is that of reading one row after the other;
/// from the first piece whose quotes or line ends are not in order the rest is read so.
/// </summary>
/// <param name="newReader">Makes a reader of rows for a thread.</param>
/// <param name="notes">Receives what is noticed.</param>
/// <param name="dates">Receives the dates to settle.</param>
/// <param name="rows">Receives the rows.</param>
/// <param name="headerLine">Line of the header; records up to there are no rows.</param>
internal sealed class FileRows(Func<RowReader> newReader, FileNotes notes, DateColumns dates, DeviceRows rows, int headerLine)
{
    /// <summary>A file that is shorter is read by one thread: starting others would take longer.</summary>
    public const int ShortestToCut = 1 << 20;

    /// <summary>Bytes of a piece: few enough to stay in a processor's own cache.</summary>
    public const int PieceBytes = 1 << 17;

    private const int RecordsAtATime = 1 << 10;

    private readonly Lock gate = new();
    private readonly Dictionary<int, (RowReader? Reader, TextPiece Piece)> waiting = [];
    private TextPlace? outOfOrder;

    /// <summary>Data rows seen, without blank ones.</summary>
    public int Count { get; private set; }

    /// <summary>Reads pieces as long as they are in order.</summary>
    /// <param name="pieces">The pieces.</param>
    /// <param name="asciiOnly">Whether one that is not ASCII counts as out of order.</param>
    /// <param name="delimiter">Delimiter.</param>
    /// <param name="maxRecordBytes">About the longest record to accept.</param>
    /// <param name="report">Told how far reading has come.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <returns>Where the rest starts that is to be read one record after the other; null when there is none.</returns>
    /// <exception cref="OperationCanceledException">Reading was stopped.</exception>
    public TextPlace? ReadPieces(TextPieces pieces, bool asciiOnly, char delimiter, int maxRecordBytes, Action<TextPlace> report, CancellationToken cancellation)
    {
        waiting.Clear();
        outOfOrder = null;
        var next = 0;
        var readers = new Stack<RowReader>();
        var threads = new Task[Environment.ProcessorCount];
        for (var i = 0; i < threads.Length; i++)
        {
            threads[i] = Task.Run(Work, CancellationToken.None);
        }

        Task.WhenAll(threads).GetAwaiter().GetResult();
        cancellation.ThrowIfCancellationRequested();
        return outOfOrder ?? (pieces.AreComplete ? null : pieces.Next);

        void Work()
        {
            while (!cancellation.IsCancellationRequested && Volatile.Read(ref next) >= 0 && pieces.TryTake(out var piece))
            {
                RowReader? reader;
                lock (gate)
                {
                    readers.TryPop(out reader);
                }

                reader ??= newReader();

                // A carriage return alone ends a line as well, and was not counted.
                var (isAscii, hasLoneReturn) = PieceScan.Look(piece.Text.Span);
                var isInOrder = (isAscii || !asciiOnly) && !hasLoneReturn && Read(reader, piece, delimiter, maxRecordBytes);
                pieces.Return(piece);
                lock (gate)
                {
                    waiting.Add(piece.Number, (isInOrder ? reader : null, piece));
                    while (next >= 0 && waiting.Remove(next, out var done))
                    {
                        if (done.Reader is null)
                        {
                            (outOfOrder, next) = (done.Piece.Start, -1);
                            break;
                        }

                        Take(done.Reader);
                        readers.Push(done.Reader);
                        report(done.Piece.Start);
                        next++;
                    }
                }
            }
        }
    }

    /// <summary>Reads one record after the other. The table is then at its end, or at a quote that is never closed.</summary>
    /// <param name="table">The records.</param>
    /// <param name="report">Told now and then that reading goes on.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="OperationCanceledException">Reading was stopped.</exception>
    public void ReadTable(CsvTable table, Action report, CancellationToken cancellation)
    {
        var reader = newReader();
        for (var records = 1; table.Read() && table.Damage != CsvDamage.NeverClosed; records++)
        {
            if (table.Line > headerLine)
            {
                reader.Read(table);
            }

            if (records % RecordsAtATime == 0)
            {
                cancellation.ThrowIfCancellationRequested();
                Take(reader);
                report();
            }
        }

        Take(reader);
    }

    private bool Read(RowReader reader, TextPiece piece, char delimiter, int maxRecordBytes)
    {
        using var table = new CsvTable(piece.Text, delimiter, piece.Start.Lines, maxRecordBytes);
        while (table.Read() && table.Damage == CsvDamage.None)
        {
            if (table.Line > headerLine)
            {
                reader.Read(table);
            }
        }

        return table.Damage == CsvDamage.None;
    }

    private void Take(RowReader reader)
    {
        notes.Take(reader.Notes);
        dates.Take(reader.Dates, rows.Count);
        rows.Add(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(reader.Packed));
        Count += reader.Seen;
        reader.Clear();
    }
}
