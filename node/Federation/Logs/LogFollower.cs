using System.Threading.Channels;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Provenance.Mirrors;
using Athens.Federation.Node.Provenance.OwnLog;
using Google.Protobuf;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Logs;

/// <summary>
/// Follows one peer's log: watches its head while connected, and pulls with each move. Always towards the newest head; those that pass while a pull is under
/// way are skipped.
/// </summary>
internal sealed class LogFollower
{
    /// <summary>Between two looks whether a head has its witnesses by now.</summary>
    private static readonly TimeSpan WitnessLook = TimeSpan.FromSeconds(1);

    /// <summary>Others that are asked for a log when its own node gives records that do not fit.</summary>
    private const int MaxOthers = 3;

    private readonly Peer peer;
    private readonly LogFollowing parts;
    private bool isBehindTold;
    private string? said;
    private ByteString? continued;

    public LogFollower(Peer peer, LogFollowing parts)
    {
        this.peer = peer;
        this.parts = parts;
    }

    public Task RunAsync(CancellationToken cancellationToken) => parts.WatchOnAsync(peer, WatchAsync, cancellationToken);

    /// <summary>One watch, until it ends; whether anything came of it.</summary>
    private async Task<bool> WatchAsync(PeerLink link, CancellationToken cancellationToken)
    {
        bool isGood = false;
        try
        {
            if (await parts.Mirrors.AddAsync(link.Log, peer.Options.Key.ToString(), cancellationToken) is not { } mirror)
            {
                Say($"it has begun more than {MirrorSet.MaxFromOneOwner} logs, or its log's key is another peer's, or its name is too long");
                return false;
            }

            using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Channel<Wire.HeadNews> newest = Channel.CreateBounded<Wire.HeadNews>(
                new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true, SingleWriter = true });
            Task reading = ReadAsync(link, newest.Writer, ending.Token);
            try
            {
                await foreach (Wire.HeadNews news in newest.Reader.ReadAllAsync(cancellationToken))
                {
                    isGood |= await IsWitnessedAsync(news, newest.Reader, cancellationToken) && await PullAsync(mirror, news, cancellationToken);
                }
            }
            finally
            {
                await ending.CancelAsync();
                await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        catch (PeerCallException exception)
        {
            if (exception.Fault.Fault is { } fault and not PeerFault.Unreachable)
            {
                peer.Failed(fault, exception.Fault.Reason, exception.Fault.Pushback);
            }

            Say(exception.Fault.Reason);
        }
        catch (IOException exception)
        {
            parts.Logger.MirrorFailed(peer.Options.Name, exception.Message);
        }

        return isGood;
    }

    private async Task ReadAsync(PeerLink link, ChannelWriter<Wire.HeadNews> newest, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (Wire.HeadNews news in PeerCalls.WatchAsync(peer, link, parts.Witnesses.Needed > 0, cancellationToken))
            {
                await newest.WriteAsync(news, cancellationToken);
            }

            newest.Complete();
        }
        catch (Exception exception)
        {
            newest.Complete(exception);
        }
    }

    /// <summary>Waits until enough witnesses of this head are known here: a witness's key is, once that peer was connected. False when there is newer news.</summary>
    private async Task<bool> IsWitnessedAsync(Wire.HeadNews news, ChannelReader<Wire.HeadNews> newer, CancellationToken cancellationToken)
    {
        while (parts.Witnesses.Needed > 0 && parts.Witnesses.WhyNot(peer, news.CosignedCheckpoint.Span) is { } lack)
        {
            Say(lack);
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Task<bool> next = newer.WaitToReadAsync(ending.Token).AsTask();
            bool isNewer = await Task.WhenAny(next, Task.Delay(WitnessLook, parts.Time, ending.Token)) == next;
            await ending.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
            if (isNewer)
            {
                return false;
            }

            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return true;
    }

    private async Task<bool> PullAsync(Mirror mirror, Wire.HeadNews news, CancellationToken cancellationToken)
    {
        bool asksWitnesses = parts.Witnesses.Needed > 0;
        (ByteString latest, ByteString checkpoint) = asksWitnesses ? (news.CosignedLatest, news.CosignedCheckpoint) : (news.Latest, news.Checkpoint);
        if (latest.Length > HeadAnswers.MaxNote || checkpoint.Length > HeadAnswers.MaxNote)
        {
            peer.Failed(PeerFault.Protocol, $"a head of its log has more than {HeadAnswers.MaxNote} bytes");
            return false;
        }

        if (SignedHead.Read(latest.Memory, checkpoint.Memory, mirror.Key, out string? reason) is not { } met)
        {
            peer.Failed(PeerFault.Lied, $"of its log: {reason}");
            return false;
        }

        if (asksWitnesses && met.Tree.Size < mirror.Head?.Tree.Size)
        {
            // The cosigned head is behind one that was believed when fewer witnesses were asked for: that says nothing of what the peer has.
            return true;
        }

        PullResult result = await parts.PullAsync(mirror, met, peer, cancellationToken);
        if (result.End == PullEnd.Lied)
        {
            peer.Failed(PeerFault.Lied, $"of its log {mirror.Name}: {result.Reason}");
            result = await PullFromOthersAsync(mirror, met, result, cancellationToken);
        }

        switch (result.End)
        {
            case PullEnd.Level:
                said = null;
                return await IsContinuedAsync(mirror, news.Rotation, cancellationToken);
            case PullEnd.Behind:
                await TellAsync(mirror, met, cancellationToken);
                return true;
            default:
                Say(result.Reason);
                return false;
        }
    }

    /// <summary>Whether the log, when its node says that it had another key before, goes on from what was mirrored then. Looked at once.</summary>
    private async Task<bool> IsContinuedAsync(Mirror mirror, ByteString statement, CancellationToken cancellationToken)
    {
        if (statement.IsEmpty || statement == continued)
        {
            return true;
        }

        (bool holds, string? wrong) = await parts.ContinuesAsync(mirror, peer, statement.Memory, cancellationToken);
        if (wrong is not null)
        {
            peer.Failed(PeerFault.Lied, wrong);
        }

        if (!holds)
        {
            return false;
        }

        continued = statement;
        return true;
    }

    /// <summary>The head is signed, so somebody may have the records that belong to it.</summary>
    private async Task<PullResult> PullFromOthersAsync(Mirror mirror, SignedHead met, PullResult result, CancellationToken cancellationToken)
    {
        foreach (Peer other in parts.Others(peer).Take(MaxOthers))
        {
            try
            {
                result = await parts.PullAsync(mirror, met, other, cancellationToken);
                if (result.End != PullEnd.Lied)
                {
                    return result;
                }

                other.Failed(PeerFault.Lied, $"of the log {mirror.Name}: {result.Reason}");
            }
            catch (PeerCallException)
            {
                // Does not mirror it, or not so far.
            }
        }

        return result;
    }

    /// <summary>The peer's present head is one of its past: it has lost records, and may be about to sign a second history.</summary>
    private async Task TellAsync(Mirror mirror, SignedHead met, CancellationToken cancellationToken)
    {
        if (mirror.Head is not { } head || head.Tree.Size <= met.Tree.Size)
        {
            return;
        }

        if (!isBehindTold)
        {
            isBehindTold = true;
            parts.Logger.PeerLostRecords(peer.Options.Name, mirror.Name, met.Tree.Size, head.Tree.Size);
        }

        Wire.SeenHeadRequest request = new() { Checkpoint = UnsafeByteOperations.UnsafeWrap(head.Checkpoint) };
        await parts.Calls.SeenHeadAsync(peer, request, cancellationToken);
    }

    /// <summary>What goes wrong at every try is said once.</summary>
    private void Say(string reason)
    {
        if (!string.Equals(said, reason, StringComparison.Ordinal))
        {
            said = reason;
            parts.Logger.NotFollowed(peer.Options.Name, reason);
        }
    }
}
