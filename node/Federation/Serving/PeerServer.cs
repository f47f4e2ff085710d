using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Athens.Federation.Node.Federation.Serving;

/// <summary>Kestrel's settings for the peer port. Every bound on a connection is here or in <see cref="PeerConnections"/>.</summary>
internal static class PeerServer
{
    /// <summary>Connections at once, handshakes included. A pool of hundreds of nodes, each with a few.</summary>
    public const int MaxConnections = 1024;

    /// <summary>
    /// Streams of one connection at once; a client opens a second connection beyond that. Fewer than a node has calls at once
    /// (Peers.Peer.MaxInFlight), so that a busy one spreads them: TLS and HTTP/2 of one connection use one processor, and small
    /// answers wait behind large files in it. Kestrel keeps some KiB for each, and resets of more than twice this in a row end
    /// the connection (CVE-2023-44487). What lies here unread of answers that are complete is at most this, times connections
    /// of a peer, times the response buffer: 32 MiB.
    /// </summary>
    public const int MaxStreams = 32;

    /// <summary>The largest request is a Locate of 64 modules of the longest names: 80 KiB.</summary>
    public const int MaxMessage = 128 << 10;

    /// <summary>Frames that peers send are small; HTTP/2 allows no smaller bound (RFC 9113, 4.2).</summary>
    private const int MaxFrame = 16 << 10;

    /// <summary>Of all headers: gRPC sends eight, a trace adds two.</summary>
    private const int MaxHeaderBytes = 16 << 10;

    private const int MaxHeaders = 64;

    private const int MaxHeaderField = 8 << 10;

    /// <summary>What a peer may send before this node has read it: a request of the largest size, and of a connection two.</summary>
    private const int StreamWindow = MaxMessage;

    private const int ConnectionWindow = 2 * StreamWindow;

    /// <summary>
    /// Bytes of a response that wait in this process for one stream's reader, besides the frame being written. More brought
    /// no throughput over loopback.
    /// </summary>
    private const int MaxResponseBuffer = 64 << 10;

    /// <summary>What waits between TLS and the system, for one connection.</summary>
    private const int MaxSocketBuffer = 256 << 10;

    /// <summary>Bytes a second below which a whole connection is given up; single streams are ended earlier (FrameSender).</summary>
    private const double LeastRate = 1 << 10;

    private static readonly TimeSpan LeastRateGrace = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Peers ask every minute; whoever does not for so long is gone.</summary>
    private static readonly TimeSpan KeepAlive = TimeSpan.FromMinutes(5);

    /// <summary>A peer that lost its network is noticed within these two together.</summary>
    private static readonly TimeSpan PingAfter = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan PingAnswer = TimeSpan.FromSeconds(20);

    public static void Configure(KestrelServerOptions options)
    {
        options.AddServerHeader = false;
        options.AllowSynchronousIO = false;
        KestrelServerLimits limits = options.Limits;
        limits.MaxConcurrentConnections = MaxConnections;
        limits.MaxConcurrentUpgradedConnections = 0;
        limits.MaxRequestHeaderCount = MaxHeaders;
        limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
        limits.MaxRequestBodySize = 2 * MaxMessage;
        limits.MaxRequestBufferSize = 2 * MaxMessage;
        limits.MaxResponseBufferSize = MaxResponseBuffer;
        limits.MinResponseDataRate = new MinDataRate(LeastRate, LeastRateGrace);
        limits.RequestHeadersTimeout = HeadersTimeout;
        limits.KeepAliveTimeout = KeepAlive;
        Http2Limits http2 = limits.Http2;
        http2.MaxStreamsPerConnection = MaxStreams;
        http2.MaxFrameSize = MaxFrame;
        http2.MaxRequestHeaderFieldSize = MaxHeaderField;
        http2.InitialStreamWindowSize = StreamWindow;
        http2.InitialConnectionWindowSize = ConnectionWindow;
        http2.KeepAlivePingDelay = PingAfter;
        http2.KeepAlivePingTimeout = PingAnswer;
    }

    public static void Configure(SocketTransportOptions options)
    {
        options.NoDelay = true;
        options.Backlog = 512;
        options.MaxWriteBufferSize = MaxSocketBuffer;
        options.WaitForDataBeforeAllocatingBuffer = true;
    }
}
