using System.Globalization;
using Athens.Federation.Node.Federation.Logs;
using Athens.Federation.Node.Federation.Serving;
using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Provenance;
using Google.Protobuf;
using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Incidents;

/// <summary>Tells peers of living incidents, each once in a stream: not those that came from them, and of private modules only inside the organization.</summary>
internal sealed class EvidenceAnswers : IDisposable
{
    /// <summary>Ids that a watcher names (provenance.proto): more than a node keeps.</summary>
    public const int MaxKnown = 2 * IncidentBook.MaxKept;

    private readonly IncidentBook book;
    private readonly PrivateGate gate;
    private readonly PeerWatches watches;
    private readonly Signal changed = new();

    public EvidenceAnswers(IncidentBook book, PrivateGate gate, PeerLimits limits, EgressPacer pacer, TimeProvider time)
    {
        this.book = book;
        this.gate = gate;
        watches = new PeerWatches(limits, pacer, time);
        book.Changed += changed.Tell;
    }

    /// <param name="call">The call.</param>
    /// <param name="request">Not yet checked.</param>
    /// <param name="stream">Where evidence goes.</param>
    /// <param name="stopping">This node is going down.</param>
    public Task WatchAsync(ServedCall call, Wire.WatchEvidenceRequest request, IServerStreamWriter<Wire.EvidenceNews> stream, CancellationToken stopping)
    {
        if (request.Known.Count > MaxKnown)
        {
            throw Refusal.Invalid($"at most {MaxKnown} pieces of evidence are named");
        }

        HashSet<string> known = [.. request.Known.Select(static id => id.ToString("x16", CultureInfo.InvariantCulture))];
        return watches.RunAsync(call, stream, (sender, cancellationToken) => TellAsync(call.Peer, known, sender, cancellationToken), stopping);
    }

    public void Dispose() => book.Changed -= changed.Tell;

    private async Task TellAsync(PeerOptions peer, HashSet<string> told, StreamSender<Wire.EvidenceNews> sender, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task next = changed.Next;
            await TellAsync(peer, sender, told, cancellationToken);
            await next.WaitAsync(cancellationToken);
        }
    }

    private async Task TellAsync(PeerOptions peer, StreamSender<Wire.EvidenceNews> sender, HashSet<string> told, CancellationToken cancellationToken)
    {
        IReadOnlyList<Incident> all = book.All;
        told.IntersectWith(all.Select(static incident => incident.Id));
        foreach (Incident incident in all.Where(incident => incident.Cleared is null && MayKnow(peer, incident)))
        {
            if (told.Add(incident.Id) && await book.EvidenceAsync(incident.Id, cancellationToken) is { } evidence)
            {
                await sender.SendAsync(new Wire.EvidenceNews { Evidence = UnsafeByteOperations.UnsafeWrap(evidence) }, cancellationToken);
            }
        }
    }

    private bool MayKnow(PeerOptions peer, Incident incident) =>
        !string.Equals(incident.From, peer.Name, StringComparison.Ordinal) && (incident.Module is not { } module || gate.Allows(module.Path, peer));
}
