namespace Grpc.AspNetCore.Server;

/// <summary>What services take, send and tell.</summary>
public class GrpcServiceOptions
{
    /// <summary>The published package's default for messages received, in bytes.</summary>
    private const int ReceiveLimit = 4 << 20;

    /// <summary>Longest message sent, in bytes; null for no limit.</summary>
    public int? MaxSendMessageSize { get; set; }

    /// <summary>Longest message received, in bytes; null for no limit.</summary>
    public int? MaxReceiveMessageSize { get; set; } = ReceiveLimit;

    /// <summary>Whether a client is told the message of an exception that no one caught. Not unless true.</summary>
    public bool? EnableDetailedErrors { get; set; }
}
