namespace Athens.Federation.Node.Federation.Fetching;

/// <summary>Neighbouring chunks that one stream is to bring, in order. Next and End are guarded by the board.</summary>
internal sealed class ChunkRun
{
    private long bytes;

    public ChunkRun(int first, int end, bool isCopy, long started)
    {
        (First, Next, End) = (first, first, end);
        (IsCopy, Started) = (isCopy, started);
    }

    public int First { get; }

    /// <summary>The chunk that is on its way.</summary>
    public int Next { get; set; }

    /// <summary>The first chunk behind the run; comes nearer when others take chunks off its end.</summary>
    public int End { get; set; }

    /// <summary>The chunk is on its way in another run too, which is too slow.</summary>
    public bool IsCopy { get; }

    public bool HasCopy { get; set; }

    public long Started { get; }

    /// <summary>Cancelled when others have brought what this run was to bring.</summary>
    public CancellationTokenSource Over { get; } = new();

    public long Bytes => Interlocked.Read(ref bytes);

    public void Came(int count) => Interlocked.Add(ref bytes, count);
}
