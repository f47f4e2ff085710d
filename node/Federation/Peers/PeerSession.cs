using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>
/// One stay at a peer: a first connection, more while it is busy, and over when the last is closed. HTTP would dial again by
/// itself with the next request; a session does not, since that request would wait for it.
/// </summary>
internal sealed class PeerSession : IDisposable
{
    /// <summary>TCP and TLS together (issue "Peers": connection attempts bounded to 500 ms each).</summary>
    public static readonly TimeSpan ConnectLimit = TimeSpan.FromMilliseconds(500);

    /// <summary>For a peer that accepts and then says nothing.</summary>
    public static readonly TimeSpan HelloLimit = TimeSpan.FromSeconds(2);

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

    private readonly Peer peer;
    private readonly PeerDialer dialer;
    private readonly PeerTarget target;
    private readonly SocketsHttpHandler handler;
    private readonly GrpcChannel answers;
    private readonly GrpcChannel lists;
    private readonly TaskCompletionSource lost = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Guards all below.</summary>
    private readonly Lock gate = new();
    private PeerLink? link;
    private int connections;
    private bool isOver;
    private string? refused;

    public PeerSession(Peer peer, PeerDialer dialer, PeerTarget target)
    {
        this.peer = peer;
        this.dialer = dialer;
        this.target = target;
        handler = new SocketsHttpHandler
        {
            SslOptions = dialer.Tls(peer.Options.Key, (_, reason) => refused = reason),
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
    }

    /// <summary>Completes when the last connection is closed. Calls over it fail at once from then on.</summary>
    public Task Lost => lost.Task;

    /// <summary>The other end's address; null before there was a connection.</summary>
    public IPAddress? Address { get; private set; }

    /// <summary>Why TLS did not believe the other side; null when it was not that.</summary>
    public string? Refused => Volatile.Read(ref refused);

    /// <summary>
    /// Asks the peer who it is, connecting first when this is the first time; then the peer is connected. Null: it went well.
    /// Else what went wrong; a fault of the peer is noted on it.
    /// </summary>
    public async Task<string?> AskAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource patience = new(HelloLimit, dialer.Time);
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        long start = dialer.Time.GetTimestamp();
        try
        {
            CallOptions options = new(deadline: dialer.Time.GetUtcNow().UtcDateTime + HelloLimit, cancellationToken: ending.Token);
            using AsyncUnaryCall<Wire.WhoAreYouResponse> call = new Wire.PeerService.PeerServiceClient(answers)
                .WhoAreYouAsync(dialer.Hello, options);
            return Accept(await call.ResponseAsync, start);
        }
        catch (RpcException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Failed(exception);
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

    private string? Accept(Wire.WhoAreYouResponse hello, long start)
    {
        TimeSpan took = dialer.Time.GetElapsedTime(start);
        if (PeerHello.Check(hello, peer.Options.Key, out PeerFault fault, out string? reason) is not { } log)
        {
            peer.Failed(fault, reason!);
            Close();
            return reason;
        }

        lock (gate)
        {
            if (isOver)
            {
                return "the connection was closed";
            }

            if (link is null)
            {
                Connect(log, hello.WitnessKey.ToByteArray());
                return null;
            }

            if (log.ToString() == link.Log.ToString())
            {
                // The first answer's time has the handshake in it and is not measured.
                peer.Succeeded(took, 0);
                return null;
            }

            reason = $"its log changed from {link.Log} to {log}";
        }

        Close();
        return reason;
    }

    private void Connect(Transparency.NoteVerifier log, byte[] witnessKey)
    {
        link = new PeerLink(
            new Wire.PeerService.PeerServiceClient(answers),
            new Wire.PeerService.PeerServiceClient(lists),
            log,
            Address is { } address && dialer.IsLocal(address),
            new Wire.LogService.LogServiceClient(answers))
        {
            Evidence = new Wire.EvidenceService.EvidenceServiceClient(answers),
            Pool = new Wire.PoolService.PoolServiceClient(answers),
            Witness = new Wire.WitnessService.WitnessServiceClient(answers),
            WitnessKey = witnessKey,
            Address = Address,
        };
        peer.Connected(link);
    }

    private string Failed(RpcException exception)
    {
        var fault = CallFault.Of(exception);
        if (link is not null && fault.Fault is { } kind)
        {
            peer.Failed(kind, fault.Reason, fault.Pushback);
        }

        return Refused ?? exception.Status.DebugException?.GetBaseException().Message ?? fault.Reason;
    }

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
                await socket.ConnectAsync(dialer.Rotate(addresses), context.DnsEndPoint.Port, cancellationToken);
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
        }

        Close();
    }

    private void Close()
    {
        lock (gate)
        {
            isOver = true;
            if (link is not null)
            {
                peer.Disconnected(link);
            }
        }

        lost.TrySetResult();
    }
}
