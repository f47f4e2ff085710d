using System.Text;
using Athens.Federation.Node.Provenance.PublicDatabases;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Tests.Provenance.PublicDatabases;

/// <summary>Ways to change what a database answered.</summary>
internal static class Lies
{
    public static byte[] Replace(ReadOnlySpan<byte> answer, string old, string @new) =>
        Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(answer).Replace(old, @new, StringComparison.Ordinal));

    public static SourceAnswer Flipped(SourceAnswer answer, int at = 5)
    {
        var bytes = answer.Body.ToArray();
        bytes[at % bytes.Length] ^= (byte)(1 << (at % 7));
        return SourceAnswer.Found(bytes);
    }

    /// <summary>The same head, signed by somebody else under the same name.</summary>
    public static SourceAnswer Resigned(SourceAnswer answer, SigningKey key)
    {
        var text = Encoding.UTF8.GetString(answer.Body.Span);
        var head = text.IndexOf("go.sum database tree", StringComparison.Ordinal);
        var note = SignedNote.Parse(Encoding.UTF8.GetBytes(text[head..]), out _)!;
        return SourceAnswer.Found((byte[])[.. Encoding.UTF8.GetBytes(text[..head]), .. SignedNote.Sign(note.Text, key)]);
    }
}
