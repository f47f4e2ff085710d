using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>
/// How the book's files are written: a line that says what it is, each part behind its length, at the end a checksum. Damage of a disk is told by it;
/// what a part says is checked as if a peer had sent it.
/// </summary>
internal static class PoolFile
{
    /// <summary>Bytes of a file: the longest chain of the longest roots comes to some 170 MiB.</summary>
    private const int MaxLength = 256 << 20;

    private const string Header = "athens-federation pool file v1\n";
    private const int Digits = 64;

    public static byte[] ToBytes(IEnumerable<ReadOnlyMemory<byte>> parts)
    {
        using var bytes = new MemoryStream();
        bytes.Write(Encoding.ASCII.GetBytes(Header));
        foreach (var part in parts)
        {
            bytes.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{part.Length}\n")));
            bytes.Write(part.Span);
            bytes.WriteByte((byte)'\n');
        }

        bytes.Write(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(bytes.GetBuffer().AsSpan(0, (int)bytes.Length))) + "\n"));
        return bytes.ToArray();
    }

    /// <summary>The parts of a file; null when there is none of the name.</summary>
    /// <exception cref="IOException">It is damaged or cannot be read.</exception>
    public static IReadOnlyList<ReadOnlyMemory<byte>>? Read(string path, string remedy)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            return null;
        }

        var bytes = file.Length > MaxLength ? [] : File.ReadAllBytes(path);
        var end = bytes.Length - Digits - 1;
        return end > 0 && bytes[^1] == '\n'
            && Encoding.ASCII.GetString(bytes, end, Digits) == Convert.ToHexStringLower(SHA256.HashData(bytes.AsSpan(0, end)))
            && Parts(bytes.AsMemory(0, end)) is { } parts
            ? parts
            : throw new IOException($"The pool's file {path} is damaged. {remedy}");
    }

    private static List<ReadOnlyMemory<byte>>? Parts(ReadOnlyMemory<byte> bytes)
    {
        if (!bytes.Span.StartsWith(Encoding.ASCII.GetBytes(Header)))
        {
            return null;
        }

        bytes = bytes[Header.Length..];
        var parts = new List<ReadOnlyMemory<byte>>();
        while (!bytes.IsEmpty)
        {
            var line = bytes.Span.IndexOf((byte)'\n');
            if (line < 0 || !int.TryParse(bytes.Span[..line], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                || length > bytes.Length - line - 2)
            {
                return null;
            }

            parts.Add(bytes.Slice(line + 1, length));
            bytes = bytes[(line + length + 2)..];
        }

        return parts;
    }
}
