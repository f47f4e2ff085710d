using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Transparency;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>What a peer says of itself: whether it fits the pinned key, and by which key its records are to be checked.</summary>
internal static class PeerHello
{
    /// <summary>Names and software lines in the answer, as the proto has them; shown in logs only.</summary>
    public const int MaxWords = 64;

    /// <summary>The verifier of the peer's log; null and what is wrong.</summary>
    public static NoteVerifier? Check(Wire.WhoAreYouResponse hello, PeerKey pinned, out PeerFault fault, out string? reason)
    {
        (fault, reason) = (PeerFault.Protocol, null);
        if (!hello.IdentityKey.Span.SequenceEqual(pinned.Bytes.Span))
        {
            fault = PeerFault.Lied;
            reason = $"it states the identity key {Convert.ToBase64String(hello.IdentityKey.Span[..Math.Min(hello.IdentityKey.Length, MaxWords)])}, "
                + $"its certificate proves {pinned}";
            return null;
        }

        try
        {
            return NoteVerifier.Of(hello.LogName, hello.LogKey.Span);
        }
        catch (ArgumentException exception)
        {
            reason = $"its log cannot be used: {exception.Message}";
            return null;
        }
    }
}
