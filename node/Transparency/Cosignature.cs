using System.Buffers.Binary;
using System.Text;

namespace Athens.Federation.Node.Transparency;

/// <summary>
/// A witness's statement that at a time a checkpoint was the largest consistent one it had seen of that origin (c2sp.org/tlog-cosignature,
/// version 1): in a note, eight bytes of big-endian POSIX seconds and an Ed25519 signature over <c>cosignature/v1</c>, <c>time N</c> and the
/// note's text. The name is not signed, so a key cosigns under one name only.
/// </summary>
internal static class Cosignature
{
    /// <summary>Bytes of the time before the signature.</summary>
    public const int TimeSize = 8;

    /// <summary>Bytes of a cosignature: time and Ed25519 signature.</summary>
    public const int Size = TimeSize + Ed25519Signature.SignatureSize;

    /// <summary>The end of the year 9999, the latest time that can be told; the specification ends at 2^63 - 1.</summary>
    public static ulong MaxSeconds { get; } = (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    /// <summary>
    /// Cosigns a checkpoint. Only after it was found consistent with the largest one cosigned before, and after it was stored durably as the
    /// largest: a cosignature cannot be taken back (c2sp.org/tlog-witness).
    /// </summary>
    /// <exception cref="ArgumentException">The note is no checkpoint, or the time is before 1970.</exception>
    public static NoteSignature Sign(SignedNote note, SigningKey witness, DateTimeOffset time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, DateTimeOffset.UnixEpoch);
        if (Checkpoint.Parse(note.Text, out var reason) is null)
        {
            throw new ArgumentException(reason, nameof(note));
        }

        var seconds = time.ToUnixTimeSeconds();
        var cosignature = new byte[Size];
        BinaryPrimitives.WriteInt64BigEndian(cosignature, seconds);
        witness.Sign(Message(seconds, Encoding.UTF8.GetBytes(note.Text))).CopyTo(cosignature, TimeSize);
        return new NoteSignature(witness.Name, CosignatureVerifier.Of(witness).Hash, cosignature);
    }

    /// <summary>What is signed.</summary>
    internal static byte[] Message(long seconds, ReadOnlySpan<byte> text) =>
        [.. "cosignature/v1\ntime "u8, .. Encoding.ASCII.GetBytes(StrictNumber.Format(seconds)), (byte)'\n', .. text];
}
