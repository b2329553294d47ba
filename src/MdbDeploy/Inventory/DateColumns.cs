using System.Globalization;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Inventory;

/// <summary>
/// The dates of one file. Whether a column writes 11/12/2025 with the day or the month first is known only from its other values, perhaps the last one, so
/// such dates are kept aside and settled at the end; without proof, or with proof of both, they are left out.
/// </summary>
internal sealed class DateColumns(RowNotes notes, DeviceRows rows)
{
    private readonly Dictionary<int, Order> orders = [];
    private readonly List<Pending> pending = [];

    /// <summary>Reads a date for the row that will have this index; null when there is none, or none yet.</summary>
    public DateTimeOffset? Read(ReadOnlySpan<char> text, int column, int row)
    {
        var date = DateText.Parse(text);
        switch (date.Kind)
        {
            case DateKind.Date:
                if (date.Shows != DateOrder.Unknown)
                {
                    OrderOf(column).Learn(date.Shows, text, notes.Table.Line);
                }

                return date.Value;
            case DateKind.Ambiguous:
                var place = notes.Table.PlaceOf(column);
                var order = OrderOf(column).Known;
                pending.Add(new Pending(row, column, place.Line, place.Column, date.Value, date.Swapped, order));
                return Choose(date.Value, date.Swapped, order);
            case DateKind.ExcelNumber:
                notes.Field(Problems.DateIsExcelNumber, column, $"'{RowNotes.Show(text)}' was read as Excel's number for {Day(date.Value)}.");
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
        while (pending.Count > 0 && pending[^1].Row == row)
        {
            pending.RemoveAt(pending.Count - 1);
        }
    }

    /// <summary>Settles the dates kept aside.</summary>
    public void Settle()
    {
        foreach (var date in pending)
        {
            var order = OrderOf(date.Column).Known;
            if (order == DateOrder.Unknown)
            {
                notes.About(rows.NameOf(date.Row));
                var either = $"{Day(date.DayFirst)} or {Day(date.MonthFirst)}";
                notes.Line(Problems.DateIsAmbiguous, date.Line, $"{notes.Column(date.Column)}: the date is {either}, and was left out.", date.At);
            }
            else
            {
                OrderOf(date.Column).Settled++;
            }

            if (order != date.Provisional)
            {
                Correct(date, order);
            }
        }

        notes.About(default);
        foreach (var (column, order) in orders.Where(pair => pair.Value.Settled > 0).OrderBy(pair => pair.Key))
        {
            var first = order.Known == DateOrder.DayFirst ? "day" : "month";
            notes.Line(
                Problems.DateOrderIsInferred, order.ProofLine, $"{notes.Column(column)}: {order.Settled} dates were read with the {first} first, as in '{order.Proof}'.");
        }
    }

    private void Correct(in Pending date, DateOrder order)
    {
        var seen = rows.LastSeen(date.Row);
        var before = Choose(date.DayFirst, date.MonthFirst, date.Provisional);
        var now = Choose(date.DayFirst, date.MonthFirst, order);

        // Another column may have given a later date.
        var other = seen == before ? null : seen;
        rows.SetLastSeen(date.Row, other > now ? other : now ?? other);
    }

    private static DateTimeOffset? Choose(DateTimeOffset dayFirst, DateTimeOffset monthFirst, DateOrder order) => order switch
    {
        DateOrder.DayFirst => dayFirst,
        DateOrder.MonthFirst => monthFirst,
        _ => null,
    };

    private static string Day(DateTimeOffset date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

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

        public string? Proof { get; private set; }

        public int ProofLine { get; private set; }

        public int Settled { get; set; }

        public void Learn(DateOrder shows, ReadOnlySpan<char> text, int line)
        {
            dayFirst |= shows == DateOrder.DayFirst;
            monthFirst |= shows == DateOrder.MonthFirst;
            if (Proof is null)
            {
                (Proof, ProofLine) = (RowNotes.Show(text), line);
            }
        }
    }

    private readonly record struct Pending(int Row, int Column, int Line, int At, DateTimeOffset DayFirst, DateTimeOffset MonthFirst, DateOrder Provisional);
}
