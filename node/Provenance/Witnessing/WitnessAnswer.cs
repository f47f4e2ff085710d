using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Witnessing;

/// <summary>How a request for a cosignature ended; in brackets the HTTP status of c2sp.org/tlog-witness.</summary>
internal enum WitnessEnd
{
    /// <summary>Cosigned (200).</summary>
    Cosigned,

    /// <summary>No request, or an old size greater than the new one (400).</summary>
    Malformed,

    /// <summary>Not signed by the log's key, or the key is in quarantine (403).</summary>
    Forbidden,

    /// <summary>A log that is not witnessed here (404).</summary>
    UnknownLog,

    /// <summary>The old size is not that of the checkpoint known here, or two roots have one size (409).</summary>
    Conflict,

    /// <summary>The consistency proof does not hold (422).</summary>
    BadProof,
}

/// <summary>What a witness cosigned before, and what it met now and did not cosign.</summary>
/// <param name="Log">Whose key signed both.</param>
/// <param name="Known">Cosigned before.</param>
/// <param name="Met">Of another size.</param>
internal sealed record DoubtfulCheckpoints(WitnessedLog Log, SignedNote Known, SignedNote Met);

/// <param name="End">How.</param>
/// <param name="Reason">For the log's operator, when it was not cosigned.</param>
internal sealed record WitnessAnswer(WitnessEnd End, string Reason = "")
{
    /// <summary>Signature lines, when cosigned.</summary>
    public string Cosignatures { get; init; } = "";

    /// <summary>When in conflict: the checkpoint known here, as the log signed it; empty for none.</summary>
    public ReadOnlyMemory<byte> Known { get; init; }

    /// <summary>When in conflict: its size.</summary>
    public long KnownSize { get; init; }

    /// <summary>Two checkpoints of the log that may be of two histories, for who can find out; null when there is no such doubt.</summary>
    public DoubtfulCheckpoints? Doubt { get; init; }
}
