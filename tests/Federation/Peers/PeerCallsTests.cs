using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Modules;
using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Federation.Peers;

public sealed class PeerCallsTests : IAsyncLifetime, IDisposable
{
    private static readonly ModuleVersion Module = ModuleVersion.Create("example.com/a", "v1.0.0", out _)!;
    private static readonly ModuleVersion Secret = ModuleVersion.Create("corp.example.com/secret", "v1.0.0", out _)!;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly TwinPeer inside = new("inside", PeerTrust.Observe, "acme");
    private readonly TwinPeer outside = new("outside", PeerTrust.Observe, "other");
    private readonly PeersRig rig;

    public PeerCallsTests()
    {
        rig = new PeersRig(new FederationOptions { Org = "acme", Private = "corp.example.com" }, inside, outside);
        rig.Connect(inside);
        rig.Connect(outside);
    }

    [Fact]
    public async Task A_private_path_is_never_told_to_outsiders_by_any_method()
    {
        Assert.Equal(PeerCallEnd.NotAsked, (await LocateAsync(outside, Secret)).End);
        Assert.Equal(PeerCallEnd.NotAsked, (await LocateAsync(outside, Module, Secret)).End);
        Assert.Equal(PeerCallEnd.NotAsked, (await rig.Calls.VersionsAsync(rig[outside], Secret.Path, Patience, default)).End);
        Assert.Equal(PeerCallEnd.NotAsked, (await rig.Calls.ResolveAsync(rig[outside], Secret.Path, "latest", Patience, default)).End);
        Wire.FetchRequest request = new() { Module = new Wire.ModuleVersion { Path = Secret.Path, Version = Secret.Version } };
        await Assert.ThrowsAsync<PeerCallException>(async () =>
        {
            await foreach (Wire.FetchFrame frame in rig.Calls.FetchAsync(rig[outside], request, static () => { }, CancellationToken.None))
            {
                Assert.Fail($"a frame of {frame.Data.Length} bytes");
            }
        });
        Assert.Equal(0, outside.Calls);
        Assert.Equal(PeerCallEnd.Answered, (await LocateAsync(inside, Secret)).End);
        Assert.Equal(PeerCallEnd.Answered, (await LocateAsync(outside, Module)).End);
    }

    [Theory]
    [InlineData(StatusCode.NotFound, PeerCallEnd.NotHeld, null)]
    [InlineData(StatusCode.Unimplemented, PeerCallEnd.NotHeld, null)]
    [InlineData(StatusCode.Unavailable, PeerCallEnd.Failed, PeerFault.Unreachable)]
    [InlineData(StatusCode.Cancelled, PeerCallEnd.Failed, PeerFault.Unreachable)]
    [InlineData(StatusCode.DeadlineExceeded, PeerCallEnd.Failed, PeerFault.Slow)]
    [InlineData(StatusCode.ResourceExhausted, PeerCallEnd.Failed, PeerFault.Protocol)]
    [InlineData(StatusCode.PermissionDenied, PeerCallEnd.Failed, PeerFault.Protocol)]
    [InlineData(StatusCode.InvalidArgument, PeerCallEnd.Failed, PeerFault.Protocol)]
    [InlineData(StatusCode.Internal, PeerCallEnd.Failed, PeerFault.Protocol)]
    [InlineData(StatusCode.Unknown, PeerCallEnd.Failed, PeerFault.Protocol)]
    public async Task Each_status_has_one_meaning(StatusCode status, object end, object? fault)
    {
        inside.Locate = (_, _) => throw new RpcException(new Status(status, new string('x', 5000)));
        PeerAnswer<Wire.LocateResponse> answer = await LocateAsync(inside, Module);
        Assert.Equal((PeerCallEnd)end, answer.End);
        Assert.True(answer.Reason.Length < 500);
        Assert.Equal(fault is not null, rig[inside].IsSetAside);
        if (fault is PeerFault kind)
        {
            Assert.Equal(new SetAside(rig.Time).Add(kind), rig[inside].SetAsideLeft);
            Assert.Equal(kind == PeerFault.Busy ? PeerCallEnd.Busy : PeerCallEnd.NotAsked, (await LocateAsync(inside, Module)).End);
            Assert.Equal(1, inside.Calls);
        }
    }

    [Fact]
    public async Task A_pushback_is_honoured()
    {
        Metadata trailers = new() { { CallFault.PushbackTrailer, "1234" } };
        inside.Locate = (_, _) => throw new RpcException(new Status(StatusCode.ResourceExhausted, "slow down"), trailers);
        Assert.Equal(PeerCallEnd.Busy, (await LocateAsync(inside, Module)).End);
        Assert.Equal(TimeSpan.FromMilliseconds(1234), rig[inside].SetAsideLeft);
        Assert.True(rig[inside].IsBusy);
    }

    [Fact]
    public async Task Who_does_not_answer_in_time_is_slow_and_who_is_not_waited_for_is_not()
    {
        inside.Locate = HangAsync;
        Task<PeerAnswer<Wire.LocateResponse>> given = LocateAsync(inside, Module);
        Assert.Equal(PeerCallEnd.Failed, (await rig.AdvanceUntilAsync(given)).End);
        Assert.True(rig[inside].IsSetAside);

        outside.Locate = HangAsync;
        using CancellationTokenSource leaving = new();
        Task<PeerAnswer<Wire.LocateResponse>> left = rig.Calls.LocateAsync(
            rig[outside], HolderSearch.Question(Module), Patience, leaving.Token);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        Assert.False(rig[outside].IsSetAside);
        Assert.Equal(0, rig[outside].InFlight);
    }

    [Fact]
    public async Task A_peer_has_no_more_calls_than_its_bound_and_the_others_wait_for_their_turn()
    {
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int now = 0;
        int most = 0;
        inside.Locate = async (request, _) =>
        {
            InterlockedMax(ref most, Interlocked.Increment(ref now));
            await go.Task;
            Interlocked.Decrement(ref now);
            return inside.Located(request);
        };
        Task<PeerAnswer<Wire.LocateResponse>>[] calls = [.. Enumerable.Range(0, 3 * Peer.MaxInFlight).Select(_ => LocateAsync(inside, Module))];
        Assert.Equal(Peer.MaxInFlight, rig[inside].InFlight);
        go.SetResult();
        Assert.All(await Task.WhenAll(calls), static answer => Assert.Equal(PeerCallEnd.Answered, answer.End));
        Assert.InRange(most, 1, Peer.MaxInFlight);
        Assert.Equal(0, rig[inside].InFlight);
    }

    [Fact]
    public async Task A_call_that_never_had_its_turn_says_nothing_of_the_peer()
    {
        inside.Locate = HangAsync;
        List<PeerLease> leases = [];
        while (rig[inside].TryLease() is { } lease)
        {
            leases.Add(lease);
        }

        Assert.Equal(PeerCallEnd.GivenUp, (await rig.AdvanceUntilAsync(LocateAsync(inside, Module))).End);
        Assert.False(rig[inside].IsSetAside);
        Assert.Equal(0, inside.Calls);
        leases.ForEach(static lease => lease.Dispose());
        leases.ForEach(static lease => lease.Dispose());
        Assert.Equal(0, rig[inside].InFlight);
    }

    [Fact]
    public async Task Answers_that_do_not_fit_the_question_are_a_fault()
    {
        inside.Locate = static (_, _) => Task.FromResult(new Wire.LocateResponse());
        Assert.Equal(PeerCallEnd.Failed, (await LocateAsync(inside, Module)).End);
        Assert.True(rig[inside].IsSetAside);
    }

    [Fact]
    public async Task A_peer_that_is_not_connected_is_not_asked()
    {
        PeerLink link = rig[inside].Link!;
        rig[inside].Disconnected(link);
        Assert.Equal(PeerCallEnd.NotAsked, (await LocateAsync(inside, Module)).End);
        rig[inside].Connected(link);
        rig[inside].Disconnected(outside.Link());
        Assert.Equal(PeerCallEnd.Answered, (await LocateAsync(inside, Module)).End);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await rig.DisposeAsync();

    public void Dispose()
    {
        inside.Dispose();
        outside.Dispose();
    }

    private static async Task<Wire.LocateResponse> HangAsync(Wire.LocateRequest request, CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        return new Wire.LocateResponse();
    }

    private static void InterlockedMax(ref int most, int now)
    {
        int seen = Volatile.Read(ref most);
        while (now > seen)
        {
            seen = Interlocked.CompareExchange(ref most, now, seen);
        }
    }

    private Task<PeerAnswer<Wire.LocateResponse>> LocateAsync(TwinPeer twin, params ModuleVersion[] modules) =>
        rig.Calls.LocateAsync(rig[twin], HolderSearch.Question(modules), Patience, CancellationToken.None);
}
