using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Federation.Fetching;

/// <summary>
/// What one transfer knows of its holders: whom to ask next, who gave how much, who failed and why. One for all files of a
/// module version: who lied about its .mod is not asked for its zip. Thread-safe.
/// </summary>
internal sealed class TransferState
{
    /// <summary>Holders named in a reason: it has to fit what <c>go</c> shows.</summary>
    private const int MostNamed = 4;

    /// <summary>Who is left for somebody that turns out to be so much quicker was too slow.</summary>
    private const double FarQuicker = 4;

    private readonly ModuleVersion module;
    private readonly Func<IReadOnlyList<Holder>> holders;
    private readonly SilentHolders silent;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly long start;

    /// <summary>Guards the standings.</summary>
    private readonly Lock gate = new();
    private readonly List<HolderStanding> standings = [];

    /// <param name="module">What is on its way.</param>
    /// <param name="holders">Those known by now, in the order in which they are to be asked; asked again and again, it may only grow.</param>
    /// <param name="silent">What other transfers know of who keeps silent.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">For who fails.</param>
    public TransferState(
        ModuleVersion module, Func<IReadOnlyList<Holder>> holders, SilentHolders silent, TimeProvider time, ILogger logger)
    {
        this.module = module;
        this.holders = holders;
        this.silent = silent;
        this.time = time;
        this.logger = logger;
        start = time.GetTimestamp();
        Refresh();
    }

    /// <summary>All holders that are known by now.</summary>
    public IReadOnlyList<Holder> Holders
    {
        get
        {
            lock (gate)
            {
                Refresh();
                return [.. standings.Select(static standing => standing.Holder)];
            }
        }
    }

    /// <summary>
    /// The holder to ask next among those that <paramref name="fits"/> accepts, and how long to wait before: those not asked in
    /// vain come first, then those that may be asked soonest. Null when none is left.
    /// </summary>
    public (Holder Holder, TimeSpan Pause)? Next(Func<Holder, bool> fits)
    {
        lock (gate)
        {
            Refresh();
            long now = time.GetTimestamp();
            HolderStanding? next = standings
                .Where(standing => !standing.IsOut && fits(standing.Holder))
                .OrderBy(standing => standing.NotBefore > now)
                .ThenBy(static standing => standing.Holder.Peer.IsSetAside)
                .ThenBy(standing => silent.IsLast(standing.Holder.Peer))
                .ThenBy(static standing => standing.Failures)
                .ThenBy(standing => standing.NotBefore > now ? standing.NotBefore : 0)
                .ThenBy(static standing => standing.Order)
                .FirstOrDefault();
            return next is null ? null : (next.Holder, next.NotBefore > now ? time.GetElapsedTime(now, next.NotBefore) : TimeSpan.Zero);
        }
    }

    /// <summary>Is there a holder that nothing is known against yet?</summary>
    public bool HasFresh(Func<Holder, bool> fits)
    {
        lock (gate)
        {
            Refresh();
            return standings.Exists(standing => standing is { IsOut: false, Failures: 0 } && fits(standing.Holder));
        }
    }

    /// <summary>A stream gave what was asked for, or as much of it as was of use.</summary>
    public void Gave(CheckedStream stream)
    {
        stream.Holder.Peer.Succeeded(stream.Elapsed, stream.Taken);
        if (stream.IsOfZip)
        {
            silent.Delivered(stream.Holder.Peer);
        }

        List<HolderStanding> slow;
        lock (gate)
        {
            Of(stream.Holder).Bytes += stream.Taken;
            slow = standings.FindAll(standing => standing.LeftAt * FarQuicker < stream.Pace.Rate);
            slow.ForEach(static standing => standing.LeftAt = null);
        }

        foreach (HolderStanding standing in slow)
        {
            Told(standing.Holder, new HolderFailedException(PeerFault.Slow, standing.Trouble!), "all", isOut: false);
        }
    }

    /// <summary>Somebody else (another peer, upstream) had it all before this stream did. True when it crawled, which is a fault.</summary>
    public bool Overtaken(CheckedStream stream, string what)
    {
        if (!stream.Pace.HasCrawled)
        {
            BeatenSilent(stream, what);
            return false;
        }

        Failed(stream.Holder, new HolderFailedException(PeerFault.Slow, "others gave all of it while this one crawled"), what);
        return true;
    }

    /// <summary>
    /// Somebody who was asked later answered first. Once is no fault: the holder is asked after the others for a while, and at once when there is no other.
    /// </summary>
    public void BeatenSilent(CheckedStream stream, string what)
    {
        if (!stream.Pace.IsSilent)
        {
            return;
        }

        if (silent.Beaten(stream.Holder.Peer))
        {
            string reason = $"silent while others answered, {SilentHolders.MostInARow} times in a row";
            Failed(stream.Holder, new HolderFailedException(PeerFault.Slow, reason), what);
        }
    }

    /// <summary>Bytes that are of use, whatever became of their stream.</summary>
    public void Count(Holder holder, long bytes)
    {
        lock (gate)
        {
            Of(holder).Bytes += bytes;
        }
    }

    /// <summary>A stream failed: the holder may be out, or is asked again later, and its peer hears of it.</summary>
    public void Failed(Holder holder, HolderFailedException failure, string what)
    {
        bool isOut;
        lock (gate)
        {
            HolderStanding standing = Of(holder);
            standing.Trouble ??= failure.Message;
            standing.HasLied |= failure.Fault == PeerFault.Lied;
            isOut = standing.IsOut |= IsOut(standing, failure);
            standing.Failures += failure.Fault == PeerFault.Busy ? 0 : 1;
            standing.NotBefore = time.GetTimestamp() + Ticks(Pause(failure));
            standing.LeftAt = failure.LeftAt ?? standing.LeftAt;
        }

        if (!failure.IsOwnLimit)
        {
            Told(holder, failure, what, isOut);
        }
    }

    private void Told(Holder holder, HolderFailedException failure, string what, bool isOut)
    {
        // The peer logs a lie, with this as its evidence.
        holder.Peer.Failed(failure.Fault, $"{what} of {module}: {failure.Message}", failure.Pushback);
        if (failure.Fault != PeerFault.Lied)
        {
            logger.HolderFailed(holder.Peer.Options.Name, what, module, failure.Fault, failure.Message, isOut);
        }
    }

    /// <summary>The bytes from a holder contradict its own signed record, or the record contradicts itself.</summary>
    public void Lied(Holder holder, string what, string evidence) =>
        Failed(holder, new HolderFailedException(PeerFault.Lied, evidence), what);

    /// <summary>The trusted holders, when all of them have been caught lying here: their records bind nobody any more. Else none.</summary>
    public IReadOnlyList<Holder> TrustedLiars()
    {
        lock (gate)
        {
            List<HolderStanding> trusted = standings.FindAll(static standing => standing.Holder.Peer.IsTrusted);
            return trusted.TrueForAll(static standing => standing.HasLied) ? [.. trusted.Select(static standing => standing.Holder)] : [];
        }
    }

    /// <summary>The name of the holder that gave most; empty when none gave anything.</summary>
    public string MostGenerous()
    {
        lock (gate)
        {
            HolderStanding? most = standings.Where(static standing => !standing.HasLied).MaxBy(static standing => standing.Bytes);
            return most is { Bytes: > 0 } ? most.Holder.Peer.Options.Name : "";
        }
    }

    /// <summary>One sentence: who failed, and how.</summary>
    public string Reason()
    {
        lock (gate)
        {
            List<string> troubles = standings.Where(static standing => standing.Trouble is not null)
                .Select(static standing => $"{standing.Holder.Peer.Options.Name}: {standing.Trouble}").ToList();
            string more = troubles.Count > MostNamed ? $"; and {troubles.Count - MostNamed} more" : "";
            return troubles.Count == 0
                ? $"no peer could give {module}"
                : $"no peer could give {module} ({string.Join("; ", troubles.Take(MostNamed))}{more})";
        }
    }

    /// <summary>Under the lock: takes up holders that were found since.</summary>
    private void Refresh()
    {
        IReadOnlyList<Holder> now = holders();
        if (now.Count == standings.Count)
        {
            return;
        }

        foreach (Holder holder in now.Where(holder => !standings.Exists(standing => ReferenceEquals(standing.Holder, holder))))
        {
            standings.Add(new HolderStanding(holder, standings.Count));
        }
    }

    private HolderStanding Of(Holder holder) => standings.Find(standing => ReferenceEquals(standing.Holder, holder))!;

    private bool IsOut(HolderStanding standing, HolderFailedException failure) => failure.Fault switch
    {
        PeerFault.Busy => time.GetElapsedTime(start) > FetchLimits.BusyPatience,
        PeerFault.Unreachable or PeerFault.Slow => standing.Failures + 1 >= FetchLimits.MostTries,
        _ => true,
    };

    private static TimeSpan Pause(HolderFailedException failure) => failure.Fault switch
    {
        PeerFault.Busy => TimeSpan.FromTicks(
            Math.Clamp(failure.Pushback.Ticks, FetchLimits.LeastPause.Ticks, FetchLimits.MostPause.Ticks)),
        PeerFault.Unreachable => FetchLimits.ReconnectPause,
        _ => TimeSpan.Zero,
    };

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
