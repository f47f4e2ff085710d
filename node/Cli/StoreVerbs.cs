using System.Globalization;
using Athens.Federation.Node.Storage;

namespace Athens.Federation.Node.Cli;

/// <summary>Maintains a store and tells a person what was found: findings on standard output, one a line, then the sums.</summary>
internal static class StoreVerbs
{
    public static async Task<int> VerifyAsync(StoreMaintenance store, CancellationToken cancellationToken)
    {
        var report = await store.VerifyAsync(new Printed(), cancellationToken);
        return Tell(report, $"{Count(report.Good)} good");
    }

    public static async Task<int> RebuildAsync(StoreMaintenance store, CancellationToken cancellationToken)
    {
        var report = await store.RebuildAsync(new Printed(), cancellationToken);
        return Tell(report, $"{Count(report.Good)} known and good, {Count(report.Added)} added");
    }

    public static async Task<int> ImportAsync(StoreMaintenance store, string folder, long minFree, CancellationToken cancellationToken)
    {
        var report = await store.ImportAsync(folder, minFree, new Printed(), cancellationToken);
        return Tell(report, $"{Count(report.Added)} taken over, {Count(report.Good)} held already");
    }

    private static int Tell(StoreReport report, string sums)
    {
        Console.Out.WriteLine($"module versions: {sums}; problems: {Count(report.Problems)}");
        if (report.Conflicts > 0)
        {
            Console.Error.WriteLine($"athens: {Count(report.Conflicts)} of the problems are conflicting hashes: somebody changed a module version; the held bytes stay");
            return ExitCodes.SecurityFailure;
        }

        return report.Problems == 0 ? ExitCodes.Done : ExitCodes.CouldNot;
    }

    private static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private sealed class Printed : IProgress<StoreFinding>
    {
        public void Report(StoreFinding value) => Console.Out.WriteLine($"{value.Kind.ToString().ToLowerInvariant()}: {value.Message}");
    }
}
