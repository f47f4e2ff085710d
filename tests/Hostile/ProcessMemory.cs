using System.Globalization;

namespace Athens.Federation.Tests.Hostile;

/// <summary>How much more memory a process has taken at its worst since a moment (Linux: proc(5), VmHWM and clear_refs).</summary>
internal sealed class ProcessMemory
{
    private readonly int process;
    private readonly long before;

    private ProcessMemory(int process)
    {
        this.process = process;
        File.WriteAllText($"/proc/{process}/clear_refs", "5");
        before = Read("VmRSS:");
    }

    /// <summary>Bytes between resident memory then and its peak since.</summary>
    public long Growth => Read("VmHWM:") - before;

    /// <summary>The most resident memory since then.</summary>
    public long Peak => Read("VmHWM:");

    /// <summary>1, or more while the machine has more than twice as much to do as it has cores (proc(5), loadavg).</summary>
    public static double Crowd()
    {
        double load = double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);
        return Math.Max(1, load / (2 * Environment.ProcessorCount));
    }

    public static ProcessMemory WatchFrom(int process) => new(process);

    private long Read(string field)
    {
        string line = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) << 10;
    }
}
