using System.Globalization;

namespace Athens.Federation.Tests.Hostile;

/// <summary>How much of a processor a process has used since a moment (Linux: proc_pid_stat(5), fields 14 and 15).</summary>
internal sealed class ProcessTime
{
    private const double TicksPerSecond = 100;

    private readonly int process;
    private readonly double before;

    private ProcessTime(int process)
    {
        this.process = process;
        before = Read();
    }

    /// <summary>Seconds of one processor, in user and kernel mode.</summary>
    public double Used => Read() - before;

    public static ProcessTime WatchFrom(int process) => new(process);

    /// <summary>The name in brackets apart, which may have blanks in it.</summary>
    private double Read()
    {
        string stat = File.ReadAllText($"/proc/{process}/stat");
        string[] rest = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(rest[11], CultureInfo.InvariantCulture) + long.Parse(rest[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }
}
