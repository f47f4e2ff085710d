using System.Runtime.CompilerServices;
using Athens.Federation.Node.Federation.Fetching;
using Athens.Federation.Node.Federation.Peers;

namespace Athens.Federation.Tests.Federation.Fetching;

/// <summary>Everything that a holder can do wrong with one stream.</summary>
internal static class Lies
{
    /// <summary>The connection breaks after some bytes.</summary>
    public static async IAsyncEnumerable<ArrivedFrame> BreaksOff(TwinHolder holder, FileRequest request, long after)
    {
        await foreach (ArrivedFrame frame in TwinHolder.FramesAsync(holder[request.File], request.Offset, after, holder.FrameSize))
        {
            yield return frame;
        }

        throw new HolderFailedException(PeerFault.Unreachable, "Unavailable: connection reset");
    }

    /// <summary>Says nothing any more after some bytes.</summary>
    public static async IAsyncEnumerable<ArrivedFrame> Hangs(
        TwinHolder holder, FileRequest request, long after, TaskCompletionSource hanging, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (ArrivedFrame frame in TwinHolder.FramesAsync(
            holder[request.File], request.Offset, Math.Min(after, request.Length), holder.FrameSize))
        {
            yield return frame;
        }

        if (after < request.Length)
        {
            hanging.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Ends well before all bytes are sent.</summary>
    public static IAsyncEnumerable<ArrivedFrame> Truncated(TwinHolder holder, FileRequest request) =>
        TwinHolder.FramesAsync(holder[request.File], request.Offset, request.Length - 1, holder.FrameSize);

    /// <summary>Right sizes, other bytes.</summary>
    public static IAsyncEnumerable<ArrivedFrame> WrongBytes(TwinHolder holder, FileRequest request) =>
        TwinHolder.FramesAsync(
            Samples.Corrupted(holder[request.File], (int)(request.Offset + (request.Length / 2))), request.Offset, request.Length, holder.FrameSize);

    public static async IAsyncEnumerable<ArrivedFrame> OneByteMore(TwinHolder holder, FileRequest request)
    {
        await foreach (ArrivedFrame frame in TwinHolder.FramesAsync(holder[request.File], request.Offset, request.Length, holder.FrameSize))
        {
            yield return frame;
        }

        yield return new ArrivedFrame(new byte[1], 0);
    }

    public static async IAsyncEnumerable<ArrivedFrame> Endless(TwinHolder holder, FileRequest request)
    {
        byte[] data = new byte[FetchLimits.MostFrame];
        for (bool isFirst = true; ; isFirst = false)
        {
            await Task.Yield();
            yield return new ArrivedFrame(data, isFirst ? (ulong)holder[request.File].Length : 0);
        }
    }

    public static async IAsyncEnumerable<ArrivedFrame> WrongSize(TwinHolder holder, FileRequest request)
    {
        await foreach (ArrivedFrame frame in TwinHolder.FramesAsync(holder[request.File], request.Offset, request.Length, holder.FrameSize))
        {
            yield return frame with { Size = frame.Size == 0 ? 0 : frame.Size + 1 };
        }
    }

    public static async IAsyncEnumerable<ArrivedFrame> SizeInEveryFrame(TwinHolder holder, FileRequest request)
    {
        // Small frames, so that every file has a second one.
        await foreach (ArrivedFrame frame in TwinHolder.FramesAsync(holder[request.File], request.Offset, request.Length, 8))
        {
            yield return frame with { Size = (ulong)holder[request.File].Length };
        }
    }

    public static async IAsyncEnumerable<ArrivedFrame> EmptyFrames(TwinHolder holder, FileRequest request)
    {
        for (bool isFirst = true; ; isFirst = false)
        {
            await Task.Yield();
            yield return new ArrivedFrame(default, isFirst ? (ulong)holder[request.File].Length : 0);
        }
    }

    public static async IAsyncEnumerable<ArrivedFrame> HugeFrame(TwinHolder holder, FileRequest request)
    {
        await Task.Yield();
        yield return new ArrivedFrame(new byte[FetchLimits.MostFrame + 1], (ulong)holder[request.File].Length);
    }

    public static IAsyncEnumerable<ArrivedFrame> Refuses(PeerFault fault, string words) =>
        throw new HolderFailedException(fault, words);

    /// <summary>One byte at a time, on the clock of the test.</summary>
    public static async IAsyncEnumerable<ArrivedFrame> Trickles(
        TwinHolder holder, FileRequest request, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (ArrivedFrame frame in TwinHolder.FramesAsync(holder[request.File], request.Offset, request.Length, 1))
        {
            yield return frame;
            await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
        }
    }
}
