using Athens.Federation.Node.Retrieval;
using Google.Protobuf;

namespace Athens.Federation.Node.Federation.Serving;

/// <summary>A module version that the store holds whole, with what a peer is told of it.</summary>
/// <param name="facts">What the store knows.</param>
/// <param name="record">The record as a note signed by this node's log.</param>
/// <param name="chunks">SHA-256 of each chunk of the zip; empty when it is not cut.</param>
internal sealed class HeldModule(ModuleFacts facts, ByteString record, ByteString chunks)
{
    /// <summary>Of the facts with their strings, and of the cache's own bookkeeping.</summary>
    private const int OwnWeight = 2048;

    private long seenWholeAt;

    public ModuleFacts Facts => facts;

    public ByteString Record => record;

    public ByteString Chunks => chunks;

    /// <summary>Timestamp of the last time that all three files were seen to be there.</summary>
    public long SeenWholeAt
    {
        get => Interlocked.Read(ref seenWholeAt);
        set => Interlocked.Exchange(ref seenWholeAt, value);
    }

    /// <summary>Bytes that keeping it takes, its facts included.</summary>
    public long Weight => OwnWeight + Record.Length + Chunks.Length;
}
