using Athens.Federation.Node.Federation.Logs;
using Athens.Federation.Node.Federation.Serving;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.Incidents;
using Google.Protobuf;
using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Incidents;

/// <summary>
/// Names living incidents to peers, and gives the evidence to those that ask for it: not what came from them, and of private modules only inside the organization.
/// </summary>
internal sealed class EvidenceAnswers : IDisposable
{
    /// <summary>Ids in one message (provenance.proto).</summary>
    public const int MaxNamed = 1000;

    /// <summary>Pieces of one answer (provenance.proto): 2 MiB at most.</summary>
    public const int MaxGiven = 16;

    private readonly IncidentBook book;
    private readonly PrivateGate gate;
    private readonly PeerWatches watches;
    private readonly EgressPacer pacer;
    private readonly TimeProvider time;
    private readonly Signal changed = new();

    public EvidenceAnswers(IncidentBook book, PrivateGate gate, PeerLimits limits, EgressPacer pacer, TimeProvider time)
    {
        this.book = book;
        this.gate = gate;
        this.pacer = pacer;
        this.time = time;
        watches = new PeerWatches(limits, pacer, time);
        book.Changed += changed.Tell;
    }

    /// <param name="call">The call.</param>
    /// <param name="stream">Where ids go.</param>
    /// <param name="stopping">This node is going down.</param>
    public Task WatchAsync(ServedCall call, IServerStreamWriter<Wire.EvidenceNews> stream, CancellationToken stopping) =>
        watches.RunAsync(call, stream, (sender, cancellationToken) => NameAsync(call.Peer, sender, cancellationToken), stopping);

    /// <param name="call">The call.</param>
    /// <param name="request">Not yet checked.</param>
    /// <param name="stream">Where evidence goes.</param>
    public async Task GiveAsync(ServedCall call, Wire.GiveEvidenceRequest request, IServerStreamWriter<Wire.EvidencePiece> stream)
    {
        if (request.Ids.Count is 0 or > MaxGiven)
        {
            throw Refusal.Invalid($"a request is for 1 to {MaxGiven} pieces of evidence, not {request.Ids.Count}");
        }

        await using StreamSender<Wire.EvidencePiece> sender = new(call, stream, pacer, time);
        foreach (ulong name in request.Ids.Distinct())
        {
            if (book.Find(EvidenceName.ToText(name)) is { } incident && MayKnow(call.Peer, incident)
                && await book.EvidenceAsync(incident.Id, call.Cancelled) is { } evidence)
            {
                await sender.SendAsync(new Wire.EvidencePiece { Evidence = UnsafeByteOperations.UnsafeWrap(evidence) }, call.Cancelled);
            }
        }
    }

    public void Dispose() => book.Changed -= changed.Tell;

    private async Task NameAsync(PeerOptions peer, StreamSender<Wire.EvidenceNews> sender, CancellationToken cancellationToken)
    {
        string? last = null;
        while (true)
        {
            Task next = changed.Next;
            IReadOnlyList<Incident> all = book.All;
            ulong[] names = [.. Since(all, last).Where(incident => MayKnow(peer, incident)).Select(EvidenceName.Of)];
            last = all.Count > 0 ? all[^1].Id : null;
            foreach (ulong[] some in names.Chunk(MaxNamed))
            {
                Wire.EvidenceNews news = new();
                news.Ids.Add(some);
                await sender.SendAsync(news, cancellationToken);
            }

            await next.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Those after one; all when it has made room meanwhile. New ones stand last, so nothing else is to be remembered for each of a thousand watchers.</summary>
    private static IEnumerable<Incident> Since(IReadOnlyList<Incident> all, string? last)
    {
        int at = all.Count;
        while (at > 0 && !string.Equals(all[at - 1].Id, last, StringComparison.Ordinal))
        {
            at--;
        }

        return all.Skip(at);
    }

    private bool MayKnow(PeerOptions peer, Incident incident) => incident.Cleared is null
        && !string.Equals(incident.From, peer.Name, StringComparison.Ordinal)
        && (incident.Module is not { } module || gate.Allows(module.Path, peer));
}
