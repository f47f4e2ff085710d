using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Federation.Fetching;

/// <summary>The wire as this room sees it: one Fetch call to one holder, its frames as they come, unchecked.</summary>
internal interface IHolderStreams
{
    /// <summary>
    /// Begins when enumerated. Ends when the holder ended the stream well; disposing earlier cancels the call. The memory of
    /// a frame may be used until the next is asked for.
    /// </summary>
    /// <param name="begun">Called once the call is this one's turn: waiting for that is not the holder's slowness.</param>
    /// <exception cref="HolderFailedException">Every other end; never another I/O exception.</exception>
    IAsyncEnumerable<ArrivedFrame> OpenAsync(Holder holder, FileRequest request, Action begun, CancellationToken cancellationToken);
}

/// <summary>One frame: bytes, and in the first frame the size of the whole file.</summary>
internal readonly record struct ArrivedFrame(ReadOnlyMemory<byte> Data, ulong Size);

/// <summary>A range of one file, and what is known of the file beforehand.</summary>
/// <param name="FileSize">Bytes of the whole file, 1 at least, as the holder's record or location says.</param>
/// <param name="Sha256">64 lower-case hex digits: only a file with this hash will do; empty when none is known.</param>
internal sealed record FileRequest(ModuleVersion Module, ModuleFileKind File, long FileSize, string Sha256)
{
    public long Offset { get; init; }

    /// <summary>Bytes wanted from the offset on.</summary>
    public long Length { get; init; } = FileSize;
}

/// <summary>A holder did not deliver: what was wrong, in words for the log and the developer.</summary>
internal sealed class HolderFailedException : Exception
{
    public HolderFailedException(PeerFault fault, string reason, Exception? inner = null)
        : base(reason, inner) => Fault = fault;

    public PeerFault Fault { get; }

    /// <summary>With Busy: when to come back; zero when it did not say.</summary>
    public TimeSpan Pushback { get; init; }

    /// <summary>With <see cref="IsOwnLimit"/>: bytes a second at which the stream was left for somebody better.</summary>
    public double? LeftAt { get; init; }

    /// <summary>The limit that was met is this node's own, and says nothing of the holder.</summary>
    public bool IsOwnLimit { get; init; }
}
