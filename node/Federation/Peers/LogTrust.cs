using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Provenance.PublicDatabases;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>
/// Trusted keys: this node's own log, the peers with <c>trust = "observe"</c> as far as they were connected since the start, and the checksum
/// databases that this node uses.
/// </summary>
internal sealed class LogTrust(PeerTable peers, NodeKeys keys, IEnumerable<DatabaseIdentity> databases) : ILogTrust
{
    private readonly NoteVerifier[] own = [keys.Log.Verifier, .. databases.Select(database => database.Key)];

    public bool IsTrusted(NoteVerifier logKey)
    {
        var text = logKey.ToString();
        return Array.Exists(own, key => key.ToString() == text)
            || peers.Peers.Any(peer => peer.IsTrusted && peer.LastLog?.ToString() == text);
    }
}
