using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Witnessing;

/// <summary>
/// A witness of other nodes' logs (c2sp.org/tlog-witness): cosigns a checkpoint once it is proven to continue the largest one cosigned before. That one is
/// replaced durably before the cosignature leaves, so that no crash lets it cosign two histories. Thread safe.
/// </summary>
/// <param name="store">Remembers; of this witness key alone.</param>
/// <param name="key">The witness key.</param>
/// <param name="incidents">Told of forks.</param>
/// <param name="time">The time in cosignatures.</param>
/// <param name="logger">For the operator.</param>
internal sealed class Witness(IWitnessStore store, SigningKey key, IIncidents incidents, TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>Logs of one peer, one more for each time that it had to begin anew.</summary>
    public const int MaxOfOneOwner = 8;

    /// <summary>All Go checksum databases have this first line: by it no log can be told from another, so it is nobody's origin.</summary>
    private const string GoOrigin = "go.sum database tree";

    /// <summary>From the look at what is known to its replacement: one at a time.</summary>
    private readonly SemaphoreSlim gate = new(1);

    /// <summary>Answers a request.</summary>
    /// <param name="body">As tlog-witness has it; hostile.</param>
    /// <param name="find">The log of an origin, if it is witnessed.</param>
    /// <param name="cancellationToken">Gives up before anything is kept.</param>
    /// <exception cref="IOException">The store failed; nothing was cosigned.</exception>
    public async Task<WitnessAnswer> AddCheckpointAsync(ReadOnlyMemory<byte> body, Func<string, WitnessedLog?> find, CancellationToken cancellationToken)
    {
        if (WitnessRequest.Parse(body.Span, out var reason) is not { } request || Checkpoint.Parse(request.Note.Text, out reason) is not { } checkpoint)
        {
            return new WitnessAnswer(WitnessEnd.Malformed, reason!);
        }

        if (checkpoint.Origin == GoOrigin || find(checkpoint.Origin) is not { } log)
        {
            return new WitnessAnswer(WitnessEnd.UnknownLog, "that log is not witnessed here");
        }

        var refusal = !request.Note.IsSignedBy(log.Key) ? "the checkpoint is not signed by the log's key" : incidents.WhyQuarantined(log.Key);
        if (refusal is not null)
        {
            return new WitnessAnswer(WitnessEnd.Forbidden, refusal);
        }

        if (request.OldSize > checkpoint.Head.Size)
        {
            return new WitnessAnswer(WitnessEnd.Malformed, "the old size is greater than the checkpoint's");
        }

        await gate.WaitAsync(cancellationToken);
        try
        {
            return await CompareAsync(log, request, checkpoint.Head, cancellationToken);
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose() => gate.Dispose();

    private async Task<WitnessAnswer> CompareAsync(WitnessedLog log, WitnessRequest request, TreeHead met, CancellationToken cancellationToken)
    {
        var note = SignedHeads.OnlyOf(request.Note, log.Key);
        var known = await KnownAsync(log, cancellationToken);
        if (known is null && await store.CountAsync(log.Owner, cancellationToken) >= MaxOfOneOwner)
        {
            return new WitnessAnswer(WitnessEnd.UnknownLog, "this peer had too many logs already");
        }

        var head = known?.Head ?? new TreeHead(0, MerkleTree.Empty);
        var comparison = HeadComparison.Of(head, met, request.Proof);
        if (comparison.Change == HeadChange.Forked)
        {
            logger.Forked(log.Key.Name, head.Size);
            await incidents.ReportAsync(Evidence.OfForkedLog(log.Key, known!.Note, note, []), CancellationToken.None);
        }

        if (request.OldSize != head.Size || comparison.Change == HeadChange.Forked)
        {
            return new WitnessAnswer(WitnessEnd.Conflict, $"the checkpoint known here has {head.Size} records")
            {
                Known = known?.Note.ToBytes() ?? [],
                KnownSize = head.Size,
                Doubt = known is not null && met.Size < head.Size ? new DoubtfulCheckpoints(log, known.Note, note) : null,
            };
        }

        if (comparison.Change is not (HeadChange.Same or HeadChange.Grown))
        {
            return new WitnessAnswer(WitnessEnd.BadProof, "the consistency proof does not hold")
            {
                Doubt = known is null ? null : new DoubtfulCheckpoints(log, known.Note, note),
            };
        }

        if (known is null || comparison.Change == HeadChange.Grown)
        {
            await store.KeepAsync(log.Key.ToString(), log.Owner, note.ToBytes(), CancellationToken.None);
        }

        return new WitnessAnswer(WitnessEnd.Cosigned) { Cosignatures = Cosignature.Sign(note, key, time.GetUtcNow()).ToLine() };
    }

    private async ValueTask<KnownCheckpoint?> KnownAsync(WitnessedLog log, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(log.Key.ToString(), cancellationToken) is not { } kept)
        {
            return null;
        }

        return SignedNote.Parse(kept.Span, out _) is { } note && note.IsSignedBy(log.Key) && Checkpoint.Parse(note.Text, out _) is { } checkpoint
            ? new KnownCheckpoint(note, checkpoint.Head)
            : throw new IOException($"what this witness cosigned of the log {log.Key.Name} is damaged in witness.db: put the newest one back, or move keys/witness and witness.db away together");
    }

    private sealed record KnownCheckpoint(SignedNote Note, TreeHead Head);
}
