using Athens.Federation.Node.Federation.Serving;
using Athens.Federation.Node.Telemetry;
using Google.Protobuf;
using Grpc.Core;

namespace Athens.Federation.Node.Federation.Logs;

/// <summary>Sends messages of one stream, each when the last has gone. A reader that does not come for one is not waited for.</summary>
internal sealed class StreamSender<T>(ServedCall call, IServerStreamWriter<T> stream, EgressPacer pacer, TimeProvider time) : IAsyncDisposable
    where T : IMessage
{
    private readonly ITimer watchdog = time.CreateTimer(
        static http => ((HttpContext)http!).Abort(), call.Context.GetHttpContext(), Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public async Task SendAsync(T message, CancellationToken cancellationToken)
    {
        int length = message.CalculateSize();
        await pacer.WaitAsync(call.Peer.Key, length, cancellationToken);
        watchdog.Change(FrameSender.FramePatience, Timeout.InfiniteTimeSpan);
        await stream.WriteAsync(message, cancellationToken);
        watchdog.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Meters.Sent(length);
    }

    /// <summary>Waits for a watchdog that is just biting: the server uses contexts again.</summary>
    public ValueTask DisposeAsync() => watchdog.DisposeAsync();
}
