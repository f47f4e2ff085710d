using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Witnessing;

/// <summary>A witness key that this node knows.</summary>
/// <param name="PublicKey">32 bytes. Its name stands in its cosignatures.</param>
/// <param name="Org">Its organization; empty when none is told, and then it counts for nothing: one person could be any number of them.</param>
internal sealed record KnownWitness(ReadOnlyMemory<byte> PublicKey, string Org);

/// <summary>How many organizations, other than the log's own, have witnessed a head (<c>[pool] witnesses</c>). Pure.</summary>
internal static class WitnessRule
{
    /// <summary>How far ahead of this node's clock a witness's may be.</summary>
    private static readonly TimeSpan ClockDrift = TimeSpan.FromMinutes(10);

    /// <summary>Distinct organizations with a good cosignature on a checkpoint.</summary>
    /// <param name="checkpoint">As it was met, signed by the log.</param>
    /// <param name="logOrg">The organization of the log's node; its own witnesses do not count.</param>
    /// <param name="witnesses">Those that are known.</param>
    /// <param name="now">Cosignatures of a time well after this do not count.</param>
    public static int Count(SignedNote checkpoint, string logOrg, IEnumerable<KnownWitness> witnesses, DateTimeOffset now)
    {
        var orgs = new HashSet<string>(StringComparer.Ordinal);
        foreach (var witness in witnesses)
        {
            if (witness.Org.Length > 0 && witness.Org != logOrg && !orgs.Contains(witness.Org)
                && TimeOf(checkpoint, witness.PublicKey) is { } time && time <= now + ClockDrift)
            {
                orgs.Add(witness.Org);
            }
        }

        return orgs.Count;
    }

    /// <summary>When a witness key cosigned a checkpoint, by its own clock; null when it did not.</summary>
    public static DateTimeOffset? TimeOf(SignedNote checkpoint, ReadOnlyMemory<byte> publicKey)
    {
        foreach (var signature in checkpoint.Signatures)
        {
            if (signature.Bytes.Length == Cosignature.Size
                && CosignatureVerifier.Of(signature.Name, publicKey.Span) is { } verifier
                && verifier.Hash == signature.Hash)
            {
                return checkpoint.CosignedBy(verifier);
            }
        }

        return null;
    }
}
