namespace Tomlyn;

/// <summary>TOML's kinds of date and time; an offset is written as <c>Z</c> or as a number.</summary>
public enum TomlDateTimeKind
{
    OffsetDateTimeByZ,
    OffsetDateTimeByNumber,
    LocalDateTime,
    LocalDate,
    LocalTime,
}

/// <summary>A date, a time, or both; parts that the kind does not have are those of 0001-01-01T00:00:00Z.</summary>
/// <param name="DateTime">The value, cut to 100 ns.</param>
/// <param name="SecondPrecision">Digits of the fraction of a second that are kept, 0 to 7.</param>
/// <param name="Kind">Which parts were written.</param>
public record struct TomlDateTime(DateTimeOffset DateTime, int SecondPrecision, TomlDateTimeKind Kind);
