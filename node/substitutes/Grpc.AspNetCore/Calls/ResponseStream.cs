using Grpc.Core;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>The responses of one call.</summary>
internal sealed class ResponseStream<TResponse>(HttpCallContext call, Marshaller<TResponse> marshaller) : IServerStreamWriter<TResponse>
{
    public WriteOptions? WriteOptions
    {
        get => call.WriteOptions;
        set => call.WriteOptions = value;
    }

    public Task WriteAsync(TResponse message) => WriteAsync(message, CancellationToken.None);

    public Task WriteAsync(TResponse message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        cancellationToken.ThrowIfCancellationRequested();
        var flush = WriteOptions is not { } wishes || !wishes.Flags.HasFlag(WriteFlags.BufferHint);
        return call.WriteAsync(message, marshaller, flush, cancellationToken);
    }
}
