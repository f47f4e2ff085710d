using System.Net;
using Makaretu.Dns;

namespace Athens.Federation.Node.Discovery;

/// <summary>
/// Tells the LAN of this node and finds the others there, by DNS-SD over multicast DNS. Nothing else of the node needs it: where it cannot be had that is said
/// once, and the node goes on.
/// </summary>
/// <param name="key">This node's identity key, 32 bytes.</param>
/// <param name="reached">Where peers connect to; null when they are not served. Asked once, at the start.</param>
/// <param name="tag">Of the pool.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The room's.</param>
internal sealed class LanDiscovery(ReadOnlyMemory<byte> key, Func<IPEndPoint?> reached, PoolTag tag, TimeProvider time, ILogger<LanDiscovery> logger)
    : IHostedService, INeighbourhood, IDisposable
{
    /// <summary>Questions in one packet: thirty names of ours fit into an Ethernet frame.</summary>
    private const int QuestionsInPacket = 30;

    /// <summary>What is due within this time is asked for together.</summary>
    private const long Together = 500;

    /// <summary>A node that was lost without a word may be back, and it may be this one that was away: the LAN is asked again, after this.</summary>
    private const long AfterLoss = 60_000;

    /// <summary>A card that comes and goes begins the asking anew at most so often.</summary>
    private const long BetweenBeginnings = 1000;

    /// <summary>Between two lookings at who is there now: a flood of packets costs no more.</summary>
    private const long BetweenLooks = 200;

    private readonly long epoch = time.GetTimestamp();
    private readonly NearAddresses near = new();

    // Guards all below.
    private readonly Lock gate = new();
    private readonly Random random = new();
    private Sightings? sightings;
    private BrowseSchedule? browse;
    private MulticastService? mdns;
    private ServiceDiscovery? services;
    private OwnInstance? own;
    private ITimer? timer;
    private string instance = "";
    private bool isOver;
    private long lookAt = long.MaxValue;
    private long looked = -BetweenLooks;

    /// <summary>When the timer goes off; it is not put off by packets that come meanwhile.</summary>
    private long armed = long.MaxValue;

    private volatile IReadOnlyList<Neighbour> current = [];

    public event Action? Changed;

    public IReadOnlyList<Neighbour> Current => current;

    private long Now => (long)time.GetElapsedTime(epoch).TotalMilliseconds;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            Begin();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Of the system's calls for sockets and interfaces many can fail, each in ways of its own; none of them matters to the node.
            logger.CannotDiscover(exception.Message);
            End();
        }

        return Task.CompletedTask;
    }

    /// <summary>Says goodbye.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        End();
        return Task.CompletedTask;
    }

    public void Dispose() => End();

    private void Begin()
    {
        near.Look();
        lock (gate)
        {
            sightings = new Sightings(near.Contains, random);
            browse = new BrowseSchedule(random);
            timer = time.CreateTimer(_ => Run(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            mdns = new MulticastService();
            services = new ServiceDiscovery(mdns);
            own = reached() is { } address && new OwnInstance(key, address) is { IsReachable: true } reachable ? reachable : null;
        }

        mdns.AnswerReceived += (_, heard) => Take(heard);
        mdns.NetworkInterfaceDiscovered += (_, _) => Follow();
        mdns.Start();
        if (own is null)
        {
            logger.Browsing();
            return;
        }

        own.Fill(tag.Current, near.Own);
        services.Advertise(own.Profile);
        tag.Changed += Tell;
        instance = own.Profile.InstanceName.ToString();
        logger.Publishing(instance, own.Profile.Resources.OfType<SRVRecord>().First().Port);
    }

    private void End()
    {
        tag.Changed -= Tell;
        lock (gate)
        {
            if (isOver)
            {
                return;
            }

            isOver = true;
            timer?.Dispose();
        }

        try
        {
            services?.Unadvertise();
        }
        catch (Exception exception) when (exception is InvalidOperationException or System.Net.Sockets.SocketException)
        {
            // It was never begun: nobody waits for a goodbye.
        }

        services?.Dispose();
        mdns?.Dispose();
    }

    /// <summary>The interfaces have changed: this node may have other addresses, and others may be near.</summary>
    private void Follow()
    {
        near.Look();
        lock (gate)
        {
            browse!.Begin(browse.Next == long.MaxValue ? Now : Now + BetweenBeginnings);
            Schedule();
        }

        Tell();
    }

    private void Tell()
    {
        if (own is { } told && services is { } telling)
        {
            told.Fill(tag.Current, near.Own);

            // Not on this thread, which tells of the interfaces: the published package announces twice before it comes back.
            _ = Task.Run(() => telling.Announce(told.Profile));
        }
    }

    private void Take(MessageEventArgs heard)
    {
        lock (gate)
        {
            if (isOver)
            {
                return;
            }

            if (sightings!.Take(heard.Message, heard.RemoteEndPoint, Now))
            {
                lookAt = Math.Min(lookAt, Math.Max(Now, looked + BetweenLooks));
                Schedule();
            }
        }

        if (Volatile.Read(ref lookAt) <= Now)
        {
            Publish();
        }
    }

    private void Run()
    {
        lock (gate)
        {
            if (isOver)
            {
                return;
            }

            armed = long.MaxValue;
            if (sightings!.Expire(Now))
            {
                browse!.Begin(Now + AfterLoss);
            }

            Ask();
            Schedule();
        }

        Publish();
    }

    private void Ask()
    {
        if (browse!.Next <= Now)
        {
            var query = new Message { Answers = [.. sightings!.KnownAnswers(Now)] };
            query.Questions.Add(new Question { Name = DomainName.Join(new DomainName(OwnInstance.Service), "local"), Type = DnsType.PTR });
            mdns!.SendQuery(query);
            browse.Asked(Now);
        }

        foreach (var questions in sightings!.Questions(Now + Together).Chunk(QuestionsInPacket))
        {
            var query = new Message();
            query.Questions.AddRange(questions);
            mdns!.SendQuery(query);
        }
    }

    private void Schedule()
    {
        var due = Math.Min(lookAt, Math.Min(browse!.Next, sightings!.Due));
        if (!isOver && due < armed)
        {
            armed = due;
            timer!.Change(TimeSpan.FromMilliseconds(Math.Clamp(due - Now, 10, BrowseSchedule.Longest)), Timeout.InfiniteTimeSpan);
        }
    }

    private void Publish()
    {
        lock (gate)
        {
            (lookAt, looked) = (long.MaxValue, Now);
            List<Neighbour> after = [.. sightings!.Neighbours().Where(neighbour => !neighbour.ClaimedKey.Span.SequenceEqual(key.Span))];
            SayName();
            if (after.SequenceEqual(current))
            {
                return;
            }

            SayChanges(current, after);
            current = after;
        }

        Changed?.Invoke();
    }

    private void SayChanges(IReadOnlyList<Neighbour> before, List<Neighbour> after)
    {
        foreach (var other in after.Except(before))
        {
            logger.Neighbour(other.Instance, string.Join(' ', other.Endpoints));
        }

        foreach (var gone in before.Select(static one => one.Instance).Except(after.Select(static one => one.Instance), StringComparer.Ordinal))
        {
            logger.NeighbourGone(gone);
        }
    }

    private void SayName()
    {
        if (own is { } told && told.Profile.InstanceName.ToString() is var name && name != instance && instance.Length > 0)
        {
            logger.Renamed(instance, name);
            instance = name;
        }
    }
}
