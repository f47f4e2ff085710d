namespace Athens.Federation.Node.Transparency;

/// <summary>How a newly met head of a log relates to the one known before.</summary>
internal enum HeadChange
{
    /// <summary>The same tree.</summary>
    Same,

    /// <summary>Later: proven to begin with everything known before.</summary>
    Grown,

    /// <summary>Earlier: proven to be a beginning of what is known. Late mail or a replay, no fault by itself.</summary>
    Older,

    /// <summary>One size, two roots. If both heads are signed by the log's key this is proof of a fork by itself.</summary>
    Forked,

    /// <summary>
    /// The sizes differ and the proof does not hold: the head must not be used. Not yet proof against the log, as whoever gave the proof may
    /// have made it up; <see cref="PrefixProof"/> settles it.
    /// </summary>
    BadProof,
}

/// <summary>What was compared and what came of it; everything that anybody needs to compare again.</summary>
internal sealed record HeadComparison(HeadChange Change, TreeHead Known, TreeHead Met, IReadOnlyList<MerkleHash> Proof)
{
    /// <summary>What mirrors and witnesses do with every head before they use or cosign it (c2sp.org/tlog-witness).</summary>
    /// <param name="known">The head known before; size 0 when none.</param>
    /// <param name="met">The head now met, its signature already checked.</param>
    /// <param name="proof">The consistency proof from the smaller to the larger of the two; empty when the sizes are equal.</param>
    public static HeadComparison Of(TreeHead known, TreeHead met, IReadOnlyList<MerkleHash> proof) => new(ChangeOf(known, met, proof), known, met, proof);

    private static HeadChange ChangeOf(TreeHead known, TreeHead met, IReadOnlyList<MerkleHash> proof)
    {
        if (known.Size == met.Size)
        {
            return known.Size != 0 && known.Root != met.Root ? HeadChange.Forked : proof.Count == 0 ? HeadChange.Same : HeadChange.BadProof;
        }

        return known.Size < met.Size
            ? ConsistencyProof.Verify(proof, known, met) ? HeadChange.Grown : HeadChange.BadProof
            : ConsistencyProof.Verify(proof, met, known) ? HeadChange.Older : HeadChange.BadProof;
    }
}
