using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Incidents;

/// <summary>Whose signed words count with this node.</summary>
internal interface ILogTrust
{
    /// <summary>Whether the key is this node's own log's, a trusted peer's, or a checksum database's that this node uses. Quick, no I/O.</summary>
    bool IsTrusted(NoteVerifier logKey);
}
