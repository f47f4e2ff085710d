using System.Buffers;
using System.Security.Cryptography;
using Athens.Federation.Node.Retrieval;
using Microsoft.Win32.SafeHandles;

namespace Athens.Federation.Node.Storage;

/// <summary>SHA-256 and size of bytes and files.</summary>
internal static class FileDigests
{
    /// <summary>Hashed between two chances for other work to run on the thread: some 100 microseconds.</summary>
    private const int ChunkSize = 128 << 10;

    public static FileDigest Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return new FileDigest(Convert.ToHexStringLower(hash), bytes.Length);
    }

    public static async Task<FileDigest> OfAsync(string path, CancellationToken cancellationToken)
    {
        using var handle = FileSystem.OpenToRead(path);
        return await OfAsync(handle, cancellationToken);
    }

    /// <summary>Reads a whole file in pieces, giving way in between so that a big one does not hold up others.</summary>
    public static async Task<FileDigest> OfAsync(SafeFileHandle handle, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkSize);
        try
        {
            using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            long offset = 0;
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var read = RandomAccess.Read(handle, buffer, offset);
                if (read == 0)
                {
                    return new FileDigest(Convert.ToHexStringLower(sha.GetHashAndReset()), offset);
                }

                sha.AppendData(buffer, 0, read);
                offset += read;
                await Task.Yield();
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
