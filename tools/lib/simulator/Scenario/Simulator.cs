using System.Diagnostics;
using System.Globalization;
using Athens.Federation.Simulator.Clock;

namespace Athens.Federation.Simulator.Scenario;

/// <summary>Runs a simulation to its end and tells of it.</summary>
internal static class Simulator
{
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(1);

    /// <summary>0: nothing happened that must not; 1: something did.</summary>
    public static int Run(SimulationOptions options, TextWriter output, TextWriter progress)
    {
        string folder = Directory.CreateTempSubdirectory("athens-simulation-").FullName;
        SimulatedTime time = new();
        Clockwork clockwork = new(time);
        try
        {
            long start = Stopwatch.GetTimestamp();
            progress.WriteLine(Text($"seed {options.Seed}: making {options.Nodes} nodes of {options.Orgs} organizations, and {options.Versions:N0} module versions"));
            using Simulation simulation = Task.Run(() => Simulation.CreateAsync(options, time, clockwork, folder)).GetAwaiter().GetResult();
            Task run = Task.Run(simulation.RunAsync);
            for (TimeSpan moment = Step; !run.IsCompleted && moment <= simulation.End + Step; moment += Step)
            {
                clockwork.RunUntil(moment);
                progress.WriteLine(Text(
                    $"{moment:h\\:mm} simulated, {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s: {simulation.Nodes.Count(static node => node.IsUp)} nodes up, {simulation.Nodes.Sum(static node => node.Connected):N0} connections, {simulation.Ledger.Ends.Values.Sum():N0} requests, {GC.GetTotalMemory(true) >> 20} MiB"));
            }

            run.GetAwaiter().GetResult();
            return Tell(simulation, output);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static int Tell(Simulation simulation, TextWriter output)
    {
        IReadOnlyList<(string What, string Value)> rows = Task.Run(() => Report.MakeAsync(simulation)).GetAwaiter().GetResult();
        int width = rows.Max(static row => row.What.Length);
        foreach ((string what, string value) in rows)
        {
            output.WriteLine($"{what.PadRight(width)}  {value}");
        }

        foreach (string failure in simulation.Ledger.Failures.Distinct(StringComparer.Ordinal).Take(20))
        {
            output.WriteLine($"FAILED: {failure}");
        }

        foreach (string told in simulation.Shared.Faults.Told)
        {
            output.WriteLine($"logged as an error: {told.Split('\n')[0]}");
        }

        output.WriteLine(Text($"seed {simulation.Options.Seed}: {(simulation.Ledger.Failures.Count == 0 ? "nothing unverified was accepted" : $"{simulation.Ledger.Failures.Count} failures")}"));
        return simulation.Ledger.Failures.Count == 0 ? 0 : 1;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
