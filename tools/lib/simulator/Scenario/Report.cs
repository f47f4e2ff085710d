using System.Globalization;
using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Simulator.Clock;
using Athens.Federation.Simulator.Nodes;

namespace Athens.Federation.Simulator.Scenario;

/// <summary>The table in the end.</summary>
internal static class Report
{
    /// <summary>What is about modules; everything else that nodes tell one another is gossip.</summary>
    private static readonly string[] OfModules = ["Locate", "Versions", "Resolve", "Fetch", "Lookup"];

    public static async Task<IReadOnlyList<(string What, string Value)>> MakeAsync(Simulation simulation)
    {
        Ledger ledger = simulation.Ledger;
        SimulationOptions options = simulation.Options;
        DateTimeOffset start = simulation.Shared.Time.GetUtcNow() - simulation.Shared.Time.Elapsed + Simulation.WarmUp;
        (List<TimeSpan> spread, int missing) = await ledger.SpreadAsync(start, start + TimeSpan.FromMinutes(options.Minutes - 1));
        int all = ledger.Ends.Values.Sum();
        int hits = ledger.Ends.GetValueOrDefault(AnswerSource.Store);
        int misses = all - hits;
        int fromPeers = ledger.Ends.GetValueOrDefault("peer");
        double nodeHours = options.Nodes * (options.Minutes / 60.0);
        List<(string Name, double Bytes)> gossip =
        [
            .. simulation.Shared.Network.Traffic.Methods
                .Select(static one => (Name: one.Key[(one.Key.LastIndexOf('/') + 1)..], one.Value.Bytes))
                .Where(static one => !OfModules.Contains(one.Name, StringComparer.Ordinal))
                .Select(one => (one.Name, one.Bytes / nodeHours))
                .OrderByDescending(static one => one.Item2),
        ];
        ledger.CallsOfMiss.Sort();
        ledger.PeerTimes.Sort();
        ledger.UpstreamTimes.Sort();
        return
        [
            ("nodes, organizations, module versions", Text($"{options.Nodes}, {options.Orgs}, {options.Versions:N0}")),
            ("hostile nodes", Text($"{simulation.Nodes.Count(static node => node.Conduct != Conduct.Honest)} ({string.Join(", ", simulation.Nodes.Where(static node => node.Conduct != Conduct.Honest).CountBy(static node => node.Conduct).Select(static kind => $"{kind.Value} {kind.Key}"))})")),
            ("simulated time, killed and restarted, network in two parts", Text($"{options.Minutes} min, {simulation.Kills} nodes, {options.Partition} min")),
            ("requests at honest nodes", Text($"{all:N0}: {string.Join(", ", ledger.Ends.OrderByDescending(static end => end.Value).Select(static end => Text($"{end.Value:N0} {end.Key}")))}")),
            ("misses served from the pool", Text($"{Share(fromPeers, misses)} of {misses:N0} (quorum {options.Quorum})")),
            ("calls to peers for a miss", Text($"p50 {At(ledger.CallsOfMiss, 0.5)}, p99 {At(ledger.CallsOfMiss, 0.99)}")),
            ("a miss that peers answered", Text($"p50 {Milliseconds(ledger.PeerTimes, 0.5)}, p99 {Milliseconds(ledger.PeerTimes, 0.99)}")),
            ("a miss that upstream answered", Text($"p50 {Milliseconds(ledger.UpstreamTimes, 0.5)}, p99 {Milliseconds(ledger.UpstreamTimes, 0.99)}")),
            ("a record is known by 99 % of nodes after", Text($"p50 {Milliseconds(spread, 0.5)}, p99 {Milliseconds(spread, 0.99)} ({spread.Count:N0} records; {missing:N0} not known by as many in the end)")),
            ("gossip of a node in an hour", Text($"{gossip.Sum(static one => one.Bytes) / 1e6:0.0} MB: {string.Join(", ", gossip.Where(static one => one.Bytes > 1e4).Select(static one => Text($"{one.Name} {one.Bytes / 1e6:0.00}")))}")),
            ("calls of a node in an hour", Text($"{string.Join(", ", simulation.Shared.Network.Traffic.Methods.OrderByDescending(static one => one.Value.Calls).Select(one => Text($"{one.Key[(one.Key.LastIndexOf('/') + 1)..]} {one.Value.Calls / nodeHours:N0}")))}")),
            ("connections that a node keeps", Text($"{simulation.Nodes.Where(static node => node.IsUp).Select(static node => node.Connected).DefaultIfEmpty().Average():0.0}")),
            ("incidents known to a node", Text($"{simulation.Nodes.Where(static node => node.Conduct == Conduct.Honest && node.IsUp).Select(static node => node.Incidents.Count).DefaultIfEmpty().Average():0.0} ({string.Join(", ", Kinds(simulation))})")),
            ("wrong bytes accepted", Text($"{ledger.Failures.Count(static failure => failure.Contains("bytes", StringComparison.Ordinal))}")),
        ];
    }

    private static IEnumerable<string> Kinds(Simulation simulation) =>
        simulation.Nodes.Where(static node => node.Conduct == Conduct.Honest).SelectMany(static node => node.Incidents).DistinctBy(static incident => incident.Id)
            .CountBy(static incident => incident.Kind).Select(static kind => Text($"{kind.Value} {kind.Key}"));

    private static string Share(int some, int all) => all == 0 ? "none" : Text($"{100.0 * some / all:0.0} %");

    private static string Milliseconds(List<TimeSpan> sorted, double part) => sorted.Count == 0 ? "none" : Text($"{At(sorted, part).TotalMilliseconds:N0} ms");

    private static T? At<T>(List<T> sorted, double part) => sorted.Count == 0 ? default : sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * part))];

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
