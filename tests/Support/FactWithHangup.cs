using System.Globalization;

namespace Athens.Federation.Tests.Support;

/// <summary>A counted skip where SIGHUP is ignored, as under nohup: a node started here leaves it ignored, as it should.</summary>
public sealed class FactWithHangupAttribute : FactAttribute
{
    private const string Field = "SigIgn:";

    public FactWithHangupAttribute()
    {
        if (IsIgnored())
        {
            Skip = "SIGHUP is ignored in this session (nohup)";
        }
    }

    /// <summary>The lowest bit of the mask in /proc/self/status (proc_pid_status(5)); signal 1 is SIGHUP.</summary>
    private static bool IsIgnored() =>
        File.Exists("/proc/self/status")
        && File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith(Field, StringComparison.Ordinal)) is { } line
        && (ulong.Parse(line.AsSpan(Field.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & 1) == 1;
}
