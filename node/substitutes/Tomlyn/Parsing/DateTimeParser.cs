using Tomlyn.Syntax;

namespace Tomlyn.Parsing;

/// <summary>RFC 3339 dates and times, whole or in part.</summary>
internal static class DateTimeParser
{
    private const int DateLength = 10;
    private const int TimeLength = 8;
    private const int OffsetLength = 6;

    /// <summary>.NET counts in 100 ns; TOML lets a reader cut what it cannot hold.</summary>
    private const int KeptFractionDigits = 7;

    /// <summary>Whether a word begins like a date (<c>dddd-</c>) or a time (<c>dd:</c>), so that errors speak of dates.</summary>
    public static bool LooksLike(ReadOnlySpan<char> word) =>
        (word.Length > 4 && word[4] == '-' && AreDigits(word[..4])) || (word.Length > 2 && word[2] == ':' && AreDigits(word[..2]));

    /// <summary>A whole date: a blank and a time may follow it.</summary>
    public static bool IsDate(ReadOnlySpan<char> word) => word.Length == DateLength && LooksLike(word);

    /// <summary>The value, or null and what is wrong with it.</summary>
    public static DateTimeValueSyntax? Parse(string word, out string problem)
    {
        var rest = word.AsSpan();
        var date = DateOnly.MinValue;
        var hasDate = rest[2] != ':';
        problem = "not a date: expected YYYY-MM-DD";
        if (hasDate && !TryDate(ref rest, out date))
        {
            return null;
        }

        if (rest.IsEmpty)
        {
            problem = string.Empty;
            return Make(date.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero, 0, TomlDateTimeKind.LocalDate);
        }

        problem = "not a time: expected HH:MM:SS, perhaps with a fraction";
        if (hasDate)
        {
            if (rest[0] is not ('T' or 't' or ' '))
            {
                return null;
            }

            rest = rest[1..];
        }

        if (!TryTime(ref rest, out var time, out var precision))
        {
            return null;
        }

        return Combine(date, time, precision, hasDate, rest, out problem);
    }

    private static DateTimeValueSyntax? Combine(
        DateOnly date, TimeSpan time, int precision, bool hasDate, ReadOnlySpan<char> offset, out string problem)
    {
        problem = "the time lies outside of its day, or the date outside of the years 0001 to 9999";
        if (time >= TimeSpan.FromDays(1) && (!hasDate || date == DateOnly.MaxValue))
        {
            return null;
        }

        var local = date.ToDateTime(TimeOnly.MinValue) + time;
        if (offset.IsEmpty)
        {
            problem = string.Empty;
            return Make(local, TimeSpan.Zero, precision, hasDate ? TomlDateTimeKind.LocalDateTime : TomlDateTimeKind.LocalTime);
        }

        if (!hasDate || !TryOffset(offset, out var span))
        {
            problem = hasDate ? "not an offset: expected Z or +HH:MM" : "a time without a date has no offset";
            return null;
        }

        var utc = local.Ticks - span.Ticks;
        if (utc < DateTime.MinValue.Ticks || utc > DateTime.MaxValue.Ticks)
        {
            return null;
        }

        problem = string.Empty;
        var byZ = offset is "Z" or "z";

        // .NET knows offsets of up to 14 hours only: beyond them the same instant is told in UTC.
        return span.Duration() > TimeSpan.FromHours(14)
            ? Make(new DateTime(utc), TimeSpan.Zero, precision, TomlDateTimeKind.OffsetDateTimeByNumber)
            : Make(local, span, precision, byZ ? TomlDateTimeKind.OffsetDateTimeByZ : TomlDateTimeKind.OffsetDateTimeByNumber);
    }

    private static DateTimeValueSyntax Make(DateTime local, TimeSpan offset, int precision, TomlDateTimeKind kind) =>
        new() { Value = new TomlDateTime(new DateTimeOffset(local, offset), precision, kind) };

    private static bool TryDate(ref ReadOnlySpan<char> rest, out DateOnly date)
    {
        date = default;
        if (rest.Length < DateLength || rest[4] != '-' || rest[7] != '-'
            || !TryNumber(rest[..4], out var year) || !TryNumber(rest[5..7], out var month) || !TryNumber(rest[8..10], out var day)
            || year == 0 || month is 0 or > 12 || day == 0 || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        date = new DateOnly(year, month, day);
        rest = rest[DateLength..];
        return true;
    }

    private static bool TryTime(ref ReadOnlySpan<char> rest, out TimeSpan time, out int precision)
    {
        time = default;
        precision = 0;

        // RFC 3339 has second 60 for leap seconds: told as the second after.
        if (rest.Length < TimeLength || rest[2] != ':' || rest[5] != ':'
            || !TryNumber(rest[..2], out var hour) || !TryNumber(rest[3..5], out var minute) || !TryNumber(rest[6..8], out var second)
            || hour > 23 || minute > 59 || second > 60)
        {
            return false;
        }

        time = new TimeSpan(hour, minute, second);
        rest = rest[TimeLength..];
        if (rest is not ['.', ..])
        {
            return true;
        }

        var digits = 1;
        while (digits < rest.Length && char.IsAsciiDigit(rest[digits]))
        {
            digits++;
        }

        long ticks = 0;
        for (var i = 1; i <= KeptFractionDigits; i++)
        {
            ticks = (ticks * 10) + (i < digits ? rest[i] - '0' : 0);
        }

        precision = Math.Min(digits - 1, KeptFractionDigits);
        time += TimeSpan.FromTicks(ticks);
        rest = rest[digits..];
        return digits > 1;
    }

    private static bool TryOffset(ReadOnlySpan<char> text, out TimeSpan offset)
    {
        offset = TimeSpan.Zero;
        if (text is "Z" or "z")
        {
            return true;
        }

        if (text.Length != OffsetLength || text[0] is not ('+' or '-') || text[3] != ':'
            || !TryNumber(text[1..3], out var hours) || !TryNumber(text[4..6], out var minutes) || hours > 23 || minutes > 59)
        {
            return false;
        }

        offset = new TimeSpan(hours, minutes, 0) * (text[0] == '-' ? -1 : 1);
        return true;
    }

    private static bool AreDigits(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('0', '9');

    private static bool TryNumber(ReadOnlySpan<char> digits, out int value)
    {
        value = 0;
        foreach (var digit in digits)
        {
            value = (value * 10) + (digit - '0');
        }

        return AreDigits(digits);
    }
}
