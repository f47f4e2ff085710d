using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Logs;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Federation.Witnessing;
using Athens.Federation.Node.Provenance.Mirrors;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Storage;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Federation.Peers;
using Athens.Federation.Tests.Federation.Serving;
using Athens.Federation.Tests.Hostile;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Federation.Logs;

/// <summary>Logs of far nodes that come through a near one of their organization, which may be anything; over real connections.</summary>
public sealed class RelayTests : IAsyncLifetime, IDisposable
{
    private const int Records = 12;

    private readonly SigningKey farLog = SigningKey.Create("far/log");

    /// <summary>Either may be the one that the log comes through; they do the same.</summary>
    private readonly HostilePeer[] relays = [new("r1"), new("r2")];
    private readonly List<HostileServer> servers = [];
    private CancellationTokenSource told = new();
    private PeerKey far;
    private HostileLog log = null!;
    private Dialling node = null!;
    private MirrorSet mirrors = null!;
    private LogFollowing following = null!;
    private RelayFollowing relaying = null!;

    public async Task InitializeAsync()
    {
        log = await HostileLog.StartAsync(farLog, Records);
        FederationOptions options = new() { Org = "acme", Mesh = 1 };
        PrivateGate gate = new(options);
        node = new Dialling(options);
        node.Table.Start();
        List<PeerOptions> members = [];
        foreach (HostilePeer relay in relays)
        {
            relay.Kept = log;
            servers.Add(await HostileServer.StartAsync(relay));
            members.Add(Member(relay.Name, servers[^1].Address, relay.Key));
        }

        // One that this node does not prefer to either of them.
        NearPeers choice = new(node.Own, gate, options);
        do
        {
            far = Dialling.SomeKey();
        }
        while (relays.Any(relay => choice.PreferenceFor(relay.Key) < choice.PreferenceFor(far)));
        members.Add(Member("far", "", far) with { Log = farLog.Verifier.ToString() });
        node.List.Set(PeerOrigin.Pool, members);
        mirrors = await MirrorSet.OpenAsync(new MemoryMirrorStore(), null, NullLogger.Instance, default);
        following = new LogFollowing(
            node.Table, node.Calls, node.Dialer, mirrors, options, gate, new KnownWitnesses(node.Table, options, TimeProvider.System), NullLogger<LogFollowing>.Instance);
        relaying = new RelayFollowing(node.Table, following);
    }

    public async Task DisposeAsync()
    {
        await relaying.StopAsync(default);
        await node.DisposeAsync();
        mirrors.Dispose();
        foreach (HostileServer server in servers)
        {
            await server.DisposeAsync();
        }

        await log.DisposeAsync();
    }

    public void Dispose()
    {
        relaying.Dispose();
        following.Dispose();
        told.Dispose();
        farLog.Dispose();
    }

    [Fact]
    public async Task A_far_log_is_mirrored_through_its_relay_as_it_grows_and_counts_as_its_nodes_own()
    {
        Relay(log.Heads[3], log.Heads[Records]);
        await relaying.StartAsync(default);
        await Dialling.UntilAsync(() => Mirrored?.Head?.Tree == log.Heads[Records].Tree, "not mirrored");
        Assert.Equal(far.ToString(), Mirrored!.Owner);
        Assert.Equal(("globex/far", "globex", true), (Mirrored.Followed!.Peer, Mirrored.Followed.Org, Mirrored.Followed.IsTrusted));
        Assert.DoesNotContain(Relays, static relay => relay.IsSetAside);
    }

    [Fact]
    public async Task A_head_that_the_log_has_not_signed_is_a_lie_of_the_relay()
    {
        using SigningKey other = SigningKey.Create(farLog.Name);
        await using HostileLog forged = await HostileLog.StartAsync(other, 3);
        Relay(forged.Heads[3]);
        await AssertSetAsideAsync("Lied: it relays a head of the log far/log that the log has not signed");
        Assert.Null(Mirrored);
    }

    [Fact]
    public async Task Records_that_do_not_make_the_signed_tree_are_a_lie_of_the_relay_and_of_nobody_else()
    {
        SignedHead genuine = log.Heads[Records];
        await log.ForkAsync(Records);
        Relay(genuine);
        await AssertSetAsideAsync("Lied: of the log far/log, which it relays");
        Assert.Null(Mirrored!.Head);
        Assert.Equal("", Mirrored.Fault);
    }

    [Fact]
    public async Task Two_histories_are_the_logs_own_guilt_whoever_relays_them()
    {
        SignedHead first = log.Heads[Records];
        Relay(first);
        await relaying.StartAsync(default);
        await Dialling.UntilAsync(() => Mirrored?.Head?.Tree == first.Tree, "not mirrored");
        List<SignedHead> other = await log.ForkAsync(Records + 1);
        Relay(other[Records + 1]);
        await Dialling.UntilAsync(() => Mirrored!.Fault.Contains("two histories", StringComparison.Ordinal), "not noticed");
        Assert.Equal(first.Tree, Mirrored!.Head!.Tree);
        Assert.DoesNotContain(Relays, static relay => relay.IsSetAside);
    }

    [Fact]
    public async Task A_log_that_was_not_asked_for_ends_the_watch()
    {
        Do((_, stream, _) => stream.WriteAsync(News(log.Heads[1], farLog.Verifier.Hash ^ 1)));
        await AssertSetAsideAsync("Protocol: it relays a log that was not asked for");
    }

    [Fact]
    public async Task A_head_of_a_megabyte_ends_the_watch()
    {
        Do((_, stream, _) => stream.WriteAsync(new Wire.RelayedHead { Log = farLog.Verifier.Hash, Checkpoint = ByteString.CopyFrom(new byte[(64 << 10) + 1]) }));
        await AssertSetAsideAsync("Protocol: it relays a log that was not asked for, or a head of more than 65536 bytes");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public async Task A_request_for_no_log_or_too_many_is_refused(int count)
    {
        await using ServingRig rig = await ServingRig.StartAsync();
        using AsyncServerStreamingCall<Wire.RelayedHead> watch = rig.AddClient().Logs.WatchRelayed(new() { Logs = { Enumerable.Range(0, count).Select(static one => (uint)one) } });
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => watch.ResponseStream.MoveNext(default));
        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
    }

    private Mirror? Mirrored => mirrors.All.SingleOrDefault(mirror => mirror.Key.ToString() == farLog.Verifier.ToString());

    private IEnumerable<Peer> Relays => relays.Select(relay => node.Table.Find(relay.Key)!);

    private static PeerOptions Member(string name, string address, PeerKey key) => new($"globex/{name}", address, key, "globex", PeerTrust.Observe) { Origin = PeerOrigin.Pool };

    private async Task AssertSetAsideAsync(string why)
    {
        await relaying.StartAsync(default);
        await Dialling.UntilAsync(() => Relays.Any(relay => relay.WhySetAside.StartsWith(why, StringComparison.Ordinal)), $"not set aside for {why}");
    }

    /// <summary>Tells these one after the other, and nothing more until there is something else to tell.</summary>
    private void Relay(params SignedHead[] heads)
    {
        CancellationTokenSource before = told;
        told = new CancellationTokenSource();
        CancellationToken until = told.Token;
        Do(async (request, stream, cancellationToken) =>
        {
            Assert.Equal([farLog.Verifier.Hash], request.Logs);
            foreach (SignedHead head in heads)
            {
                await stream.WriteAsync(News(head, farLog.Verifier.Hash), cancellationToken);
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, until).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        before.Cancel();
        before.Dispose();
    }

    private void Do(Func<Wire.WatchRelayedRequest, IServerStreamWriter<Wire.RelayedHead>, CancellationToken, Task> what) =>
        Array.ForEach(relays, relay => relay.WatchRelayed = what);

    private static Wire.RelayedHead News(SignedHead head, uint key) =>
        new() { Log = key, Checkpoint = ByteString.CopyFrom(head.Checkpoint.Span), Latest = ByteString.CopyFrom(head.Latest.Span) };
}
