using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Incidents;

/// <summary>Whose signed words count with this node.</summary>
internal interface ILogTrust
{
    /// <summary>Whether the key is this node's own log's, a trusted peer's, or a checksum database's that this node uses. Quick, no I/O.</summary>
    bool IsTrusted(NoteVerifier logKey);

    /// <summary>Whether a log is known to be kept by the node with this identity key, whose word on it counts. Quick, no I/O.</summary>
    /// <param name="logKey">The log's present key, or one before.</param>
    /// <param name="identity">Its public key counts, its name does not.</param>
    bool IsKeptBy(NoteVerifier logKey, NoteVerifier identity) => false;
}
