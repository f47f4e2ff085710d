using System.Buffers;
using System.Security.Cryptography;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Provenance;
using Microsoft.Win32.SafeHandles;

namespace Athens.Federation.Node.Federation.Fetching;

/// <summary>
/// Cuts one stream into chunks. A chunk is written only when all of it is here and has its hash: while two streams bring the
/// same chunk, no wrong byte can be written over right ones. One for each worker; its buffer is the memory of a chunk stream.
/// </summary>
internal sealed class ChunkWriter : IDisposable
{
    private readonly ChunkedZip zip;
    private readonly ChunkBoard board;
    private readonly SafeFileHandle file;
    private readonly byte[] buffer = ArrayPool<byte>.Shared.Rent(ChunkRules.ChunkSize);
    private int filled;

    public ChunkWriter(ChunkedZip zip, ChunkBoard board, SafeFileHandle file)
    {
        this.zip = zip;
        this.board = board;
        this.file = file;
    }

    /// <summary>Bytes of whole, right chunks since the last <see cref="Begin"/>.</summary>
    public long Verified { get; private set; }

    /// <summary>A new stream.</summary>
    public void Begin() => (filled, Verified) = (0, 0);

    /// <summary>The next bytes of a run. False when the run is over, be it that others have taken the rest of it.</summary>
    /// <exception cref="HolderFailedException">A chunk does not have the hash that the holder's own record states.</exception>
    /// <exception cref="IOException">This node's disk.</exception>
    public bool Take(ChunkRun run, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            int size = zip.SizeOf(run.Next);
            int part = Math.Min(bytes.Length, size - filled);
            bytes[..part].CopyTo(buffer.AsSpan(filled));
            bytes = bytes[part..];
            filled += part;
            if (filled == size && !Finish(run, size))
            {
                return false;
            }
        }

        return true;
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(buffer);

    private bool Finish(ChunkRun run, int size)
    {
        Span<byte> computed = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(buffer.AsSpan(0, size), computed);
        if (!computed.SequenceEqual(zip.HashOf(run.Next)))
        {
            throw new HolderFailedException(
                PeerFault.Lied,
                $"chunk {run.Next}: its list states sha256 {Convert.ToHexStringLower(zip.HashOf(run.Next))}, the bytes sent have {Convert.ToHexStringLower(computed)}");
        }

        if (!board.Has(run.Next))
        {
            RandomAccess.Write(file, buffer.AsSpan(0, size), (long)run.Next * ChunkRules.ChunkSize);
        }

        filled = 0;
        Verified += size;
        return board.Done(run);
    }
}
