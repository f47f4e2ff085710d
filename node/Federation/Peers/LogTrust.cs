using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Provenance.Mirrors;
using Athens.Federation.Node.Provenance.PublicDatabases;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>
/// Trusted keys: this node's own log's, now and before, those of the peers with <c>trust = "observe"</c> as far as they were connected since the start or their logs are
/// mirrored, and the checksum databases that this node uses.
/// </summary>
internal sealed class LogTrust : ILogTrust
{
    private readonly PeerTable peers;
    private readonly NodeKeys keys;
    private readonly NoteVerifier[] own;
    private readonly NoteVerifier[] databases;

    /// <summary>Asked for when it is needed: mirrors need incidents, which need this.</summary>
    private readonly Lazy<MirrorSet?> mirrors;

    public LogTrust(PeerTable peers, NodeKeys keys, IEnumerable<DatabaseIdentity> databases, IServiceProvider provider)
    {
        this.peers = peers;
        this.keys = keys;
        this.databases = [.. databases.Select(static database => database.Key)];
        own = keys.Rotation is { } rotation ? [keys.Log.Verifier, rotation.From] : [keys.Log.Verifier];
        mirrors = new Lazy<MirrorSet?>(provider.GetService<MirrorSet>);
    }

    public bool IsTrusted(NoteVerifier logKey) =>
        own.Contains(logKey)
        || databases.Contains(logKey)
        || mirrors.Value?.Find(logKey)?.Followed?.IsTrusted == true
        || peers.Peers.Any(peer => peer.IsTrusted && logKey.Equals(peer.LastLog));

    /// <inheritdoc/>
    /// <remarks>A mirror's owner is who first kept the log here. What a peer merely says of its log's key now does not count: it could name another one's.</remarks>
    public bool IsKeptBy(NoteVerifier logKey, NoteVerifier identity)
    {
        PeerKey node = PeerKey.Of(identity.PublicKey.Span);
        return node == PeerKey.Of(keys.Identity.PublicKey.Span)
            ? own.Contains(logKey)
            : mirrors.Value?.Find(logKey)?.Owner == node.ToString();
    }
}
