namespace Grpc.Core;

/// <summary>A call that did not end well: thrown by a client's call, and by a server's method that ends with a status.</summary>
public class RpcException : Exception
{
    /// <summary>With the status as message.</summary>
    public RpcException(Status status)
        : this(status, Metadata.Empty, status.ToString())
    {
    }

    /// <summary>With a message of its own, which never goes over the wire.</summary>
    public RpcException(Status status, string message)
        : this(status, Metadata.Empty, message)
    {
    }

    /// <summary>With trailers, sent or received.</summary>
    public RpcException(Status status, Metadata trailers)
        : this(status, trailers, status.ToString())
    {
    }

    /// <summary>With trailers, sent or received, and a message of its own.</summary>
    public RpcException(Status status, Metadata trailers, string message)
        : base(message)
    {
        ArgumentNullException.ThrowIfNull(trailers);
        Status = status;
        Trailers = trailers;
    }

    /// <summary>How the call ended.</summary>
    public Status Status { get; }

    /// <summary>The status's code.</summary>
    public StatusCode StatusCode => Status.StatusCode;

    /// <summary>Metadata at the end of the call.</summary>
    public Metadata Trailers { get; }
}
