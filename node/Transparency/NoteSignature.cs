using System.Buffers.Binary;

namespace Athens.Federation.Node.Transparency;

/// <summary>One signature line of a note: who says to have signed, and the bytes. Nothing of it is checked.</summary>
/// <param name="Name">The key's name.</param>
/// <param name="Hash">The key's hash, see <see cref="NoteVerifier.Hash"/>.</param>
/// <param name="Bytes">The signature without the hash; at least one byte.</param>
internal sealed record NoteSignature(string Name, uint Hash, ReadOnlyMemory<byte> Bytes)
{
    private const string Dash = "— ";
    private const int HashSize = 4;

    /// <summary>A line <c>— name base64(hash, signature)</c>, without its LF; null when it is written otherwise.</summary>
    public static NoteSignature? ParseLine(ReadOnlySpan<char> line)
    {
        if (!line.StartsWith(Dash, StringComparison.Ordinal))
        {
            return null;
        }

        line = line[Dash.Length..];
        var blank = line.IndexOf(' ');
        return blank > 0 && NoteName.IsValid(line[..blank]) && StrictBase64.Decode(line[(blank + 1)..]) is { Length: > HashSize } bytes
            ? new NoteSignature(new string(line[..blank]), BinaryPrimitives.ReadUInt32BigEndian(bytes), bytes.AsMemory(HashSize))
            : null;
    }

    /// <summary>
    /// Lines, each ending in LF and at least one: the end of a note, or what a witness answers (c2sp.org/tlog-witness). Or says in one
    /// sentence what is wrong.
    /// </summary>
    public static IReadOnlyList<NoteSignature>? ParseLines(string lines, out string? reason)
    {
        var signatures = new List<NoteSignature>();
        var rest = lines.EndsWith('\n') ? lines.AsSpan(..^1) : [];
        foreach (var range in rest.Split('\n'))
        {
            if (signatures.Count == SignedNote.MaxSignatures)
            {
                reason = $"the note has more than {SignedNote.MaxSignatures} signatures";
                return null;
            }

            if (ParseLine(rest[range]) is not { } signature)
            {
                reason = "a signature line of the note is not written \"— name base64\"";
                return null;
            }

            signatures.Add(signature);
        }

        reason = null;
        return signatures;
    }

    /// <summary>The line, with its LF.</summary>
    public string ToLine()
    {
        var signature = new byte[HashSize + Bytes.Length];
        BinaryPrimitives.WriteUInt32BigEndian(signature, Hash);
        Bytes.Span.CopyTo(signature.AsSpan(HashSize));
        return $"{Dash}{Name} {Convert.ToBase64String(signature)}\n";
    }

    /// <summary>Whether both lines are of the same key by name and hash.</summary>
    public bool IsOfKeyOf(NoteSignature other) => IsOf(other.Name, other.Hash);

    public bool IsOf(string name, uint hash) => Hash == hash && string.Equals(Name, name, StringComparison.Ordinal);
}
