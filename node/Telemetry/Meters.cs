using System.Diagnostics.Metrics;

namespace Athens.Federation.Node.Telemetry;

/// <summary>
/// What the node counts. Nothing here names a module: a name can be private, and there are too many of them for a label.
/// Without an OTLP endpoint nobody listens, and a call costs a few nanoseconds.
/// </summary>
internal static class Meters
{
    public const string Name = "Athens.Federation.Node";

    private static readonly Meter Meter = new(Name);

    private static readonly Counter<long> Requests = Meter.CreateCounter<long>(
        "athens.requests", "{request}", "Requests of the download protocol answered.");

    private static readonly Histogram<double> Fetches = Meter.CreateHistogram<double>(
        "athens.fetch.duration", "s", "Time to get a module version that was not held.");

    private static readonly UpDownCounter<long> ChildrenQueued = Meter.CreateUpDownCounter<long>(
        "athens.upstream.children.queued", "{process}", "Fetches that wait for a free upstream worker.");

    private static readonly UpDownCounter<long> ChildrenRunning = Meter.CreateUpDownCounter<long>(
        "athens.upstream.children.running", "{process}", "Child processes that run now.");

    private static readonly Counter<long> StoredBytes = Meter.CreateCounter<long>(
        "athens.store.admitted", "By", "Bytes of module versions stored since the start.");

    private static readonly Counter<long> PeerCalls = Meter.CreateCounter<long>(
        "athens.peers.calls", "{call}", "Calls to peers that ended.");

    private static readonly Counter<long> PeerFaults = Meter.CreateCounter<long>(
        "athens.peers.faults", "{fault}", "Faults for which peers were set aside.");

    private static readonly Counter<long> PeerReceived = Meter.CreateCounter<long>(
        "athens.peers.received", "By", "Bytes of module versions that came from peers.");

    private static readonly UpDownCounter<long> PeersConnected = Meter.CreateUpDownCounter<long>(
        "athens.peers.connected", "{peer}", "Peers that are connected now.");

    private static readonly Counter<long> ServedCalls = Meter.CreateCounter<long>(
        "athens.peers.served.calls", "{call}", "Calls of peers that were answered.");

    private static readonly Counter<long> ServedBytes = Meter.CreateCounter<long>(
        "athens.peers.served.sent", "By", "Bytes of files sent to peers.");

    /// <summary>One answered request. Protocol.</summary>
    /// <param name="outcome">Lower-case name of the outcome, e.g. <c>found</c>.</param>
    /// <param name="source"><c>store</c>, <c>upstream</c>, <c>peer:NAME</c>, or empty.</param>
    public static void Request(string outcome, string source)
    {
        if (Requests.Enabled)
        {
            Requests.Add(1, new("outcome", outcome), new("source", source));
        }
    }

    /// <summary>One fetch that ended. Retrieval.</summary>
    public static void Fetch(string outcome, TimeSpan duration)
    {
        if (Fetches.Enabled)
        {
            Fetches.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("outcome", outcome));
        }
    }

    /// <summary>A fetch began (+1) or stopped (-1) waiting for a worker. Upstream.</summary>
    public static void ChildQueued(int change) => ChildrenQueued.Add(change);

    /// <summary>A child process was started (+1) or has ended (-1). Upstream.</summary>
    public static void ChildRunning(int change) => ChildrenRunning.Add(change);

    /// <summary>A module version was stored. Storage.</summary>
    public static void Stored(long bytes) => StoredBytes.Add(bytes);

    /// <summary>A call to a peer ended. Federation.</summary>
    /// <param name="method"><c>locate</c>, <c>versions</c>, <c>resolve</c>, <c>fetch</c>.</param>
    /// <param name="outcome">How it ended, one of few words.</param>
    public static void PeerCall(string method, string outcome)
    {
        if (PeerCalls.Enabled)
        {
            PeerCalls.Add(1, new("method", method), new("outcome", outcome));
        }
    }

    /// <summary>A peer had a fault, and is set aside for it. Federation.</summary>
    public static void PeerFailed(string fault)
    {
        if (PeerFaults.Enabled)
        {
            PeerFaults.Add(1, new KeyValuePair<string, object?>("fault", fault));
        }
    }

    /// <summary>A stream of bytes from a peer ended. Federation.</summary>
    /// <param name="outcome"><c>whole</c>, <c>cut</c> (this node needed no more of it), or the fault that ended it.</param>
    /// <param name="bytes">That came over it.</param>
    public static void PeerBytes(string outcome, long bytes) =>
        PeerReceived.Add(bytes, new KeyValuePair<string, object?>("outcome", outcome));

    /// <summary>A peer was connected (+1) or lost (-1). Federation.</summary>
    public static void PeerConnected(int change) => PeersConnected.Add(change);

    /// <summary>A peer's call was answered. Federation.</summary>
    /// <param name="method">Its name, e.g. <c>Locate</c>.</param>
    /// <param name="status">gRPC's name of the status, e.g. <c>NotFound</c>.</param>
    public static void Served(string method, string status)
    {
        if (ServedCalls.Enabled)
        {
            ServedCalls.Add(1, new("method", method), new("status", status));
        }
    }

    /// <summary>Bytes of a file went to a peer. Federation.</summary>
    public static void Sent(long bytes) => ServedBytes.Add(bytes);
}
