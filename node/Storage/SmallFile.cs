using System.Security.Cryptography;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Storage;

/// <summary>Reads a small file and checks it each time: hashing 64 KiB costs less than being wrong once.</summary>
internal static class SmallFile
{
    /// <summary>The bytes, or null when they are not those of the digest or the file is gone.</summary>
    public static byte[]? Read(string path, FileDigest digest)
    {
        try
        {
            using var handle = FileSystem.OpenToRead(path);
            var bytes = new byte[digest.Size];
            var read = 0;
            while (read < bytes.Length)
            {
                var more = RandomAccess.Read(handle, bytes.AsSpan(read), read);
                if (more == 0)
                {
                    return null;
                }

                read += more;
            }

            return RandomAccess.GetLength(handle) == digest.Size && Matches(bytes, digest) ? bytes : null;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static bool Matches(byte[] bytes, FileDigest digest)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Span<char> hex = stackalloc char[SHA256.HashSizeInBytes * 2];
        SHA256.HashData(bytes, hash);
        return Convert.TryToHexStringLower(hash, hex, out _) && hex.SequenceEqual(digest.Sha256);
    }
}
