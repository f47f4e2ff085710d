using System.Text;

namespace Athens.Federation.Node.Federation.Logs;

/// <summary>What a record's text tells without being read: a log is sent by the ten thousand records.</summary>
internal static class RecordLines
{
    /// <summary>Every line's first word is known, so no other line can begin like this (ModuleRecord).</summary>
    public static bool IsVouched(ReadOnlySpan<byte> text) => text.IndexOf("\nvouched "u8) >= 0;

    /// <summary>
    /// Whether a peer may have the text. A salted record was private when it was made, and private in its own node's organization, whatever the patterns here
    /// say by now.
    /// </summary>
    public static bool IsFor(ReadOnlySpan<byte> text, PrivateGate gate, PeerOptions peer)
    {
        if (gate.IsInside(peer))
        {
            return true;
        }

        int path = text.IndexOfAny((byte)' ', (byte)'\n');
        return path > 0 && text.IndexOf("\nsalt "u8) < 0 && gate.Allows(Encoding.UTF8.GetString(text[..path]), peer);
    }
}
