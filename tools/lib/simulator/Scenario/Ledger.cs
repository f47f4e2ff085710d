using System.Runtime.CompilerServices;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Simulator.Clock;
using Athens.Federation.Simulator.Network;
using Athens.Federation.Simulator.Nodes;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Simulator.Scenario;

/// <summary>What is measured while the simulation runs.</summary>
internal sealed class Ledger
{
    private readonly SimulatedTime time;
    private readonly IReadOnlyList<SimulatedNode> nodes;
    private readonly Dictionary<string, int> owners;
    private readonly Dictionary<(int Node, string Path, string Version), int> calls = [];

    /// <summary>How far each node has each log, by numbers of nodes.</summary>
    private readonly long[,] progress;

    /// <summary>Of each node's log, record by record: how many have it, and when nearly all had it.</summary>
    private readonly List<(int Holders, long At)>[] spread;
    private readonly ConditionalWeakTable<object, StrongBox<long>> pulls = [];

    public Ledger(SimulatedTime time, IReadOnlyList<SimulatedNode> nodes, Traffic traffic)
    {
        this.time = time;
        this.nodes = nodes;
        owners = nodes.ToDictionary(static node => node.LogName, static node => node.Number, StringComparer.Ordinal);
        progress = new long[nodes.Count, nodes.Count];
        spread = [.. nodes.Select(static _ => new List<(int, long)>())];
        traffic.Asked = Asked;
        traffic.Answered = Answered;
    }

    /// <summary>Requests at honest nodes by what became of them.</summary>
    public Dictionary<string, int> Ends { get; } = new(StringComparer.Ordinal);

    /// <summary>Calls to peers for one miss.</summary>
    public List<int> CallsOfMiss { get; } = [];

    /// <summary>Of misses that peers answered.</summary>
    public List<TimeSpan> PeerTimes { get; } = [];

    /// <summary>Of misses that upstream answered.</summary>
    public List<TimeSpan> UpstreamTimes { get; } = [];

    /// <summary>What must never happen, in sentences.</summary>
    public List<string> Failures { get; } = [];

    public bool IsMeasuring { get; set; }

    /// <summary>One request of a developer, from asking to the bytes.</summary>
    public async Task RequestAsync(SimulatedNode node, ModuleVersion module)
    {
        (int Number, string Path, string Version) miss = (node.Number, module.Path, module.Version);
        bool isFirst = calls.TryAdd(miss, 0);
        long start = time.GetTimestamp();
        Outcome<StoredFile> outcome = await node.RequestAsync(module);
        using StoredFile? file = outcome.Value;
        if (file is not null && !file.Bytes.Span.SequenceEqual(World.Zip(module, isForged: false)))
        {
            Failures.Add($"at {time.Elapsed} {node.Name} gave a developer wrong bytes of {module}, from {outcome.Source}");
        }

        if (IsMeasuring && isFirst)
        {
            Note(outcome, time.GetElapsedTime(start), calls[miss]);
        }

        if (isFirst)
        {
            calls.Remove(miss);
        }
    }

    /// <summary>How long records of honest nodes took from being stored to being known by 99 % of the honest nodes that were up, in order; and how many did not get there.</summary>
    public async Task<(List<TimeSpan> Times, int Missing)> SpreadAsync(DateTimeOffset from, DateTimeOffset to)
    {
        List<TimeSpan> times = [];
        int missing = 0;
        foreach (SimulatedNode node in nodes.Where(static node => node.Conduct == Conduct.Honest))
        {
            foreach (IndexEntry entry in (await node.IndexAsync(from)).Where(entry => entry.StoredAt < to))
            {
                if (await node.RecordOfAsync(entry.Module) is { } number && number < spread[node.Number].Count && spread[node.Number][(int)number].At is > 0 and var at)
                {
                    times.Add(DateTimeOffset.UnixEpoch.AddTicks(at - DateTimeOffset.UnixEpoch.Ticks) - entry.StoredAt);
                }
                else
                {
                    missing++;
                }
            }
        }

        times.Sort();
        return (times, missing);
    }

    private void Note(Outcome<StoredFile> outcome, TimeSpan took, int peerCalls)
    {
        string end = !outcome.IsFound ? outcome.Kind.ToString() : outcome.Source.StartsWith("peer:", StringComparison.Ordinal) ? "peer" : outcome.Source;
        Ends[end] = Ends.GetValueOrDefault(end) + 1;
        if (end != AnswerSource.Store)
        {
            CallsOfMiss.Add(peerCalls);
        }

        if (end == "peer")
        {
            PeerTimes.Add(took);
        }
        else if (end == AnswerSource.Upstream)
        {
            UpstreamTimes.Add(took);
        }
    }

    private void Asked(SimulatedHost from, object request)
    {
        switch (request)
        {
            case Wire.LocateRequest locate:
                foreach (Wire.ModuleVersion module in locate.Modules)
                {
                    Count(from, module);
                }

                break;
            case Wire.FetchRequest fetch:
                Count(from, fetch.Module);
                break;
        }
    }

    private void Count(SimulatedHost from, Wire.ModuleVersion module)
    {
        if (calls.TryGetValue((from.Number, module.Path, module.Version), out int before))
        {
            calls[(from.Number, module.Path, module.Version)] = before + 1;
        }
    }

    private void Answered(SimulatedHost to, object request, object response)
    {
        if (request is not Wire.RecordsRequest records || response is not Wire.RecordsFrame frame || !owners.TryGetValue(records.Log, out int owner))
        {
            return;
        }

        StrongBox<long> next = pulls.GetValue(records, static pull => new StrongBox<long>((long)((Wire.RecordsRequest)pull).First));
        long first = next.Value;
        next.Value += frame.Leaves.Count;
        if (nodes[to.Number].Conduct != Conduct.Honest)
        {
            return;
        }

        long known = progress[owner, to.Number];
        progress[owner, to.Number] = Math.Max(known, next.Value);
        for (long number = Math.Max(first, known); number < next.Value; number++)
        {
            Reached(owner, (int)number);
        }
    }

    private void Reached(int owner, int number)
    {
        List<(int Holders, long At)> records = spread[owner];
        while (records.Count <= number)
        {
            records.Add(default);
        }

        (int holders, long at) = records[number];
        holders++;
        records[number] = (holders, at == 0 && holders >= Wanted(owner) ? time.GetUtcNow().Ticks : at);
    }

    /// <summary>Nearly all who can have a record of a node's log by now.</summary>
    private int Wanted(int owner) => (int)Math.Ceiling(0.99 * nodes.Count(node => node.IsUp && node.Conduct == Conduct.Honest && node.Number != owner));
}
