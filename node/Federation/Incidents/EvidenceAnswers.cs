using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Logs;
using Athens.Federation.Node.Federation.Serving;
using Athens.Federation.Node.Provenance.Incidents;
using Google.Protobuf;
using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Incidents;

/// <summary>Tells peers of living incidents, each once in a stream: not those that came from them, and of private modules only inside the organization.</summary>
internal sealed class EvidenceAnswers : IDisposable
{
    /// <summary>Streams of one peer: one, and those of connections that broke and are not yet known to be gone.</summary>
    public const int MaxWatches = 4;

    private static readonly TimeSpan ComeBack = TimeSpan.FromSeconds(2);

    private readonly IncidentBook book;
    private readonly PrivateGate gate;
    private readonly PeerLimits limits;
    private readonly EgressPacer pacer;
    private readonly TimeProvider time;
    private readonly Tally<PeerKey> watches = new(MaxWatches);
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public EvidenceAnswers(IncidentBook book, PrivateGate gate, PeerLimits limits, EgressPacer pacer, TimeProvider time)
    {
        this.book = book;
        this.gate = gate;
        this.limits = limits;
        this.pacer = pacer;
        this.time = time;
        book.Changed += Change;
    }

    /// <param name="call">The call.</param>
    /// <param name="stream">Where evidence goes.</param>
    /// <param name="stopping">This node is going down.</param>
    public async Task WatchAsync(ServedCall call, IServerStreamWriter<Wire.EvidenceNews> stream, CancellationToken stopping)
    {
        PeerKey key = call.Peer.Key;
        if (!watches.TryAdd(key))
        {
            throw Refusal.TooMuch($"{MaxWatches} watches of this peer are under way", ComeBack);
        }

        try
        {
            // Who only waits does not count among the calls that a peer may have at once.
            call.MoveTo(limits.TryWait(call.Peer, 1) ?? throw Refusal.TooMuch("too much is waited for", ComeBack));
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(call.Cancelled, stopping);
            await using StreamSender<Wire.EvidenceNews> sender = new(call, stream, pacer, time);
            HashSet<string> told = new(StringComparer.Ordinal);
            while (true)
            {
                Task next = Volatile.Read(ref changed).Task;
                await TellAsync(call.Peer, sender, told, ending.Token);
                await next.WaitAsync(ending.Token);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested && !call.Cancelled.IsCancellationRequested)
        {
            throw Refusal.Of(StatusCode.Unavailable, "this node is going down");
        }
        finally
        {
            watches.Remove(key);
        }
    }

    public void Dispose() => book.Changed -= Change;

    private async Task TellAsync(PeerOptions peer, StreamSender<Wire.EvidenceNews> sender, HashSet<string> told, CancellationToken cancellationToken)
    {
        IReadOnlyList<Incident> all = book.All;
        told.RemoveWhere(id => !all.Any(incident => incident.Id == id));
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

    private void Change() => Interlocked.Exchange(ref changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
