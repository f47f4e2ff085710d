namespace Grpc.Core;

/// <summary>A stream of messages to read.</summary>
public interface IAsyncStreamReader<out T>
{
    /// <summary>The message that <see cref="MoveNext"/> found.</summary>
    T Current { get; }

    /// <summary>Goes on to the next message; false at a good end. One read at a time.</summary>
    Task<bool> MoveNext(CancellationToken cancellationToken);
}

/// <summary>A stream of messages to write.</summary>
public interface IAsyncStreamWriter<in T>
{
    /// <summary>Wishes for the writes from now on; null for none.</summary>
    WriteOptions? WriteOptions { get; set; }

    /// <summary>Writes a message; ends when there is room for the next one. One write at a time.</summary>
    Task WriteAsync(T message);

    /// <summary>As above, and gives up when cancelled.</summary>
    Task WriteAsync(T message, CancellationToken cancellationToken) => cancellationToken.CanBeCanceled
        ? throw new NotSupportedException("this stream's writes cannot be cancelled")
        : WriteAsync(message);
}

/// <summary>A client's stream of requests.</summary>
public interface IClientStreamWriter<in T> : IAsyncStreamWriter<T>
{
    /// <summary>Ends the stream.</summary>
    Task CompleteAsync();
}

/// <summary>A server's stream of responses. It ends when the method does.</summary>
public interface IServerStreamWriter<in T> : IAsyncStreamWriter<T>
{
}
