using System.Globalization;

namespace MdbDeploy.Inventory;

/// <summary>What a text turned out to be as a date.</summary>
internal enum DateKind
{
    /// <summary>A date.</summary>
    Date,

    /// <summary>A stand-in for "never": the zero of some clock, or year 9999.</summary>
    Never,

    /// <summary>Day and month could be either way round.</summary>
    Ambiguous,

    /// <summary>The number of days by which Excel counts dates.</summary>
    ExcelNumber,

    /// <summary>No date, or one that does not exist.</summary>
    Invalid,
}

/// <summary>In which order a column writes day and month, as far as its other values tell.</summary>
internal enum DateOrder
{
    /// <summary>No value told.</summary>
    Unknown,

    /// <summary>As in 19/11/2025.</summary>
    DayFirst,

    /// <summary>As in 11/19/2025.</summary>
    MonthFirst,
}

/// <summary>
/// Dates as exports write them: ISO 8601, the Intune portal's seven-digit fractions, the day and month order of whoever exported, WMI and LDAP times, FILETIME
/// numbers, Excel's day numbers. A time without zone counts as UTC: for "seen in the last weeks" hours do not matter.
/// </summary>
/// <param name="Kind">What the text is.</param>
/// <param name="Value">The date; when ambiguous, with the first number as the day.</param>
/// <param name="Swapped">When ambiguous, the date with the first number as the month.</param>
/// <param name="Shows">The order this value proves, because it is possible in only one.</param>
internal readonly record struct DateText(DateKind Kind, DateTimeOffset Value = default, DateTimeOffset Swapped = default, DateOrder Shows = DateOrder.Unknown)
{
    private static readonly DateText Invalid = new(DateKind.Invalid);

    /// <summary>Reads a trimmed text.</summary>
    public static DateText Parse(ReadOnlySpan<char> text)
    {
        var digits = text.IndexOfAnyExceptInRange('0', '9');
        digits = digits < 0 ? text.Length : digits;
        return digits switch
        {
            4 when text.Length >= 8 && text[4] is '-' or '/' or '.' => YearFirst(text),
            1 or 2 when text.Length >= 8 && text[digits] is '.' or '/' or '-' => YearLast(text, digits),
            14 => Compact(text),
            17 or 18 when text.Length == digits => FileTime(text),
            19 when text.SequenceEqual("9223372036854775807") => new(DateKind.Never),
            1 when text.Length == 1 && text[0] == '0' => new(DateKind.Never),
            5 when text.Length == 5 || text[5] is '.' or ',' => ExcelNumber(text),
            _ => Invalid,
        };
    }

    private static DateText YearFirst(ReadOnlySpan<char> text)
    {
        var separator = text[4];
        var rest = text[5..];
        return Number(ref rest, 2, out var month) && Skip(ref rest, separator) && Number(ref rest, 2, out var day) && Time(rest, out var time, out var zone)
            ? Of(Digits(text[..4]), month, day, time, zone)
            : Invalid;
    }

    private static DateText YearLast(ReadOnlySpan<char> text, int digits)
    {
        var separator = text[digits];
        var rest = text;
        if (!Number(ref rest, 2, out var first) || !Skip(ref rest, separator) || !Number(ref rest, 2, out var second) || !Skip(ref rest, separator)
            || rest.Length < 4 || !Number(ref rest, 4, out var year) || year < 1000 || !Time(rest, out var time, out var zone))
        {
            return Invalid;
        }

        var dayFirst = Of(year, second, first, time, zone);
        if (separator == '.')
        {
            // Only countries that put the day first write dots.
            return dayFirst;
        }

        var monthFirst = Of(year, first, second, time, zone);
        return (dayFirst.Kind, monthFirst.Kind) switch
        {
            (DateKind.Invalid, DateKind.Invalid) => Invalid,
            (DateKind.Invalid, _) => monthFirst with { Shows = first <= 12 && second > 12 ? DateOrder.MonthFirst : DateOrder.Unknown },
            (_, DateKind.Invalid) => dayFirst with { Shows = second <= 12 && first > 12 ? DateOrder.DayFirst : DateOrder.Unknown },
            (DateKind.Never, _) => dayFirst,
            _ => first == second ? dayFirst : new(DateKind.Ambiguous, dayFirst.Value, monthFirst.Value),
        };
    }

    /// <summary><c>20251120060211.000000+060</c> (WMI, offset in minutes) and <c>20251120060211.0Z</c> (LDAP).</summary>
    private static DateText Compact(ReadOnlySpan<char> text)
    {
        var time = new TimeSpan(Digits(text[8..10]), Digits(text[10..12]), Digits(text[12..14]));
        var tail = text[14..];
        var zone = TimeSpan.Zero;
        if (tail.LastIndexOfAny('+', '-') is >= 0 and var sign && int.TryParse(tail[sign..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var minutes))
        {
            zone = TimeSpan.FromMinutes(Math.Clamp(minutes, -840, 840));
        }
        else if (!tail.IsEmpty && tail[0] != '.' && !tail.SequenceEqual("Z"))
        {
            return Invalid;
        }

        return time < TimeSpan.FromDays(1) ? Of(Digits(text[..4]), Digits(text[4..6]), Digits(text[6..8]), time, zone) : Invalid;
    }

    private static DateText FileTime(ReadOnlySpan<char> text)
    {
        var ticks = long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
        return ticks <= DateTime.MaxValue.Ticks - DateTime.FromFileTimeUtc(0).Ticks ? Of(new DateTimeOffset(DateTime.FromFileTimeUtc(ticks), TimeSpan.Zero)) : Invalid;
    }

    private static DateText ExcelNumber(ReadOnlySpan<char> text)
    {
        Span<char> number = stackalloc char[24];
        if (text.Length > number.Length)
        {
            return Invalid;
        }

        text.Replace(number, ',', '.');
        return double.TryParse(number[..text.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var days) && days is >= 30000 and < 80000
            ? new(DateKind.ExcelNumber, new DateTimeOffset(DateTime.FromOADate(days), TimeSpan.Zero))
            : Invalid;
    }

    private static DateText Of(int year, int month, int day, TimeSpan time, TimeSpan zone)
    {
        if (year is < 1 or > 9999 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
        {
            return Invalid;
        }

        // The zone must not push the first and the last day of the calendar over its edges.
        return year is <= 1601 or >= 9999 ? new(DateKind.Never) : Of(new DateTimeOffset(new DateTime(year, month, day) + time, zone).ToUniversalTime());
    }

    private static DateText Of(DateTimeOffset value) => IsNever(value) ? new(DateKind.Never) : new(DateKind.Date, value);

    /// <summary>The years 1, 1601 (FILETIME), 1899 and 1900 (OLE, Excel, SQL Server) and the first day of 1970 (Unix) are the zeros of clocks.</summary>
    private static bool IsNever(DateTimeOffset value) => value.Year is <= 1601 or 1899 or 1900 or >= 9999 || value is { Year: 1970, DayOfYear: 1 };

    /// <summary>The rest after the date: nothing, or a time with seconds, fraction, AM or PM and zone as far as they are there.</summary>
    private static bool Time(ReadOnlySpan<char> rest, out TimeSpan time, out TimeSpan zone)
    {
        time = zone = TimeSpan.Zero;
        if (rest.IsEmpty)
        {
            return true;
        }

        if (!(rest[0] is 'T' or ',' || char.IsWhiteSpace(rest[0])))
        {
            return false;
        }

        rest = rest[1..].TrimStart();
        if (!Number(ref rest, 2, out var hour) || rest.IsEmpty)
        {
            return false;
        }

        // Danes and Finns write 07.14.55.
        var colon = rest[0] == '.' ? '.' : ':';
        if (!Skip(ref rest, colon) || !Number(ref rest, 2, out var minute))
        {
            return false;
        }

        var second = 0;
        if (Skip(ref rest, colon) && !Number(ref rest, 2, out second))
        {
            return false;
        }

        if (Skip(ref rest, '.') || Skip(ref rest, ','))
        {
            // Fractions do not matter here, but they must be digits.
            var end = rest.IndexOfAnyExceptInRange('0', '9');
            rest = end < 0 ? default : rest[end..];
        }

        // .NET and ICU put a narrow no-break space before AM and PM.
        rest = rest.TrimStart();
        if (rest.StartsWith("AM", StringComparison.OrdinalIgnoreCase) || rest.StartsWith("PM", StringComparison.OrdinalIgnoreCase))
        {
            if (hour is < 1 or > 12)
            {
                return false;
            }

            hour = (hour % 12) + (rest[0] is 'P' or 'p' ? 12 : 0);
            rest = rest[2..].TrimStart();
        }

        if (hour > 23 || minute > 59 || second > 60)
        {
            return false;
        }

        time = new TimeSpan(hour, minute, Math.Min(second, 59));
        return Zone(rest, out zone);
    }

    private static bool Zone(ReadOnlySpan<char> rest, out TimeSpan zone)
    {
        zone = TimeSpan.Zero;
        if (rest.IsEmpty || rest is "Z" or "z" or "UTC" or "GMT")
        {
            return true;
        }

        var negative = rest[0] == '-';
        if (rest[0] is not ('+' or '-'))
        {
            return false;
        }

        rest = rest[1..];
        if (!Number(ref rest, 2, out var hours))
        {
            return false;
        }

        Skip(ref rest, ':');
        var minutes = 0;
        if (!rest.IsEmpty && !Number(ref rest, 2, out minutes))
        {
            return false;
        }

        zone = new TimeSpan(hours, minutes, 0);
        zone = negative ? -zone : zone;
        return rest.IsEmpty && hours <= 14 && minutes < 60 && zone.Duration() <= TimeSpan.FromHours(14);
    }

    private static bool Number(ref ReadOnlySpan<char> rest, int most, out int value)
    {
        value = 0;
        var length = 0;
        while (length < most && length < rest.Length && char.IsAsciiDigit(rest[length]))
        {
            value = (value * 10) + (rest[length++] - '0');
        }

        rest = rest[length..];
        return length > 0;
    }

    private static bool Skip(ref ReadOnlySpan<char> rest, char c)
    {
        if (rest.IsEmpty || rest[0] != c)
        {
            return false;
        }

        rest = rest[1..];
        return true;
    }

    private static int Digits(ReadOnlySpan<char> text)
    {
        var value = 0;
        foreach (var c in text)
        {
            value = (value * 10) + (c - '0');
        }

        return value;
    }
}
