namespace Grpc.Core;

/// <summary>What a client's call may take: metadata, a deadline, a cancellation.</summary>
public struct CallOptions
{
    /// <summary>All of it; the deadline is UTC, null for none.</summary>
    public CallOptions(
        Metadata? headers = null,
        DateTime? deadline = null,
        CancellationToken cancellationToken = default,
        WriteOptions? writeOptions = null)
    {
        Headers = headers;
        Deadline = deadline;
        CancellationToken = cancellationToken;
        WriteOptions = writeOptions;
    }

    /// <summary>Metadata to send with the call.</summary>
    public Metadata? Headers { get; private set; }

    /// <summary>When the call must have ended, UTC.</summary>
    public DateTime? Deadline { get; private set; }

    /// <summary>Cancels the call, here and at the server.</summary>
    public CancellationToken CancellationToken { get; private set; }

    /// <summary>Wishes for the call's writes.</summary>
    public WriteOptions? WriteOptions { get; private set; }

    /// <summary>The same with other metadata.</summary>
    public CallOptions WithHeaders(Metadata headers) => this with { Headers = headers };

    /// <summary>The same with another deadline.</summary>
    public CallOptions WithDeadline(DateTime deadline) => this with { Deadline = deadline };

    /// <summary>The same with another cancellation.</summary>
    public CallOptions WithCancellationToken(CancellationToken cancellationToken) => this with { CancellationToken = cancellationToken };

    /// <summary>The same with other wishes for writes.</summary>
    public CallOptions WithWriteOptions(WriteOptions writeOptions) => this with { WriteOptions = writeOptions };
}
