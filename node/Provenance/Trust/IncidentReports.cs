using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Trust;

/// <summary>Makes evidence of the disagreements that decisions have met, as far as anybody signed for them, and hands it in.</summary>
internal sealed class IncidentReports(IIncidents incidents, NodeKeys keys, PublicProofs proofs, ILogger<IncidentReports> logger)
{
    /// <summary>Never throws. An incident that nobody signed for is for this node's operator alone, who was told.</summary>
    /// <param name="module">What it is about.</param>
    /// <param name="incident">Who says what.</param>
    public async Task ReportAsync(ModuleVersion module, TrustIncident incident)
    {
        try
        {
            if (await EvidenceAsync(module, incident) is { } evidence)
            {
                await incidents.ReportAsync(evidence, CancellationToken.None);
            }
        }
        catch (IOException error)
        {
            logger.NotReported(module, error.Message);
        }
        catch (Exception exception)
        {
            logger.TrustFault(module, exception);
        }
    }

    private async Task<byte[]?> EvidenceAsync(ModuleVersion module, TrustIncident incident) =>
        (StatementOf(incident.Known.Record), StatementOf(incident.Other.Record)) switch
        {
            ({ } known, { } other) => Evidence.OfConflictingRecords(known, other),
            ({ } known, null) when incident.Other.IsUpstream => Evidence.OfMovedTag(known, keys.Log.Verifier, Testify(module, incident.Other.Hashes)),
            (null, { } other) when incident.Known.Proof is not null && await proofs.StatementAsync(module) is { } database =>
                Evidence.OfWrongRecord(other, database),
            _ => null,
        };

    private SignedNote Testify(ModuleVersion module, HashPair upstream) => Testimony.Sign(keys.Log, module, upstream.Zip, upstream.Mod);

    /// <summary>Null for what was read in a mirrored log: its leaf alone is signed for by nobody.</summary>
    private static LogStatement? StatementOf(KnownRecord? record) =>
        record is { Note.IsEmpty: false } && NoteVerifier.Parse(record.Log, out _) is { } log && SignedNote.Parse(record.Note.Span, out _) is { } note
            ? LogStatement.Signed(log, note)
            : null;
}
