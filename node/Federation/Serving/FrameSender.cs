using System.Buffers;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Telemetry;
using Google.Protobuf;
using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Serving;

/// <summary>Sends a part of a held file in frames: one frame in memory, the next is read when the last has gone.</summary>
internal sealed class FrameSender(EgressPacer pacer, TimeProvider time)
{
    /// <summary>
    /// A quarter of what the protocol allows: as fast over loopback as the largest, and a stream whose reader stands still
    /// holds a quarter of the memory. With what gRPC and the message put before it, it fills whole HTTP/2 frames: 64 KiB of
    /// data would make a fifth frame of a few bytes.
    /// </summary>
    public const int FrameSize = (64 << 10) - Overhead;

    /// <summary>gRPC's prefix (5), tag and length of the data (4), and of the first frame the file's size (up to 7).</summary>
    private const int Overhead = 16;

    /// <summary>
    /// A frame must have left by then (2 KiB a second), else its stream is reset: whoever reads more slowly only holds memory
    /// here, and would not have a usual module within an hour.
    /// </summary>
    public static readonly TimeSpan FramePatience = TimeSpan.FromSeconds(30);

    /// <param name="file">The file, open.</param>
    /// <param name="module">Whose it is, for what goes wrong.</param>
    /// <param name="part">What of it.</param>
    /// <param name="call">The call to answer.</param>
    /// <param name="frames">Where frames go.</param>
    public async Task SendAsync(
        StoredFile file, ModuleVersion module, FilePart part, ServedCall call, IServerStreamWriter<Wire.FetchFrame> frames)
    {
        int frameSize = pacer.FrameSize(FrameSize);
        byte[] buffer = file.Handle is null ? [] : ArrayPool<byte>.Shared.Rent((int)Math.Min(frameSize, part.Length));
        HttpContext http = call.Context.GetHttpContext();

        // Disposed asynchronously, which waits for a watchdog that is just biting: the server uses contexts again.
        await using ITimer watchdog = time.CreateTimer(
            static http => ((HttpContext)http!).Abort(), http, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        try
        {
            for (long at = part.Offset; at < part.End;)
            {
                int length = (int)Math.Min(frameSize, part.End - at);
                await pacer.WaitAsync(call.Peer.Key, length, call.Cancelled);
                ReadOnlyMemory<byte> data = await ReadAsync(file, module, at, length, buffer, call.Cancelled);

                // The buffer is used again only after the write: a message is copied out of it before a write ends.
                Wire.FetchFrame frame = new() { Data = UnsafeByteOperations.UnsafeWrap(data) };
                frame.Size = at == part.Offset ? (ulong)file.Length : 0;
                watchdog.Change(FramePatience, Timeout.InfiniteTimeSpan);
                await frames.WriteAsync(frame, call.Cancelled);
                watchdog.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                Meters.Sent(data.Length);
                at += data.Length;
            }
        }
        finally
        {
            if (buffer.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    // Asynchronous also for what the page cache has: the runtime reads on the thread pool, never on the thread that a
    // write came back on, which may be the one that serves the whole connection.
    private static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(
        StoredFile file, ModuleVersion module, long offset, int length, byte[] buffer, CancellationToken cancellationToken)
    {
        if (file.Handle is not { } handle)
        {
            return file.Bytes.Slice((int)offset, length);
        }

        int read = await RandomAccess.ReadAsync(handle, buffer.AsMemory(0, length), offset, cancellationToken);
        return read > 0
            ? buffer.AsMemory(0, read)
            : throw new EndOfStreamException($"a stored file of {module} has become shorter");
    }
}
