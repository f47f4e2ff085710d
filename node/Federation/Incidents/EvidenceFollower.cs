using System.Globalization;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Federation.Serving;
using Athens.Federation.Node.Provenance.Incidents;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Incidents;

/// <summary>Watches the evidence of one peer while it is connected. Each piece is verified here; one that proves nothing is the peer's lie.</summary>
internal sealed class EvidenceFollower(Peer peer, IncidentBook book, PrivateGate gate, PeerDialer dialer, ILogger logger)
{
    /// <summary>Pieces of evidence at once: all that a node keeps. Then few a second: verifying takes time, and honest nodes find next to none.</summary>
    private const int Burst = IncidentBook.MaxKept + 100;

    private const double PerSecond = 2;

    private readonly TokenBucket rate = new(PerSecond, Burst, dialer.Time);
    private string? said;

    public Task RunAsync(CancellationToken cancellationToken) =>
        new WatchLoop(peer, dialer, exception => logger.TakingFault(peer.Options.Name, exception)).RunAsync(WatchAsync, cancellationToken);

    /// <summary>One watch, until it ends.</summary>
    private async Task WatchAsync(PeerLink link, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (Wire.EvidenceNews news in PeerCalls.WatchEvidenceAsync(peer, link, Known(), cancellationToken))
            {
                if (!rate.TryTake(1, out _))
                {
                    peer.Failed(PeerFault.Protocol, "it sends evidence without an end");
                    return;
                }

                if (!await TakeAsync(news.Evidence.Memory, cancellationToken))
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

    /// <summary>What need not be told again: in a large pool a node that comes back would be told everything by everybody.</summary>
    private Wire.WatchEvidenceRequest Known()
    {
        Wire.WatchEvidenceRequest request = new();
        request.Known.Add(book.All
            .Where(incident => incident.Module is not { } module || gate.Allows(module.Path, peer.Options))
            .Take(EvidenceAnswers.MaxKnown)
            .Select(static incident => ulong.Parse(incident.Id, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)));
        return request;
    }

    /// <summary>False when the peer is not to be listened to any more.</summary>
    private async Task<bool> TakeAsync(ReadOnlyMemory<byte> evidence, CancellationToken cancellationToken)
    {
        if (EvidenceText.IsOfLaterKind(evidence.Span))
        {
            return true;
        }

        try
        {
            EvidenceTaken taken = await book.TakeAsync(evidence, peer.Options.Name, cancellationToken);
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

        return true;
    }
}
