using System.Collections.Concurrent;
using System.Collections.Immutable;
using Athens.Federation.Node.Federation.Serving;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.Mirrors;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Transparency;
using Google.Protobuf;
using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Logs;

/// <summary>Answers WatchRelayed: the heads of logs that are mirrored here, to those who are not connected to the logs' own nodes.</summary>
internal sealed class RelayedHeads : IDisposable
{
    /// <summary>The protocol's bound: no pool has more nodes.</summary>
    public const int MaxLogs = PeerList.MaxPeers;

    private readonly MirrorSet mirrors;
    private readonly PeerWatches watches;

    /// <summary>Who wants a log, by its key's id: a head that comes costs a look here, and no more when nobody does.</summary>
    private readonly ConcurrentDictionary<uint, ImmutableArray<Watch>> wanted = new();

    public RelayedHeads(ServedLogs logs, PeerLimits limits, EgressPacer pacer, TimeProvider time)
    {
        mirrors = logs.Mirrors;
        watches = new PeerWatches(limits, pacer, time);
        mirrors.Grown += Grown;
    }

    /// <param name="call">The call.</param>
    /// <param name="request">Names the logs.</param>
    /// <param name="stream">Where heads go.</param>
    /// <param name="stopping">This node is going down.</param>
    public Task WatchAsync(ServedCall call, Wire.WatchRelayedRequest request, IServerStreamWriter<Wire.RelayedHead> stream, CancellationToken stopping)
    {
        if (request.Logs.Count is 0 or > MaxLogs)
        {
            throw Refusal.Invalid($"a request is for 1 to {MaxLogs} logs, not {request.Logs.Count}");
        }

        return watches.RunAsync(call, stream, (sender, cancellationToken) => TellAsync([.. request.Logs], sender, cancellationToken), stopping);
    }

    public void Dispose() => mirrors.Grown -= Grown;

    private async Task TellAsync(HashSet<uint> logs, StreamSender<Wire.RelayedHead> sender, CancellationToken cancellationToken)
    {
        Watch watch = new();
        try
        {
            foreach (uint log in logs)
            {
                wanted.AddOrUpdate(log, static (_, one) => [one], static (_, all, one) => all.Add(one), watch);
            }

            watch.Add(mirrors.All.Where(mirror => logs.Contains(mirror.Key.Hash)));
            while (true)
            {
                Task next = watch.Added.Next;
                foreach (Mirror mirror in watch.Take())
                {
                    if (mirror is { Fault.Length: 0, Head: { } head })
                    {
                        await sender.SendAsync(News(mirror, head), cancellationToken);
                    }
                }

                await next.WaitAsync(cancellationToken);
            }
        }
        finally
        {
            foreach (uint log in logs)
            {
                Remove(log, watch);
            }
        }
    }

    private void Remove(uint log, Watch watch)
    {
        while (wanted.TryGetValue(log, out ImmutableArray<Watch> all))
        {
            ImmutableArray<Watch> rest = all.Remove(watch);
            if (rest.IsEmpty ? wanted.TryRemove(KeyValuePair.Create(log, all)) : wanted.TryUpdate(log, rest, all))
            {
                return;
            }
        }
    }

    private void Grown(Mirror mirror)
    {
        if (wanted.TryGetValue(mirror.Key.Hash, out ImmutableArray<Watch> all))
        {
            foreach (Watch watch in all)
            {
                watch.Add([mirror]);
            }
        }
    }

    private static Wire.RelayedHead News(Mirror mirror, SignedHead head) => new()
    {
        Log = mirror.Key.Hash,
        Checkpoint = UnsafeByteOperations.UnsafeWrap(head.Checkpoint),
        Latest = UnsafeByteOperations.UnsafeWrap(head.Latest),
        Rotation = UnsafeByteOperations.UnsafeWrap(mirror.BegunBy?.Note ?? default),
    };

    /// <summary>What one stream is still to be told of; a log that moves again meanwhile is told of once.</summary>
    private sealed class Watch
    {
        private readonly Lock gate = new();
        private HashSet<Mirror> moved = [];

        public Signal Added { get; } = new();

        public void Add(IEnumerable<Mirror> mirrors)
        {
            lock (gate)
            {
                moved.UnionWith(mirrors);
            }

            Added.Tell();
        }

        public HashSet<Mirror> Take()
        {
            lock (gate)
            {
                HashSet<Mirror> taken = moved;
                moved = [];
                return taken;
            }
        }
    }
}
