using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Federation.Serving;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.Incidents;
using Google.Protobuf.Collections;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Incidents;

/// <summary>
/// Watches which evidence one peer has while it is connected, and takes what is not here and comes from no other peer. Each piece is verified here; one that proves
/// nothing is the peer's lie.
/// </summary>
internal sealed class EvidenceFollower(Peer peer, IncidentBook book, EvidenceClaims claims, PeerDialer dialer, ILogger logger)
{
    /// <summary>Pieces that a peer is asked for at once: all that a node keeps. Then few a second: verifying takes time, and honest nodes find next to none.</summary>
    public const int Burst = IncidentBook.MaxKept + 100;

    private const double PerSecond = 2;

    /// <summary>Ids in one watch: each is told once, of as many as a node keeps at a time. Then it is begun anew.</summary>
    private const int MaxOfWatch = 10 * IncidentBook.MaxKept;

    /// <summary>The next piece must have come by then.</summary>
    private static readonly TimeSpan PiecePatience = TimeSpan.FromSeconds(10);

    private readonly TokenBucket rate = new(PerSecond, Burst, dialer.Time);
    private string? said;

    public Task RunAsync(CancellationToken cancellationToken) =>
        new WatchLoop(peer, dialer, exception => logger.TakingFault(peer.Options.Name, exception)).RunAsync(WatchAsync, cancellationToken);

    /// <summary>One watch, until it ends.</summary>
    private async Task WatchAsync(PeerLink link, CancellationToken cancellationToken)
    {
        int named = 0;
        try
        {
            await foreach (Wire.EvidenceNews news in PeerCalls.WatchEvidenceAsync(peer, link, cancellationToken))
            {
                if (news.Ids.Count is 0 or > EvidenceAnswers.MaxNamed)
                {
                    peer.Failed(PeerFault.Protocol, $"it named {news.Ids.Count} pieces of evidence at once");
                    return;
                }

                named += news.Ids.Count;
                if (!await TakeAsync(link, news.Ids, cancellationToken) || named > MaxOfWatch)
                {
                    return;
                }
            }
        }
        catch (PeerCallException exception) when (!cancellationToken.IsCancellationRequested)
        {
            if (exception.Fault.Fault is { } fault and not PeerFault.Unreachable)
            {
                peer.Failed(fault, exception.Fault.Reason, exception.Fault.Pushback);
            }

            if (!string.Equals(said, exception.Fault.Reason, StringComparison.Ordinal))
            {
                said = exception.Fault.Reason;
                logger.NotTold(peer.Options.Name, said);
            }
        }
    }

    /// <summary>Sees to it that what is named comes from this peer or from another. False when the peer is not to be listened to any more.</summary>
    private async Task<bool> TakeAsync(PeerLink link, RepeatedField<ulong> names, CancellationToken cancellationToken)
    {
        HashSet<ulong> open = [.. names];
        while (true)
        {
            Task changed = claims.Changed;
            open.RemoveWhere(name => !claims.IsWanted(name));
            if (open.Count == 0)
            {
                return true;
            }

            IReadOnlyList<ulong> asked = claims.Take(this, open);
            if (asked.Count == 0)
            {
                await Signal.WaitAsync(changed, EvidenceClaims.Patience, dialer.Time, cancellationToken);
                cancellationToken.ThrowIfCancellationRequested();
                continue;
            }

            try
            {
                if (!rate.TryTake(asked.Count, out _))
                {
                    peer.Failed(PeerFault.Protocol, "it names evidence without an end");
                    return false;
                }

                if (!await AskAsync(link, asked, cancellationToken))
                {
                    return false;
                }
            }
            finally
            {
                claims.Return(this, asked);
            }

            // What it did not give it does not have.
            open.ExceptWith(asked);
        }
    }

    private async Task<bool> AskAsync(PeerLink link, IReadOnlyList<ulong> names, CancellationToken cancellationToken)
    {
        HashSet<ulong> awaited = [.. names];
        Wire.GiveEvidenceRequest request = new();
        request.Ids.Add(names);
        using CancellationTokenSource patience = new(PiecePatience, dialer.Time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await foreach (Wire.EvidencePiece piece in PeerCalls.GiveEvidenceAsync(peer, link, request, ending.Token))
            {
                ulong name = EvidenceName.Of(piece.Evidence.Span);
                if (!awaited.Remove(name))
                {
                    peer.Failed(PeerFault.Lied, $"it sent evidence {EvidenceName.ToText(name)}, which it was not asked for");
                    return false;
                }

                if (!await KeepAsync(name, piece.Evidence.Memory, cancellationToken))
                {
                    return false;
                }

                patience.CancelAfter(PiecePatience);
            }
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new PeerCallException(new CallFault(PeerFault.Slow, $"no evidence within {PiecePatience.TotalSeconds:0} s", TimeSpan.Zero), exception);
        }

        return true;
    }

    /// <summary>False when the peer is not to be listened to any more.</summary>
    private async Task<bool> KeepAsync(ulong name, ReadOnlyMemory<byte> evidence, CancellationToken cancellationToken)
    {
        try
        {
            EvidenceTaken taken = EvidenceText.IsOfLaterKind(evidence.Span)
                ? new EvidenceTaken(EvidenceEnd.Known, null)
                : await book.TakeAsync(evidence, peer.Options.Name, cancellationToken);
            if (taken.End == EvidenceEnd.ProvesNothing)
            {
                peer.Failed(PeerFault.Lied, $"it sent evidence that proves nothing: {taken.Reason}");
                return false;
            }
        }
        catch (IOException)
        {
            // The book has said so, and the quarantine holds.
        }

        if (claims.IsWanted(name))
        {
            claims.Settle(name);
        }

        return true;
    }
}
