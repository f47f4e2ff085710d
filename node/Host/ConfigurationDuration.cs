using System.Buffers;
using System.Globalization;
using System.Text;

namespace Athens.Federation.Node.Host;

/// <summary>Durations as Go writes them (time.ParseDuration), and days: <c>90s</c>, <c>1h30m</c>, <c>1.5h</c>, <c>7d</c>.</summary>
internal static class ConfigurationDuration
{
    /// <summary>Longer than any duration that makes sense; keeps the arithmetic exact.</summary>
    private const int MaxLength = 40;

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    private static readonly (string Name, decimal Ticks)[] Units =
    [
        ("d", TimeSpan.TicksPerDay), ("h", TimeSpan.TicksPerHour), ("ms", TimeSpan.TicksPerMillisecond), ("m", TimeSpan.TicksPerMinute),
        ("s", TimeSpan.TicksPerSecond), ("us", TimeSpan.TicksPerMicrosecond),
        ("\u00B5s", TimeSpan.TicksPerMicrosecond), ("ns", 0.01m),
    ];

    /// <summary>Null when the text is no duration. No sign: no duration here can be negative.</summary>
    public static TimeSpan? Parse(string text)
    {
        if (text == "0")
        {
            return TimeSpan.Zero;
        }

        var rest = text.AsSpan();
        decimal ticks = 0;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(NumberCharacters);
            if (text.Length > MaxLength || digits <= 0
                || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return null;
            }

            rest = rest[digits..];
            var unit = UnitAt(rest);
            if (unit.Name is null || number > TimeSpan.MaxValue.Ticks / unit.Ticks)
            {
                return null;
            }

            ticks += number * unit.Ticks;
            rest = rest[unit.Name.Length..];
        }

        return text.Length == 0 || ticks > TimeSpan.MaxValue.Ticks ? null : TimeSpan.FromTicks((long)ticks);
    }

    /// <summary>The shortest form that is read back as the same: <c>1m30s</c>.</summary>
    public static string Format(TimeSpan duration)
    {
        var text = new StringBuilder();
        Append(duration.Days, "d");
        Append(duration.Hours, "h");
        Append(duration.Minutes, "m");
        Append(duration.Seconds, "s");
        Append(duration.Milliseconds, "ms");
        Append(duration.Microseconds, "us");
        Append(duration.Nanoseconds, "ns");
        return text.Length == 0 ? "0s" : text.ToString();

        void Append(int number, string unit)
        {
            if (number > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"{number}{unit}");
            }
        }
    }

    private static (string? Name, decimal Ticks) UnitAt(ReadOnlySpan<char> text)
    {
        foreach (var (name, ticks) in Units)
        {
            if (text.StartsWith(name, StringComparison.Ordinal))
            {
                return (name, ticks);
            }
        }

        return default;
    }
}
