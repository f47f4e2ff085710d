using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Grpc.AspNetCore.Server.Wire;

/// <summary>The header grpc-timeout: at most eight digits and a unit. What is not one is no deadline.</summary>
internal static class TimeoutText
{
    private const int MostDigits = 8;

    public static bool TryParse(StringValues header, out TimeSpan timeout)
    {
        timeout = default;
        if (header.Count != 1 || header[0] is not { Length: >= 2 and <= MostDigits + 1 } text ||
            !long.TryParse(text.AsSpan(..^1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return false;
        }

        long? ticks = text[^1] switch
        {
            'H' => count * TimeSpan.TicksPerHour,
            'M' => count * TimeSpan.TicksPerMinute,
            'S' => count * TimeSpan.TicksPerSecond,
            'm' => count * TimeSpan.TicksPerMillisecond,
            'u' => count * TimeSpan.TicksPerMicrosecond,
            'n' => count / TimeSpan.NanosecondsPerTick,
            _ => null,
        };
        timeout = TimeSpan.FromTicks(ticks ?? 0);
        return ticks is not null;
    }
}
