using System.Text;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Provenance.Mirrors;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Trust;

/// <summary>Makes evidence of the disagreements that decisions have met, as far as anybody signed for them, and hands it in.</summary>
internal sealed class IncidentReports(
    IIncidents incidents, NodeKeys keys, PublicProofs proofs, IEnumerable<MirrorSet> mirrors, NodeLog own, ILogger<IncidentReports> logger)
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
        (await KnownAsync(module, incident), await StatementAsync(incident.Other.Record)) switch
        {
            ({ } known, { } other) => Evidence.OfConflictingRecords(known, other),
            ({ } known, null) when incident.Other.IsUpstream => Evidence.OfMovedTag(known, keys.Log.Verifier, Testify(module, incident.Other.Hashes)),
            (null, { } other) when incident.Known.Proof is not null && await proofs.StatementAsync(module) is { } database =>
                // A node's log may be this node's checksum database: it says what it says as a record, like any other.
                database.AsRecord() is null ? Evidence.OfWrongRecord(other, database) : Evidence.OfConflictingRecords(database, other),
            _ => null,
        };

    /// <summary>Who says it first in an incident, and is no other node and no public database, is this node by its own record.</summary>
    private async Task<LogStatement?> KnownAsync(ModuleVersion module, TrustIncident incident) =>
        incident.Known is not { Record: null, Proof: null } ? await StatementAsync(incident.Known.Record)
        : await own.ProveAsync(module, CancellationToken.None) is { } proof
            && LogStatement.InTree(own.Key, proof) is var statement
            && statement.AsRecord() is { } record
            && new HashPair(record.ZipHash, record.ModHash) == incident.Known.Hashes
            ? statement
            : null;

    private SignedNote Testify(ModuleVersion module, HashPair upstream) => Testimony.Sign(keys.Log, module, upstream.Zip, upstream.Mod);

    /// <summary>What the log's key said, as the peer signed it or as it stands in the mirrored log; null when neither can be shown.</summary>
    private async Task<LogStatement?> StatementAsync(KnownRecord? record)
    {
        if (record is null || NoteVerifier.Parse(record.Log, out _) is not { } log)
        {
            return null;
        }

        if (!record.Note.IsEmpty)
        {
            return SignedNote.Parse(record.Note.Span, out _) is { } note ? LogStatement.Signed(log, note) : null;
        }

        Mirror? mirror = mirrors.Select(set => set.Find(log)).FirstOrDefault(static found => found is not null);
        if (record is not { Number: { } number, Text: { } text }
            || mirror?.Head is not { } head
            || number >= head.Tree.Size
            || mirror.HashesAt(head.Tree.Size) is not { } hashes
            || SignedNote.Parse(head.Checkpoint.Span, out _) is not { } checkpoint)
        {
            return null;
        }

        MerkleHash[] proof = await InclusionProof.ProveAsync(number, head.Tree.Size, hashes, CancellationToken.None);
        return LogStatement.InTree(log, new LogRecord(number, Encoding.UTF8.GetBytes(text.ToText())), proof, checkpoint);
    }
}
