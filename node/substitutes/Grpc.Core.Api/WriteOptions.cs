namespace Grpc.Core;

/// <summary>Wishes for a write.</summary>
[Flags]
public enum WriteFlags
{
    /// <summary>The message may wait for the next one that lacks this flag, or for the end of the stream.</summary>
    BufferHint = 0x1,

    /// <summary>Not compressed, whatever the call says.</summary>
    NoCompress = 0x2,
}

/// <summary>Wishes for the writes of a stream.</summary>
public class WriteOptions
{
    /// <summary>No wishes.</summary>
    public static readonly WriteOptions Default = new();

    /// <summary>With these flags.</summary>
    public WriteOptions(WriteFlags flags = default) => Flags = flags;

    /// <summary>The flags.</summary>
    public WriteFlags Flags { get; }
}
