using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.Pool;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Simulator.Clock;
using Athens.Federation.Simulator.Network;
using Athens.Federation.Simulator.Nodes;

namespace Athens.Federation.Simulator.Scenario;

/// <summary>A pool of nodes that starts, works for some time while nodes come and go and the network breaks, and is looked at in the end.</summary>
internal sealed class Simulation : IDisposable
{
    public static readonly TimeSpan WarmUp = TimeSpan.FromMinutes(10);

    /// <summary>For what is under way in the end.</summary>
    private static readonly TimeSpan CoolDown = TimeSpan.FromMinutes(3);

    /// <summary>Nodes of a pool are not all switched on in the same second.</summary>
    private static readonly TimeSpan Starting = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan MeanAbsence = TimeSpan.FromMinutes(10);

    private readonly SimulationOptions options;
    private readonly SimulatedTime time;
    private readonly Random random;
    private readonly Shared shared;
    private readonly List<SimulatedNode> nodes = [];

    /// <summary>Second processes of forkers, with the same keys.</summary>
    private readonly List<SimulatedNode> twins = [];
    private readonly ZipfChoice choice;
    private bool isOver;

    private Simulation(SimulationOptions options, Shared shared)
    {
        this.options = options;
        this.shared = shared;
        time = shared.Time;
        random = new Random(options.Seed);
        choice = new ZipfChoice(options.Versions, options.Skew / 100.0);
        for (int number = 0; number < options.Nodes; number++)
        {
            nodes.Add(new SimulatedNode(shared, number, number % options.Orgs, ConductOf(number)));
            if (nodes[number].Conduct == Conduct.Forker)
            {
                twins.Add(new SimulatedNode(shared, number, number % options.Orgs, Conduct.Forker, twin: 1));
            }
        }

        Ledger = new Ledger(time, nodes, shared.Network.Traffic);
    }

    public Ledger Ledger { get; }

    public IReadOnlyList<SimulatedNode> Nodes => nodes;

    public SimulationOptions Options => options;

    public Shared Shared => shared;

    public TimeSpan End => WarmUp + TimeSpan.FromMinutes(options.Minutes) + CoolDown;

    public int Kills { get; private set; }

    public static async Task<Simulation> CreateAsync(SimulationOptions options, SimulatedTime time, Clockwork clockwork, string folder)
    {
        SimulatedNetwork network = new(time, new Random(options.Seed + 1), new Traffic());
        PublicDatabase database = await PublicDatabase.CreateAsync(options.Versions, time, NodeKeyFiles.Make("sum.example.org", options.Seed));
        Simulation simulation = new(options, new Shared(time, clockwork, network, database, new Faults(), folder, options.Seed) { Mesh = options.Mesh });
        simulation.FoundPool();
        return simulation;
    }

    /// <summary>The whole run, by the simulated clock.</summary>
    public async Task RunAsync()
    {
        await Task.WhenAll(nodes.Concat(twins).Select(StartLaterAsync));
        _ = Task.WhenAll(nodes.Concat(twins).Select(DevelopAsync));
        await Until(WarmUp);
        shared.Network.Traffic.Clear();
        Ledger.IsMeasuring = true;
        _ = GuardAsync(ChurnAsync());
        TimeSpan measured = TimeSpan.FromMinutes(options.Minutes);
        TimeSpan apart = TimeSpan.FromMinutes(options.Partition);
        await Until(WarmUp + ((measured - apart) / 2));
        if (options.Partition > 0)
        {
            shared.Network.Split(static org => org % 2);
            await Until(WarmUp + ((measured + apart) / 2));
            shared.Network.Heal();
        }

        await Until(WarmUp + measured);
        Ledger.IsMeasuring = false;
        isOver = true;
        await Until(End - TimeSpan.FromSeconds(1));
        await LookAsync();
    }

    public void Dispose()
    {
        foreach (SimulatedNode node in nodes.Concat(twins))
        {
            node.Dispose();
        }
    }

    /// <summary>The last organizations are hostile, each node of them in one of four ways.</summary>
    private Conduct ConductOf(int number)
    {
        int org = number % options.Orgs;
        return org < options.Orgs - options.Hostile ? Conduct.Honest : (Conduct)(1 + (number / options.Orgs % 4));
    }

    /// <summary>All organizations stand in the first root, and all nodes know of one another, as in a pool that has been there for a while.</summary>
    private void FoundPool()
    {
        List<SigningKey> keys = [.. Enumerable.Range(0, options.Orgs).Select(org => NodeKeyFiles.Make($"{SimulatedNode.OrgNameOf(org)}/org", options.Seed))];
        PoolRoot root = PoolRoot.First("simulated", new PoolOrg(SimulatedNode.OrgNameOf(0), keys[0].Verifier), options.Quorum, time.GetUtcNow());
        for (int org = 1; org < options.Orgs; org++)
        {
            root = root.AddOrg(new PoolOrg(SimulatedNode.OrgNameOf(org), keys[org].Verifier));
        }

        byte[] signed = SignedNote.Sign(root.Text, [.. keys]);
        byte[][] statements =
        [
            .. nodes.Select(node => NodeStatement.Create(root.Sha256, node.OrgName, node.Description, time.GetUtcNow(), NodeStatement.UsualLife).Sign(keys[node.Org])),
        ];

        // Checked once: the statements of a thousand nodes in a thousand books would be gigabytes.
        PoolBook first = nodes[0].Book;
        Expect(first.Join(root.Sha256, [signed], nodes[0].OrgName));
        foreach (PoolTaken taken in first.TakeStatements([.. statements.Select(static statement => new ReadOnlyMemory<byte>(statement))]))
        {
            Expect(taken);
        }

        foreach (SimulatedNode node in nodes.Skip(1).Concat(twins))
        {
            Expect(node.Book.Join(first, node.OrgName));
        }
    }

    private static void Expect(PoolTaken taken)
    {
        if (taken.End != PoolEnd.Taken)
        {
            throw new InvalidOperationException(taken.Reason);
        }
    }

    private async Task StartLaterAsync(SimulatedNode node)
    {
        await Task.Delay(Starting * random.NextDouble(), time);
        await node.StartAsync();
    }

    private async Task DevelopAsync(SimulatedNode node)
    {
        Random own = new(options.Seed + 17 + node.Number);
        while (!isOver)
        {
            await Task.Delay(Exponential(own, TimeSpan.FromHours(1) / options.Requests), time);
            ModuleVersion module = World.Module(choice.Next(own));
            if (!node.IsUp || isOver)
            {
                continue;
            }

            if (node.Conduct == Conduct.Honest)
            {
                _ = GuardAsync(Ledger.RequestAsync(node, module));
            }
            else
            {
                _ = GuardAsync(node.RequestAsync(module));
            }
        }
    }

    private async Task ChurnAsync()
    {
        if (options.Churn == 0)
        {
            return;
        }

        TimeSpan mean = TimeSpan.FromHours(1) / (options.Nodes * options.Churn / 100.0);
        while (!isOver)
        {
            await Task.Delay(Exponential(random, mean), time);
            SimulatedNode node = nodes[random.Next(nodes.Count)];
            if (node.IsUp && !isOver)
            {
                Kills++;
                await node.KillAsync();
                _ = GuardAsync(ComeBackAsync(node, Exponential(random, MeanAbsence)));
            }
        }
    }

    private async Task ComeBackAsync(SimulatedNode node, TimeSpan absence)
    {
        await Task.Delay(absence, time);
        await node.StartAsync();
    }

    /// <summary>What every honest node holds is what everybody should have.</summary>
    private async Task LookAsync()
    {
        foreach (SimulatedNode node in nodes.Where(static node => node.Conduct == Conduct.Honest))
        {
            foreach (IndexEntry entry in await node.IndexAsync(DateTimeOffset.MinValue))
            {
                if (await node.HeldHashAsync(entry.Module) != World.ZipHash(entry.Module))
                {
                    Ledger.Failures.Add($"{node.Name} holds other bytes of {entry.Module} than it should");
                }
            }
        }

        Ledger.Failures.AddRange(shared.Faults.Told.Where(static line => line.Contains("Fault", StringComparison.Ordinal)).Select(static line => $"a node logged: {line}"));
    }

    private async Task GuardAsync(Task work)
    {
        try
        {
            await work;
        }
        catch (Exception exception) when (exception is not ObjectDisposedException and not OperationCanceledException)
        {
            // Of a node that was killed meanwhile nothing else is expected.
            Ledger.Failures.Add($"at {time.Elapsed}: {exception}");
        }
        catch (Exception)
        {
            // Its node is gone.
        }
    }

    private Task Until(TimeSpan moment) => Task.Delay(moment - time.Elapsed, time);

    private static TimeSpan Exponential(Random random, TimeSpan mean) => mean * -Math.Log(1 - random.NextDouble());
}
