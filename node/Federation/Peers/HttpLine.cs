using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>
/// A first connection, more while it is busy, and over when the last is closed. HTTP would dial again by itself with the next request; a line does
/// not, since that request would wait for it.
/// </summary>
internal sealed class HttpLine : IPeerLine
{
    /// <summary>TCP and TLS together (issue "Peers": connection attempts bounded to 500 ms each).</summary>
    public static readonly TimeSpan ConnectLimit = TimeSpan.FromMilliseconds(500);

    /// <summary>HTTP/2 connections to one peer: a second one pays when a hundred streams are open.</summary>
    public const int MaxConnections = 4;

    /// <summary>A connection that is silent this long is pinged, and closed when no answer comes: routers drop connections without a word.</summary>
    private static readonly TimeSpan PingAfter = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan PingLimit = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Bytes that a peer may send of one answer before this node has taken any: a chunk of a large zip, which then comes without
    /// a stop. From .NET's 64 KiB on it would be asked for 8 KiB at a time. HTTP may raise it over long lines.
    /// </summary>
    private const int StreamWindow = 1 << 20;

    private readonly PeerTarget target;
    private readonly Func<IPAddress[], IPAddress[]> rotate;
    private readonly Action closed;
    private readonly SocketsHttpHandler handler;
    private readonly GrpcChannel answers;
    private readonly GrpcChannel lists;

    /// <summary>Guards the two below.</summary>
    private readonly Lock gate = new();
    private int connections;
    private bool isOver;

    private string? refused;

    /// <param name="tls">TLS towards the peer, given who is told why the other side was not believed.</param>
    /// <param name="target">Where.</param>
    /// <param name="rotate">Gives the addresses of a host in an order that begins anywhere.</param>
    /// <param name="closed">Called when the last connection is closed.</param>
    public HttpLine(Func<Action<string>, SslClientAuthenticationOptions> tls, PeerTarget target, Func<IPAddress[], IPAddress[]> rotate, Action closed)
    {
        this.target = target;
        this.rotate = rotate;
        this.closed = closed;
        handler = new SocketsHttpHandler
        {
            SslOptions = tls(reason => refused = reason),
            ConnectCallback = ConnectAsync,
            ConnectTimeout = ConnectLimit,
            EnableMultipleHttp2Connections = true,
            InitialHttp2StreamWindowSize = StreamWindow,
            MaxConnectionsPerServer = MaxConnections,
            KeepAlivePingDelay = PingAfter,
            KeepAlivePingTimeout = PingLimit,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
        };
        answers = Channel(PeerLink.MaxAnswer);
        lists = Channel(PeerLink.MaxList);
        Answers = answers.CreateCallInvoker();
        Lists = lists.CreateCallInvoker();
    }

    public CallInvoker Answers { get; }

    public CallInvoker Lists { get; }

    public IPAddress? Address { get; private set; }

    public string? Refused => Volatile.Read(ref refused);

    public void Close()
    {
        lock (gate)
        {
            isOver = true;
        }
    }

    public void Dispose()
    {
        Close();
        answers.Dispose();
        lists.Dispose();
        handler.Dispose();
    }

    private GrpcChannel Channel(int maxReceive) => GrpcChannel.ForAddress(
        target.Url,
        new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = false, MaxReceiveMessageSize = maxReceive });

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (isOver || connections >= MaxConnections)
            {
                throw new HttpRequestException("the peer's connection is closed; it is dialled in the background");
            }

            connections++;
        }

        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (target.Address is { } hint)
            {
                await socket.ConnectAsync(hint, cancellationToken);
            }
            else
            {
                IPAddress[] addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken);
                await socket.ConnectAsync(rotate(addresses), context.DnsEndPoint.Port, cancellationToken);
            }

            Address = (socket.RemoteEndPoint as IPEndPoint)?.Address;
            return new WatchedStream(socket, Closed);
        }
        catch
        {
            socket.Dispose();
            Closed();
            throw;
        }
    }

    private void Closed()
    {
        lock (gate)
        {
            if (--connections > 0)
            {
                return;
            }

            isOver = true;
        }

        closed();
    }
}
