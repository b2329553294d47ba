using System.Globalization;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Inventory;

/// <summary>
/// Reads the dates of rows. Whether a column writes 11/12/2025 with the day or the month first is known only from its other values, perhaps the last one of the file, so such dates are
/// kept aside, and what values prove is taken down; <see cref="DateColumns"/> settles them at the end.
/// </summary>
internal sealed class DateCells(RowNotes notes)
{
    /// <summary>Dates kept aside since they were last taken.</summary>
    public List<PendingDate> Pending { get; } = [];

    /// <summary>The first value of each column, since they were last taken, that proves an order, and of each order.</summary>
    public List<DateProof> Proofs { get; } = [];

    /// <summary>Reads a date for the row that will have this index; null when there is none, or none yet.</summary>
    public DateTimeOffset? Read(ReadOnlySpan<char> text, int column, int row)
    {
        var date = DateText.Parse(text);
        switch (date.Kind)
        {
            case DateKind.Date:
                if (date.Shows != DateOrder.Unknown)
                {
                    Prove(column, date.Shows, text);
                }

                return date.Value;
            case DateKind.Ambiguous:
                var place = notes.Table.PlaceOf(column);
                Pending.Add(new PendingDate(row, column, place.Line, place.Column, date.Value, date.Swapped));
                return null;
            case DateKind.ExcelNumber:
                notes.Field(Problems.DateIsExcelNumber, column, $"'{RowNotes.Show(text)}' was read as Excel's number for {DateColumns.Day(date.Value)}.");
                return date.Value;
            case DateKind.Never:
                return null;
            default:
                notes.Field(Problems.DateIsInvalid, column, $"'{RowNotes.Show(text)}' is no date, or one that does not exist, and was left out.");
                return null;
        }
    }

    /// <summary>Forgets the dates of a row that turned out to be none.</summary>
    public void Forget(int row)
    {
        while (Pending.Count > 0 && Pending[^1].Row == row)
        {
            Pending.RemoveAt(Pending.Count - 1);
        }
    }

    private void Prove(int column, DateOrder shows, ReadOnlySpan<char> text)
    {
        foreach (var proof in Proofs)
        {
            if (proof.Column == column && proof.Shows == shows)
            {
                return;
            }
        }

        Proofs.Add(new DateProof(column, shows, RowNotes.Show(text), notes.Table.Line));
    }
}

/// <summary>A date whose day and month could be either way round.</summary>
/// <param name="Row">Index of its row among those read at a time.</param>
/// <param name="Column">Its column.</param>
/// <param name="Line">Line it stands on.</param>
/// <param name="At">Character it stands at.</param>
/// <param name="DayFirst">The date if the day comes first.</param>
/// <param name="MonthFirst">The date if the month comes first.</param>
internal readonly record struct PendingDate(int Row, int Column, int Line, int At, DateTimeOffset DayFirst, DateTimeOffset MonthFirst);

/// <summary>A value that proves in which order its column writes day and month.</summary>
/// <param name="Column">The column.</param>
/// <param name="Shows">The order.</param>
/// <param name="Text">The value, for messages.</param>
/// <param name="Line">Line it stands on.</param>
internal readonly record struct DateProof(int Column, DateOrder Shows, string Text, int Line);

/// <summary>Settles the ambiguous dates of one file: as the other values of their column prove; without proof, or with proof of both orders, they are left out.</summary>
internal sealed class DateColumns(string file, Header header, DeviceRows rows)
{
    private readonly SortedDictionary<int, Order> orders = [];
    private readonly List<PendingDate> pending = [];

    /// <summary>Takes what some rows, which come after all before, left to settle.</summary>
    /// <param name="dates">The dates.</param>
    /// <param name="first">Number of the first of these rows.</param>
    public void Take(DateCells dates, int first)
    {
        foreach (var date in dates.Pending)
        {
            pending.Add(date with { Row = first + date.Row });
        }

        foreach (var proof in dates.Proofs)
        {
            OrderOf(proof.Column).Learn(proof);
        }

        dates.Pending.Clear();
        dates.Proofs.Clear();
    }

    /// <summary>Settles the dates kept aside.</summary>
    public void Settle(FileNotes notes)
    {
        foreach (var date in pending)
        {
            var order = OrderOf(date.Column);
            if (order.Known == DateOrder.Unknown)
            {
                notes.Take(new Note(
                    Problems.DateIsAmbiguous.At(
                        new Location(file, date.Line, date.At, rows.NameOf(date.Row)),
                        $"{header.TitleOf(date.Column)}: the date is {Day(date.DayFirst)} or {Day(date.MonthFirst)}, and was left out."),
                    null));
            }
            else
            {
                // Another column may have given a later date.
                var (seen, now) = (rows.LastSeen(date.Row), order.Known == DateOrder.DayFirst ? date.DayFirst : date.MonthFirst);
                rows.SetLastSeen(date.Row, seen > now ? seen : now);
                order.Settled++;
            }
        }

        foreach (var (column, order) in orders.Where(pair => pair.Value.Settled > 0))
        {
            var first = order.Known == DateOrder.DayFirst ? "day" : "month";
            notes.Take(new Note(
                Problems.DateOrderIsInferred.At(
                    new Location(file, order.First.Line),
                    $"{header.TitleOf(column)}: {order.Settled} dates were read with the {first} first, as in '{order.First.Text}'."),
                null));
        }
    }

    /// <summary>A date for a message.</summary>
    public static string Day(DateTimeOffset date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private Order OrderOf(int column)
    {
        if (!orders.TryGetValue(column, out var order))
        {
            orders.Add(column, order = new Order());
        }

        return order;
    }

    /// <summary>What the values of a column prove.</summary>
    private sealed class Order
    {
        private bool dayFirst;
        private bool monthFirst;

        public DateOrder Known => dayFirst == monthFirst ? DateOrder.Unknown : dayFirst ? DateOrder.DayFirst : DateOrder.MonthFirst;

        /// <summary>The first value that proved anything.</summary>
        public DateProof First { get; private set; }

        public int Settled { get; set; }

        public void Learn(DateProof proof)
        {
            First = dayFirst || monthFirst ? First : proof;
            dayFirst |= proof.Shows == DateOrder.DayFirst;
            monthFirst |= proof.Shows == DateOrder.MonthFirst;
        }
    }
}
