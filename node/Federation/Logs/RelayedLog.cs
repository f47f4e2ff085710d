using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Transparency;
using Google.Protobuf;

namespace Athens.Federation.Node.Federation.Logs;

/// <summary>A log that comes through a relay.</summary>
/// <param name="owner">Whose log it is: a peer that no connection is kept to.</param>
/// <param name="key">What it is signed with, by the word of the owner's organization.</param>
internal sealed class RelayedLog(Peer owner, NoteVerifier key)
{
    public Peer Owner => owner;

    public NoteVerifier Key => key;

    /// <summary>The statement of a former key that was looked at last. Of the one who pulls.</summary>
    public ByteString Continued { get; set; } = ByteString.Empty;
}
