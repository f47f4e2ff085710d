using System.Text;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Trust;

/// <summary>All that this node knows of a module version, and what follows from it.</summary>
/// <param name="Module">Which.</param>
/// <param name="OwnNumber">Of the record in this node's own log; null when there is none.</param>
/// <param name="Own">That record.</param>
/// <param name="Others">Records of other nodes' logs.</param>
/// <param name="Proof">Of the public checksum database; null when there is none.</param>
/// <param name="Verdict">What is believed, and why.</param>
/// <param name="Quarantine">Why it may not be admitted, as a sentence that names the incident; null when it may.</param>
internal sealed record ModuleAccount(
    ModuleVersion Module,
    long? OwnNumber,
    ModuleRecord? Own,
    IReadOnlyList<KnownRecord> Others,
    PublicProof? Proof,
    TrustVerdict Verdict,
    string? Quarantine)
{
    public bool IsKnown => Own is not null || Others.Count > 0 || Proof is not null;
}

/// <summary>How a line of a go.sum stands.</summary>
internal enum LineStanding
{
    /// <summary>It is what is believed.</summary>
    Proven,

    /// <summary>Nobody who counts says enough.</summary>
    Unknown,

    /// <summary>Something else is believed, or those who should know disagree.</summary>
    Mismatch,
}

/// <param name="Line">Of the go.sum.</param>
/// <param name="Standing">How it stands.</param>
/// <param name="Why">One sentence for people, without a full stop.</param>
internal sealed record LineVerdict(GoSumLine Line, LineStanding Standing, string Why);

/// <summary>Answers people's questions by the same policy that decides on bytes. Asks no peers: what it knows is this node's log, mirrored logs, and public proofs.</summary>
internal sealed class TrustInquiry(TrustDesk desk, NodeLog log)
{
    /// <summary>Module versions that are looked up at once.</summary>
    private const int Together = 32;

    /// <summary>The public checksum database is asked for what is unknown otherwise, and a person waits.</summary>
    private static readonly TimeSpan MostAsking = TimeSpan.FromMinutes(1);

    /// <exception cref="IOException">The log or the mirrors cannot be read.</exception>
    public async Task<ModuleAccount> LookAsync(ModuleVersion module, bool mayAsk, CancellationToken cancellationToken)
    {
        StoredRecord? stored = await log.FindAsync(module, cancellationToken);
        ModuleRecord? own = stored is null ? null : ModuleRecord.Parse(Encoding.UTF8.GetString(stored.Text.Span), out _);
        TrustCase trust = desk.Open(module, own is null ? null : new HashPair(own.ZipHash, own.ModHash));
        try
        {
            await desk.RecallAsync(trust, cancellationToken);
            if (mayAsk && trust.Proofs.Count == 0)
            {
                await trust.ProveAsync().WaitAsync(cancellationToken);
            }

            // The operator hears of what a person's question met, as of what a fetch meets; the evidence is kept before the person is answered.
            desk.Tell(trust, trust.Now);
        }
        finally
        {
            await desk.CloseAsync(trust);
        }

        return new ModuleAccount(
            module, own is null ? null : stored!.Number, own, trust.Records, trust.Proofs is [var proof, ..] ? proof : null, trust.Now, desk.WhyQuarantined(module));
    }

    /// <summary>How the lines of a go.sum stand, in their order.</summary>
    /// <exception cref="IOException">The log or the mirrors cannot be read.</exception>
    public async Task<IReadOnlyList<LineVerdict>> CheckAsync(IReadOnlyList<GoSumLine> lines, CancellationToken cancellationToken)
    {
        ModuleVersion[] modules = [.. lines.Select(static line => line.Module).Distinct()];
        Dictionary<ModuleVersion, ModuleAccount> known = await LookAsync(modules, mayAsk: false, cancellationToken);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(MostAsking);
        try
        {
            foreach (ModuleVersion[] unknown in modules.Where(module => !known[module].Verdict.IsBelieved).Chunk(PublicProofs.MaxAtOnce))
            {
                foreach ((ModuleVersion module, ModuleAccount account) in await LookAsync(unknown, mayAsk: true, end.Token))
                {
                    known[module] = account;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The rest stays unknown; asked again, it goes on from here.
        }

        return [.. lines.Select(line => Judge(line, known[line.Module].Verdict))];
    }

    private static LineVerdict Judge(GoSumLine line, TrustVerdict verdict)
    {
        if (verdict.Believed is not { } believed)
        {
            return new LineVerdict(line, verdict.IsRefused ? LineStanding.Mismatch : LineStanding.Unknown, verdict.Why);
        }

        string hash = line.IsMod ? believed.Mod : believed.Zip;
        return hash != line.Hash ? new LineVerdict(line, LineStanding.Mismatch, $"{hash} is believed: {verdict.Why}")
            : verdict is { Step: TrustStep.OwnRecord, Incidents: [var incident, ..] } ? new LineVerdict(line, LineStanding.Mismatch, incident.ToString())
            : new LineVerdict(line, LineStanding.Proven, verdict.Why);
    }

    private async Task<Dictionary<ModuleVersion, ModuleAccount>> LookAsync(
        ModuleVersion[] modules, bool mayAsk, CancellationToken cancellationToken)
    {
        Dictionary<ModuleVersion, ModuleAccount> known = [];
        foreach (ModuleVersion[] some in modules.Chunk(Together))
        {
            foreach (ModuleAccount account in await Task.WhenAll(some.Select(module => LookAsync(module, mayAsk, cancellationToken))))
            {
                known[account.Module] = account;
            }
        }

        return known;
    }

    /// <summary>The proof that this node's own record stands in its log, for offline use; null when there is none.</summary>
    /// <exception cref="IOException">The log cannot be read.</exception>
    public Task<TlogProof?> ProveOwnAsync(ModuleVersion module, CancellationToken cancellationToken) => log.ProveAsync(module, cancellationToken);
}
