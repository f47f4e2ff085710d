using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Athens.Federation.Node.Provenance.PublicDatabases;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Incidents;

/// <summary>Files of evidence as a person may hold them: in the form of incidents, or an incident of a checksum database (<see cref="DatabaseIncident"/>).</summary>
internal static class EvidenceFile
{
    private const int MaxDepth = 4;

    /// <summary>What a file proves; null and the reason when it proves nothing.</summary>
    /// <param name="file">Any bytes.</param>
    /// <param name="isReadable">Whether it is evidence at all, however bad.</param>
    /// <param name="reason">What is wrong.</param>
    public static Finding? Verify(ReadOnlySpan<byte> file, out bool isReadable, out string? reason)
    {
        isReadable = true;
        if (file.Length > EvidenceVerifier.MaxFile)
        {
            (isReadable, reason) = (false, $"the file is longer than {EvidenceVerifier.MaxFile} bytes");
            return null;
        }

        if (EvidenceText.IsEvidence(file))
        {
            return EvidenceVerifier.Verify(file, out reason);
        }

        isReadable = TryRead(file, out var incident);
        if (!isReadable)
        {
            reason = "the file is no evidence: it does not begin as one, and is no incident of a checksum database";
            return null;
        }

        return OfDatabase(incident, out reason) is { } evidence ? EvidenceVerifier.Verify(evidence, out reason) : null;
    }

    /// <summary>The fork of a checksum database as evidence; null when it is not the two heads of one. Nothing is checked.</summary>
    public static byte[] OfFork(DatabaseIncident fork) => Evidence.OfForkedLog(fork.Database.Key, fork.Known!, fork.Met!, fork.Proof);

    private static bool TryRead(ReadOnlySpan<byte> file, out JsonElement incident)
    {
        incident = default;
        try
        {
            var reader = new Utf8JsonReader(file, new JsonReaderOptions { MaxDepth = MaxDepth });
            using var document = JsonDocument.ParseValue(ref reader);
            incident = document.RootElement.Clone();
            return incident.ValueKind == JsonValueKind.Object && Text(incident, "incident").StartsWith("checksum-database-", StringComparison.Ordinal);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static byte[]? OfDatabase(JsonElement incident, out string? reason)
    {
        var kind = Text(incident, "incident");
        if (kind != "checksum-database-fork")
        {
            reason = $"an incident of the kind {Modules.Shown.Text(kind)} tells what was answered, which its database's key did not sign: it proves nothing to others";
            return null;
        }

        if (NoteVerifier.Parse(Text(incident, "key"), out reason) is not { } key
            || SignedNote.Parse(Encoding.UTF8.GetBytes(Text(incident, "known_head")), out reason) is not { } known
            || SignedNote.Parse(Encoding.UTF8.GetBytes(Text(incident, "met_head")), out reason) is not { } met
            || !TryReadProof(incident, out var proof, out reason))
        {
            return null;
        }

        // The file says what was known and what was met; evidence has the smaller head first.
        return Evidence.OfForkedLog(key, known, met, proof);
    }

    private static bool TryReadProof(JsonElement incident, [NotNullWhen(true)] out List<MerkleHash>? proof, out string? reason)
    {
        (proof, reason) = ([], null);
        if (!incident.TryGetProperty("prefix_proof", out var hashes) || hashes.ValueKind != JsonValueKind.Array)
        {
            return true;
        }

        foreach (var hash in hashes.EnumerateArray().Take(PrefixProof.MaxLength + 1))
        {
            if (hash.ValueKind != JsonValueKind.String || !MerkleHash.TryParse(hash.GetString(), out var parsed))
            {
                reason = "its prefix_proof has what is no hash";
                return false;
            }

            proof.Add(parsed);
        }

        return true;
    }

    private static string Text(JsonElement incident, string name) =>
        incident.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
