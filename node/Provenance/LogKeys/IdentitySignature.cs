using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.LogKeys;

/// <summary>Signatures of identity keys on notes. What is pinned of such a key is the public key; its name stands in the note and proves nothing.</summary>
internal static class IdentitySignature
{
    /// <summary>The identity as it signed the note; null when this public key did not.</summary>
    public static NoteVerifier? Find(SignedNote note, ReadOnlySpan<byte> publicKey)
    {
        foreach (var signature in note.Signatures)
        {
            if (NoteVerifier.Of(signature.Name, publicKey) is var verifier && verifier.Hash == signature.Hash && note.IsSignedBy(verifier))
            {
                return verifier;
            }
        }

        return null;
    }
}
