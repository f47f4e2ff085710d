using Microsoft.Extensions.Logging;

namespace Grpc.Net.Client;

/// <summary>How a channel connects and what it lets through.</summary>
public sealed class GrpcChannelOptions
{
    /// <summary>4 MiB, what every gRPC library receives at most unless told otherwise.</summary>
    private const int DefaultMaxReceiveMessageSize = 4 << 20;

    /// <summary>Bytes of the largest message that may be sent; null: any.</summary>
    public int? MaxSendMessageSize { get; set; }

    /// <summary>Bytes of the largest message that is received, 4 MiB by default; null: any.</summary>
    public int? MaxReceiveMessageSize { get; set; } = DefaultMaxReceiveMessageSize;

    /// <summary>Where the channel logs. Without one it does not.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>Makes the HTTP calls. Not together with <see cref="HttpHandler"/>.</summary>
    public HttpClient? HttpClient { get; set; }

    /// <summary>Makes the HTTP calls. Not together with <see cref="HttpClient"/>.</summary>
    public HttpMessageHandler? HttpHandler { get; set; }

    /// <summary>
    /// Whether <see cref="HttpClient"/> or <see cref="HttpHandler"/> goes with the channel. What the channel made itself always does.
    /// </summary>
    public bool DisposeHttpClient { get; set; }

    /// <summary>
    /// Whether a call that its own token or its deadline has ended throws <see cref="OperationCanceledException"/> instead of
    /// <see cref="Core.RpcException"/>.
    /// </summary>
    public bool ThrowOperationCanceledOnCancellation { get; set; }
}
