using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Athens.Federation.Node.Modules;

/// <summary>
/// The bytes of a zip, read at explicit offsets through one small window: entries lie one after the other, so that a
/// header, its name and a small file's data come with one system call. For one thread.
/// </summary>
internal sealed class ZipSource
{
    /// <summary>Bytes read ahead; a few system calls a megabyte, and nothing that shows in a node's memory.</summary>
    public const int WindowSize = 64 << 10;

    private readonly SafeFileHandle handle;
    private readonly CancellationToken cancellationToken;
    private readonly byte[] window = new byte[WindowSize];
    private long windowStart;
    private int windowLength;

    public ZipSource(SafeFileHandle handle, CancellationToken cancellationToken)
    {
        this.handle = handle;
        this.cancellationToken = cancellationToken;
        Length = RandomAccess.GetLength(handle);
    }

    public long Length { get; }

    /// <summary>Fills the buffer; false when the file has no such bytes (any more).</summary>
    public bool TryRead(long offset, Span<byte> buffer)
    {
        if (offset < 0 || offset > Length || buffer.Length > Length - offset)
        {
            return false;
        }

        while (!buffer.IsEmpty)
        {
            if (offset < windowStart || offset >= windowStart + windowLength)
            {
                cancellationToken.ThrowIfCancellationRequested();
                windowStart = offset;
                windowLength = RandomAccess.Read(handle, window, offset);
                if (windowLength == 0)
                {
                    return false;
                }
            }

            ReadOnlySpan<byte> have = window.AsSpan(0, windowLength)[(int)(offset - windowStart)..];
            have = have[..Math.Min(have.Length, buffer.Length)];
            have.CopyTo(buffer);
            buffer = buffer[have.Length..];
            offset += have.Length;
        }

        return true;
    }

    /// <summary>SHA-256 of all bytes, 64 lower-case hex digits; null when there are not <see cref="Length"/>.</summary>
    public string? HashAll()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        windowLength = 0;
        long offset = 0;
        while (offset < Length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int read = RandomAccess.Read(handle, window, offset);
            if (read == 0)
            {
                return null;
            }

            hash.AppendData(window.AsSpan(0, read));
            offset += read;
        }

        return offset == Length ? Convert.ToHexStringLower(hash.GetHashAndReset()) : null;
    }
}
