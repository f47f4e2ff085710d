using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Provenance;

namespace Athens.Federation.Node.Federation.Fetching;

/// <summary>One zip of 8 MiB or more, as all records that state the same SHA-256 describe it, with the hashes of its chunks.</summary>
internal sealed class ChunkedZip
{
    private const int HashSize = 32;

    private readonly ReadOnlyMemory<byte> hashes;

    private ChunkedZip(ZipIdentity identity, ReadOnlyMemory<byte> hashes)
    {
        Identity = identity;
        this.hashes = hashes;
    }

    public ZipIdentity Identity { get; }

    public int Chunks => hashes.Length / HashSize;

    public ReadOnlySpan<byte> HashOf(int chunk) => hashes.Span.Slice(chunk * HashSize, HashSize);

    public int SizeOf(int chunk) => (int)Math.Min(ChunkRules.ChunkSize, Identity.Size - ((long)chunk * ChunkRules.ChunkSize));

    /// <summary>
    /// The first chunk list that fits its holder's signed record. One list serves all holders of the zip. Null when the zip
    /// is small or nobody gave a list; a list that contradicts the record it came with is told to <paramref name="lied"/>.
    /// </summary>
    public static ChunkedZip? Find(ZipIdentity identity, IEnumerable<Holder> holders, Action<Holder, string> lied)
    {
        if (identity.ChunkRoot is null)
        {
            return null;
        }

        foreach (Holder holder in holders)
        {
            ReadOnlyMemory<byte> list = holder.Location.Chunks.Memory;
            if (list.Length == 0)
            {
                continue;
            }

            if (list.Length == HashSize * ChunkRules.Count(identity.Size) && ChunkRules.RootOf(list.Span) == identity.ChunkRoot)
            {
                return new ChunkedZip(identity, list);
            }

            lied(holder, $"its list of {list.Length / HashSize} chunks does not have the root {identity.ChunkRoot} of its record");
        }

        return null;
    }
}

/// <summary>What a record says of its zip. Zips of one module version that differ here have different bytes, or somebody lies.</summary>
internal sealed record ZipIdentity(string Sha256, long Size, string? ChunkRoot)
{
    public static ZipIdentity Of(ModuleRecord record) => new(record.Zip.Sha256, record.Zip.Size, record.ChunkRoot);
}
