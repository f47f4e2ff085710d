using System.Globalization;

namespace Grpc.Net.Client.Wire;

/// <summary>The value of a grpc-timeout header: at most eight digits and a unit.</summary>
internal static class TimeoutText
{
    private const long LargestNumber = 99_999_999;

    private static readonly (long TicksPerUnit, char Unit)[] Units =
    [
        (TimeSpan.TicksPerMicrosecond, 'u'),
        (TimeSpan.TicksPerMillisecond, 'm'),
        (TimeSpan.TicksPerSecond, 'S'),
        (TimeSpan.TicksPerMinute, 'M'),
        (TimeSpan.TicksPerHour, 'H'),
    ];

    /// <summary>
    /// In the finest unit that has room, rounded up: the server should not give up before the client does. A timeout of
    /// nothing is the least there is, a nanosecond.
    /// </summary>
    public static string Of(TimeSpan timeout)
    {
        if (timeout <= TimeSpan.Zero)
        {
            return "1n";
        }

        foreach ((long ticksPerUnit, char unit) in Units)
        {
            long number = (timeout.Ticks / ticksPerUnit) + (timeout.Ticks % ticksPerUnit == 0 ? 0 : 1);
            if (number <= LargestNumber)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{number}{unit}");
            }
        }

        return $"{LargestNumber}H";
    }
}
