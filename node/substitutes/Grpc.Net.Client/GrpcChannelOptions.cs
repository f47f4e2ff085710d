namespace Grpc.Net.Client;

/// <summary>How a channel sends and what it takes.</summary>
public sealed class GrpcChannelOptions
{
    /// <summary>The published package's default for messages received, in bytes.</summary>
    private const int ReceiveLimit = 4 << 20;

    /// <summary>Longest message sent, in bytes; null for no limit.</summary>
    public int? MaxSendMessageSize { get; set; }

    /// <summary>Longest message received, in bytes; null for no limit.</summary>
    public int? MaxReceiveMessageSize { get; set; } = ReceiveLimit;

    /// <summary>What sends the requests; the channel's own when null.</summary>
    public HttpMessageHandler? HttpHandler { get; set; }

    /// <summary>Whether the handler ends with the channel.</summary>
    public bool DisposeHttpClient { get; set; }
}
