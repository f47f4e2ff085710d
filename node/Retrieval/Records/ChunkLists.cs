using System.Buffers;
using System.Security.Cryptography;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance;

namespace Athens.Federation.Node.Retrieval.Records;

/// <summary>
/// Makes the chunk lists of big zips: each once however many ask for it, and few at a time. Whoever asked may go away, as one
/// does whose patience is shorter than the hashing of half a gigabyte; the list is finished and kept for the next one.
/// </summary>
internal sealed class ChunkLists : IDisposable
{
    private const int HashSize = SHA256.HashSizeInBytes;

    /// <summary>250 lists of the longest zips, 16 KB each, or some thousand usual ones.</summary>
    private const long MaxKeptBytes = 4 << 20;

    /// <summary>Of an entry beside the list itself.</summary>
    private const int EntryWeight = 256;

    /// <summary>Zips hashed at once: half of the processors, so that builds and other peers go on beside a flood of questions.</summary>
    private static readonly int Parallel = Math.Max(1, Environment.ProcessorCount / 2);

    private readonly IModuleStore store;
    private readonly CancellationTokenSource closing = new();
    private readonly SemaphoreSlim free = new(Parallel);
    private readonly AnswerCache<string, byte[]> kept = new(MaxKeptBytes, static (_, list) => EntryWeight + list.Length);

    // Guards running, which has an entry for each list being made: no more than there are calls under way.
    private readonly Lock gate = new();
    private readonly Dictionary<string, Task<byte[]?>> running = new(StringComparer.Ordinal);

    public ChunkLists(IModuleStore store) => this.store = store;

    /// <summary>SHA-256 of each chunk, one after the other; empty when the zip is too small to be cut, null when it is not held.</summary>
    public Task<byte[]?> OfAsync(ModuleFacts facts, CancellationToken cancellationToken)
    {
        int count = ChunkRules.Count(facts.Zip.Size);
        if (count == 0)
        {
            return Task.FromResult<byte[]?>([]);
        }

        Task<byte[]?>? making;
        lock (gate)
        {
            if (kept.Find(facts.Zip.Sha256) is { } made)
            {
                return Task.FromResult<byte[]?>(made);
            }

            if (!running.TryGetValue(facts.Zip.Sha256, out making))
            {
                running[facts.Zip.Sha256] = making = Task.Run(() => MakeAsync(facts, count));
            }
        }

        return making.WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        // The semaphore is left to the collector: a list may still be on its way to it.
        closing.Cancel();
        closing.Dispose();
    }

    private async Task<byte[]?> MakeAsync(ModuleFacts facts, int count)
    {
        byte[]? list = null;
        try
        {
            await free.WaitAsync(closing.Token);
            try
            {
                using StoredFile? zip = await store.OpenAsync(facts.Module, ModuleFileKind.Zip, closing.Token);
                return list = zip is null || zip.Digest != facts.Zip ? null : Hash(zip, facts.Module, count, closing.Token);
            }
            finally
            {
                free.Release();
            }
        }
        finally
        {
            lock (gate)
            {
                running.Remove(facts.Zip.Sha256);
                if (list is not null)
                {
                    kept.Set(facts.Zip.Sha256, list);
                }
            }
        }
    }

    private static byte[] Hash(StoredFile zip, ModuleVersion module, int count, CancellationToken cancellationToken)
    {
        byte[] list = new byte[count * HashSize];
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ChunkRules.ChunkSize);
        try
        {
            for (int i = 0; i < count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                long offset = (long)i * ChunkRules.ChunkSize;
                Span<byte> chunk = buffer.AsSpan(0, (int)Math.Min(ChunkRules.ChunkSize, zip.Length - offset));
                Read(zip, module, chunk, offset);
                SHA256.HashData(chunk, list.AsSpan(i * HashSize));
            }

            return list;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // The memory store hands out big files as bytes.
    private static void Read(StoredFile zip, ModuleVersion module, Span<byte> chunk, long offset)
    {
        if (zip.Handle is not { } handle)
        {
            zip.Bytes.Span.Slice((int)offset, chunk.Length).CopyTo(chunk);
            return;
        }

        while (!chunk.IsEmpty)
        {
            int read = RandomAccess.Read(handle, chunk, offset);
            if (read == 0)
            {
                throw new EndOfStreamException($"the stored zip of {module} has become shorter");
            }

            chunk = chunk[read..];
            offset += read;
        }
    }
}
