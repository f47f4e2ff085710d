using System.Security.Cryptography;
using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Telemetry;
using Athens.Federation.Tests.Support;
using Athens.Federation.Tests.Telemetry;
using Microsoft.Extensions.Logging;
using State = Athens.Federation.V1.Location.Types.State;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Interop;

/// <summary>The node's own table of peers, with peers in it that other gRPC libraries serve.</summary>
public sealed class ForeignPeersTests
{
    private const int ConnectedEvent = EventIds.Federation + 201;
    private const int DisconnectedEvent = EventIds.Federation + 202;
    private const int ContentSize = 3 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [ForeignGrpcTheory]
    [InlineData("grpc-js")]
    [InlineData("grpcio")]
    public async Task A_foreign_peer_is_connected_asked_heeded_and_missed(string library)
    {
        using ServingPeer foreign = await ServingPeer.StartAsync(library, ContentSize);
        using LogCapture log = new();
        using ILoggerFactory loggers = LoggerFactory.Create(logging => logging.AddProvider(log));
        PeerList list = new([new PeerOptions(library, foreign.Address, foreign.Peer.Key, "", PeerTrust.Observe)]);
        Wire.WhoAreYouRequest hello = new() { Software = "athens", Name = "büro" };
        PeerDialer dialer = new(foreign.Node.Certificate, hello, static _ => true, TimeProvider.System, new Random(1));
        await using PeerTable table = new(list, dialer, loggers.CreateLogger<PeerTable>());
        table.Start();
        await log.WaitForAsync(ConnectedEvent, Patience);
        Peer peer = table.Find(foreign.Peer.Key)!;
        PeerCalls calls = new(new PrivateGate(new FederationOptions()), TimeProvider.System);

        PeerAnswer<Wire.LocateResponse> located = await calls.LocateAsync(
            peer, HolderSearch.Question(Name("a.example/held"), Name("a.example/future")), Patience, CancellationToken.None);
        Assert.Equal([State.Held, (State)77], located.Value!.Locations.Select(static location => location.State));
        Assert.Equal(PeerCallEnd.Answered, (await calls.VersionsAsync(peer, "a.example/few", Patience, CancellationToken.None)).End);
        Assert.Equal(SHA256.HashData(foreign.Content), await FetchAsync(calls, peer, "a.example/zip"));

        PeerAnswer<Wire.ResolveResponse> refused = await calls.ResolveAsync(peer, "a.example/few", "日本語", Patience, CancellationToken.None);
        Assert.Equal((PeerCallEnd.Busy, true), (refused.End, peer.IsBusy));
        Assert.Contains("genug für heute: 日本語", refused.Reason, StringComparison.Ordinal);
        Assert.InRange(peer.SetAsideLeft, TimeSpan.Zero, TimeSpan.FromMilliseconds(1500));

        var failure = await Assert.ThrowsAsync<PeerCallException>(() => FetchAsync(calls, peer, "a.example/dies"));
        Assert.Equal(PeerFault.Unreachable, failure.Fault.Fault);
        await log.WaitForAsync(DisconnectedEvent, Patience);
        Assert.Null(peer.Link);
        Assert.Equal(0, peer.InFlight);
    }

    private static ModuleVersion Name(string path) => ModuleVersion.Create(path, "v1.0.0", out _)!;

    private static async Task<byte[]> FetchAsync(PeerCalls calls, Peer peer, string path)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await foreach (Wire.FetchFrame frame in calls.FetchAsync(peer, ServingPeer.Request(path), static () => { }, CancellationToken.None))
        {
            hash.AppendData(frame.Data.Span);
        }

        return hash.GetHashAndReset();
    }
}
