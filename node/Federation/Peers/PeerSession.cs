using System.Net;
using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>One stay at a peer: it says who it is, and is connected from then on until its line is closed.</summary>
internal sealed class PeerSession : IDisposable
{
    /// <summary>For a peer that accepts and then says nothing.</summary>
    public static readonly TimeSpan HelloLimit = TimeSpan.FromSeconds(2);

    private readonly Peer peer;
    private readonly PeerDialer dialer;
    private readonly IPeerLine line;
    private readonly TaskCompletionSource lost = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Guards all below.</summary>
    private readonly Lock gate = new();
    private PeerLink? link;
    private bool isOver;

    public PeerSession(Peer peer, PeerDialer dialer, PeerTarget target)
    {
        this.peer = peer;
        this.dialer = dialer;
        line = dialer.Transport.Open(peer.Options.Key, target, Close);
    }

    /// <summary>Completes when the last connection is closed. Calls over it fail at once from then on.</summary>
    public Task Lost => lost.Task;

    /// <summary>The other end's address; null before there was a connection.</summary>
    public IPAddress? Address => line.Address;

    /// <summary>Why the other side was not believed to be the peer; null when it was not that.</summary>
    public string? Refused => line.Refused;

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
            using AsyncUnaryCall<Wire.WhoAreYouResponse> call = new Wire.PeerService.PeerServiceClient(line.Answers)
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
        line.Dispose();
    }

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

            if (log.Equals(link.Log))
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
            new Wire.PeerService.PeerServiceClient(line.Answers),
            new Wire.PeerService.PeerServiceClient(line.Lists),
            log,
            Address is { } address && dialer.IsLocal(address),
            new Wire.LogService.LogServiceClient(line.Answers))
        {
            Evidence = new Wire.EvidenceService.EvidenceServiceClient(line.Answers),
            Pool = new Wire.PoolService.PoolServiceClient(line.Answers),
            Witness = new Wire.WitnessService.WitnessServiceClient(line.Answers),
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

        line.Close();
        lost.TrySetResult();
    }
}
