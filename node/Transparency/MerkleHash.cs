using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Athens.Federation.Node.Transparency;

/// <summary>A SHA-256 hash in a Merkle tree: of a leaf, of a subtree, or a root. Compared by value; as text it is base64, as everywhere in logs.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct MerkleHash
{
    /// <summary>Bytes of a hash.</summary>
    public const int Size = 32;

    /// <summary>Characters of a hash as text.</summary>
    public const int TextLength = 44;

    private readonly UInt128 high;
    private readonly UInt128 low;

    private MerkleHash(ReadOnlySpan<byte> bytes)
    {
        high = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        low = BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]);
    }

    /// <exception cref="ArgumentException">There are not 32 bytes.</exception>
    public static MerkleHash Of(ReadOnlySpan<byte> bytes32) =>
        bytes32.Length == Size ? new MerkleHash(bytes32) : throw new ArgumentException($"A hash has {Size} bytes.", nameof(bytes32));

    /// <summary>Reads base64, and only the one text that stands for the 32 bytes.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out MerkleHash hash)
    {
        hash = default;
        if (text.Length != TextLength || StrictBase64.Decode(text) is not { Length: Size } bytes)
        {
            return false;
        }

        hash = new MerkleHash(bytes);
        return true;
    }

    /// <summary>Writes the 32 bytes to the start of a span.</summary>
    public void WriteTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt128BigEndian(destination, high);
        BinaryPrimitives.WriteUInt128BigEndian(destination[16..], low);
    }

    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        WriteTo(bytes);
        return bytes;
    }

    /// <summary>Base64, 44 characters.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        WriteTo(bytes);
        return Convert.ToBase64String(bytes);
    }
}
