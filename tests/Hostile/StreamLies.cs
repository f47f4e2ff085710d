using Athens.Federation.Node.Federation.Fetching;
using Google.Protobuf;
using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Hostile;

/// <summary>What a peer can do wrong with one Fetch while it speaks proper gRPC.</summary>
internal static class StreamLies
{
    /// <summary>The right sizes and other bytes.</summary>
    public static Task WrongBytesAsync(Served served, IServerStreamWriter<Wire.FetchFrame> frames, ServerCallContext context)
    {
        byte[] wrong = [.. served.File];
        wrong[served.Offset + (served.Length / 2)] ^= 1;
        return HostilePeer.HonestAsync(served with { File = wrong }, frames, context);
    }

    /// <summary>Ends well before all bytes are sent.</summary>
    public static Task TruncatedAsync(Served served, IServerStreamWriter<Wire.FetchFrame> frames, ServerCallContext context) =>
        HostilePeer.SendAsync(served, served.Offset + (served.Length / 2), frames, context.CancellationToken);

    /// <summary>Says in the middle that it is going down.</summary>
    public static async Task BreaksOffAsync(Served served, IServerStreamWriter<Wire.FetchFrame> frames, ServerCallContext context)
    {
        await TruncatedAsync(served, frames, context);
        throw new RpcException(new Status(StatusCode.Unavailable, "going down"));
    }

    /// <summary>Runs on beyond the end of the file and never ends, as fast as it is read.</summary>
    public static async Task EndlessAsync(Served served, IServerStreamWriter<Wire.FetchFrame> frames, ServerCallContext context)
    {
        // The last right byte and the first wrong one in one frame.
        await HostilePeer.SendAsync(served, served.Offset + served.Length - 1, frames, context.CancellationToken);
        byte[] end = new byte[FetchLimits.MostFrame];
        end[0] = served.File[served.Offset + served.Length - 1];
        Wire.FetchFrame more = new() { Data = ByteString.CopyFrom(end) };
        while (!context.CancellationToken.IsCancellationRequested)
        {
            await frames.WriteAsync(more, context.CancellationToken);
        }
    }

    /// <summary>One byte, and another each second.</summary>
    public static async Task TrickleAsync(Served served, IServerStreamWriter<Wire.FetchFrame> frames, ServerCallContext context)
    {
        for (int at = served.Offset; at < served.Offset + served.Length; at++)
        {
            await frames.WriteAsync(
                new Wire.FetchFrame { Data = ByteString.CopyFrom(served.File, at, 1), Size = at == served.Offset ? (ulong)served.File.Length : 0 },
                context.CancellationToken);
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, context.CancellationToken);
        }
    }

    /// <summary>Takes the call and says nothing at all.</summary>
    public static Task SilentAsync(Served served, IServerStreamWriter<Wire.FetchFrame> frames, ServerCallContext context) =>
        Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);

    /// <summary>Says nothing any more after half of the bytes.</summary>
    public static async Task HalfThenSilentAsync(Served served, IServerStreamWriter<Wire.FetchFrame> frames, ServerCallContext context)
    {
        await TruncatedAsync(served, frames, context);
        await SilentAsync(served, frames, context);
    }

    /// <summary>A frame beyond what the protocol allows.</summary>
    public static Task HugeFrameAsync(Served served, IServerStreamWriter<Wire.FetchFrame> frames, ServerCallContext context) =>
        frames.WriteAsync(new Wire.FetchFrame { Data = ByteString.CopyFrom(new byte[1 << 20]), Size = (ulong)served.File.Length }, context.CancellationToken);

    /// <summary>Frames without a byte, for ever.</summary>
    public static async Task EmptyFramesAsync(Served served, IServerStreamWriter<Wire.FetchFrame> frames, ServerCallContext context)
    {
        for (bool isFirst = true; !context.CancellationToken.IsCancellationRequested; isFirst = false)
        {
            await frames.WriteAsync(new Wire.FetchFrame { Size = isFirst ? (ulong)served.File.Length : 0 }, context.CancellationToken);

            // The honest peer is in this process too: the flood is to be the node's burden, not its.
            await Task.Yield();
        }
    }

    public static async Task AnotherSizeAsync(Served served, IServerStreamWriter<Wire.FetchFrame> frames, ServerCallContext context) =>
        await frames.WriteAsync(new Wire.FetchFrame { Data = ByteString.CopyFrom(served.File, served.Offset, 1), Size = ulong.MaxValue }, context.CancellationToken);

    /// <summary>It said that it holds the file.</summary>
    public static Task NotHeldAsync(Served served, IServerStreamWriter<Wire.FetchFrame> frames, ServerCallContext context) =>
        throw new RpcException(new Status(StatusCode.NotFound, "not held here"));
}
