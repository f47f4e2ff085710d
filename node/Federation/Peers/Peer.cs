using System.Diagnostics.CodeAnalysis;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Telemetry;
using Athens.Federation.Node.Transparency;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>
/// One pinned peer: whether it is connected, how quick it is, how many calls to it are under way, and whether it is set
/// aside. What is here is memory only: nothing of it waits or connects. Thread-safe.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore nobody asks for a wait handle holds nothing; calls outlive a peer's place in the table.")]
internal sealed class Peer
{
    /// <summary>Calls at once to one peer: below the 64 that a peer allows by default, so that an ordinary one need never refuse.</summary>
    public const int MaxInFlight = 48;

    /// <summary>Whoever could not be reached is hoped for again after this.</summary>
    public static readonly TimeSpan MissedFor = TimeSpan.FromMinutes(10);

    /// <summary>Answers that may wait at a peer for its own fetch (Locate with wait_ms): most calls stay free for bytes.</summary>
    public const int MaxWaiting = 16;

    private readonly SemaphoreSlim calls = new(MaxInFlight, MaxInFlight);
    private readonly SemaphoreSlim waits = new(MaxWaiting, MaxWaiting);
    private readonly PeerMeasures measures = new();
    private readonly SetAside aside;
    private readonly ILogger logger;
    private volatile PeerLink? link;
    private volatile NoteVerifier? lastLog;
    private volatile byte[] lastWitness = [];
    private volatile string whySetAside = "";
    private NoteVerifier? stated;
    private readonly TimeProvider time;
    private readonly Signal linked = new();
    private long failures;

    /// <summary>A timestamp; 0: it was not missed.</summary>
    private long missedAt;

    public Peer(PeerOptions options, TimeProvider time, ILogger logger)
    {
        Options = options;
        this.time = time;
        this.logger = logger;
        aside = new SetAside(time);
    }

    public PeerOptions Options { get; }

    /// <summary>Null while not connected. Nothing on a request's way connects.</summary>
    public PeerLink? Link => link;

    public Wire.PeerService.PeerServiceClient? Client => link?.Client;

    /// <summary>Checks the signatures of the peer's log; null while not connected.</summary>
    public NoteVerifier? Log => link?.Log;

    /// <summary>The log it had when it was last connected; before it first was, the one that its organization has signed for; null when neither is known.</summary>
    public NoteVerifier? LastLog => lastLog ?? StatedLog;

    /// <summary>The log that its organization has signed for; null when none has.</summary>
    public NoteVerifier? StatedLog => Options.Log.Length == 0 ? null : stated ??= NoteVerifier.Parse(Options.Log, out _);

    /// <summary>The witness key it had when it was last connected; empty before it first was.</summary>
    public ReadOnlyMemory<byte> LastWitness => lastWitness;

    public bool IsOnLan => link?.OnLan == true;

    /// <summary>When it was last dialled it was not reached anywhere, and that is not long ago.</summary>
    public bool IsMissed => Volatile.Read(ref missedAt) is not 0 and var at && time.GetElapsedTime(at) < MissedFor;

    /// <summary>This node's own order among peers of which nothing else is known: the higher the sooner.</summary>
    public ulong Preference { get; init; }

    /// <summary>Called when it was connected or lost. Must not block.</summary>
    public Action? LinkTurned { get; init; }

    /// <summary>Called when it was missed, or reached after it had been. Must not block.</summary>
    public Action? MissedTurned { get; init; }

    /// <summary>Its records are believed.</summary>
    public bool IsTrusted => Options.Trust == PeerTrust.Observe;

    public bool IsSetAside => aside.Left > TimeSpan.Zero;

    /// <summary>For how much longer it is not asked; zero when it may be.</summary>
    public TimeSpan SetAsideLeft => aside.Left;

    /// <summary>For a person: why it was last set aside; empty when it never was.</summary>
    public string WhySetAside => whySetAside;

    /// <summary>Connected, and set aside for nothing worse than too many calls at once.</summary>
    public bool IsBusy => link is not null && aside.IsBusy;

    /// <summary>Connected, and set aside for nothing worse than slowness: better asked last than not at all.</summary>
    public bool IsMerelySlow => link is not null && aside.IsSlow;

    /// <summary>Connected and not set aside.</summary>
    public bool IsAvailable => link is not null && !IsSetAside;

    /// <summary>Moving average of its small answers' times.</summary>
    public TimeSpan Latency => measures.Latency;

    /// <summary>Moving average of bytes a second; zero while nothing large came from it.</summary>
    public double Throughput => measures.Throughput;

    public int InFlight => MaxInFlight - calls.CurrentCount;

    /// <summary>Failures since the start.</summary>
    public long Failures => Interlocked.Read(ref failures);

    /// <summary>
    /// A call was answered. <paramref name="latency"/> is its whole time; with <paramref name="bytes"/> of 64 KiB and more it
    /// counts for throughput, else for latency.
    /// </summary>
    public void Succeeded(TimeSpan latency, long bytes)
    {
        measures.Add(latency, bytes);
        aside.Succeeded();
    }

    /// <summary>Sets the peer aside, longer each time. <paramref name="reason"/> is the evidence when it has lied.</summary>
    public void Failed(PeerFault fault, string reason) => Failed(fault, reason, TimeSpan.Zero);

    /// <inheritdoc cref="Failed(PeerFault, string)"/>
    /// <param name="fault">What was wrong.</param>
    /// <param name="reason">For the operator; the evidence when it has lied.</param>
    /// <param name="pushback">When Busy: how long the peer asks not to be asked; zero when it did not say.</param>
    public void Failed(PeerFault fault, string reason, TimeSpan pushback)
    {
        Interlocked.Increment(ref failures);
        whySetAside = $"{fault}: {reason}";
        bool before = IsSetAside;
        TimeSpan left = aside.Add(fault, pushback);
        if (fault == PeerFault.Lied)
        {
            logger.Lied(Options.Name, Options.Key.ToString(), left, reason);
        }
        else if (!before)
        {
            logger.SetAside(Options.Name, left, fault, reason);
        }

        Meters.PeerFailed(fault.ToString());
    }

    /// <summary>The right to one call now, or null when there are <see cref="MaxInFlight"/> already. Dispose it at the call's end.</summary>
    public PeerLease? TryLease() => calls.Wait(0, CancellationToken.None) ? new PeerLease(this) : null;

    /// <summary>The right to one call, in turn.</summary>
    public async ValueTask<PeerLease> LeaseAsync(CancellationToken cancellationToken)
    {
        await calls.WaitAsync(cancellationToken);
        return new PeerLease(this);
    }

    /// <summary>Whether one more answer may wait at the peer; if so, <see cref="EndWait"/> gives the place back.</summary>
    public bool TryWait() => waits.Wait(0, CancellationToken.None);

    public void EndWait() => waits.Release();

    public void Connected(PeerLink connected)
    {
        lastLog = connected.Log;
        lastWitness = connected.WitnessKey.ToArray();
        link = connected;
        bool wasMissed = Interlocked.Exchange(ref missedAt, 0) != 0;
        linked.Tell();
        LinkTurned?.Invoke();
        if (wasMissed)
        {
            MissedTurned?.Invoke();
        }
    }

    /// <summary>It was not reached at any place where it may be.</summary>
    public void Missed()
    {
        Volatile.Write(ref missedAt, time.GetTimestamp());
        MissedTurned?.Invoke();
    }

    /// <summary>The present connection, or the next one.</summary>
    public async Task<PeerLink> LinkAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // Before the look: what connects between the two completes this one.
            Task next = linked.Next;
            if (link is { } present)
            {
                return present;
            }

            await next.WaitAsync(cancellationToken);
        }
    }

    /// <summary>A connection is over; nothing changes when another has taken its place.</summary>
    public void Disconnected(PeerLink over)
    {
        if (Interlocked.CompareExchange(ref link, null, over) == over)
        {
            LinkTurned?.Invoke();
        }
    }

    internal void Return() => calls.Release();
}
