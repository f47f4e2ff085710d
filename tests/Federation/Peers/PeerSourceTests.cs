using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.Mirrors;
using Athens.Federation.Node.Retrieval;
using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Federation.Peers;

/// <summary>What a fetch does with what the search finds, and when it lets upstream begin.</summary>
public sealed class PeerSourceTests : IAsyncLifetime, IDisposable
{
    private static readonly ModuleVersion Module = ModuleVersion.Create("corp.example.com/a", "v1.0.0", out _)!;
    private readonly TwinPeer a = new("a", PeerTrust.Observe, "acme");
    private readonly TwinPeer b = new("b", PeerTrust.Observe, "acme");
    private readonly TwinPeer stranger = new("stranger", PeerTrust.None, "other");
    private readonly PeersRig rig;

    public PeerSourceTests() => rig = Rig(new FederationOptions());

    [Fact]
    public async Task A_holder_is_transferred_from_and_upstream_is_not_begun()
    {
        Connect();
        a.Hold(Module);
        b.Hold(Module);
        stranger.Hold(Module);
        PeerFetch fetch = await rig.FetchOfAsync(Module);
        Outcome<ModuleFacts> outcome = await rig.AdvanceUntilAsync(rig.Source.FetchAsync(fetch, CancellationToken.None));
        Assert.True(outcome.IsFound, outcome.Reason);
        Assert.False(fetch.UpstreamStarted);
        Assert.Equal(TwinPeer.Record(Module, "genuine").ZipHash, fetch.Trust.Now.Believed!.Zip);
        Assert.InRange(Assert.Single(rig.Transfers).Holders.Count, 1, 3);
    }

    [Fact]
    public async Task Without_a_connected_peer_upstream_begins_at_once()
    {
        PeerFetch fetch = await rig.FetchOfAsync(Module);
        Outcome<ModuleFacts> outcome = await rig.Source.FetchAsync(fetch, CancellationToken.None);
        Assert.Equal(OutcomeKind.Absent, outcome.Kind);
        Assert.True(fetch.UpstreamStarted);
    }

    [Fact]
    public async Task Without_a_connected_peer_a_miss_costs_nothing()
    {
        PeerFetch fetch = await rig.FetchOfAsync(Module);
        _ = rig.Source.FetchAsync(fetch, CancellationToken.None);
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool isDone = rig.Source.FetchAsync(fetch, CancellationToken.None).IsCompleted
            && rig.Source.VersionsAsync(Module.Path, CancellationToken.None).IsCompleted
            && rig.Source.ResolveAsync(Module.Path, "latest", CancellationToken.None).IsCompleted;
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1024);
        Assert.True(isDone);
    }

    [Fact]
    public async Task When_only_strangers_are_connected_nothing_is_asked_and_upstream_begins_at_once()
    {
        rig.Connect(stranger);
        PeerFetch fetch = await rig.FetchOfAsync(Module);
        Assert.Equal(OutcomeKind.Absent, (await rig.Source.FetchAsync(fetch, CancellationToken.None)).Kind);
        Assert.True(fetch.UpstreamStarted);
        Assert.Equal(0, stranger.Calls);
    }

    [Fact]
    public async Task A_private_module_is_asked_of_nobody_outside()
    {
        await using PeersRig secret = Rig(new FederationOptions { Org = "else", Private = "corp.example.com" });
        secret.Connect(a);
        secret.Connect(stranger);
        a.Hold(Module);
        PeerFetch fetch = await secret.FetchOfAsync(Module);
        Assert.Equal(OutcomeKind.Absent, (await secret.Source.FetchAsync(fetch, CancellationToken.None)).Kind);
        Assert.True(fetch.UpstreamStarted);
        Assert.Equal(0, a.Calls + stranger.Calls);
    }

    [Fact]
    public async Task When_nobody_holds_it_upstream_begins_and_the_answer_is_absent()
    {
        Connect();
        PeerFetch fetch = await rig.FetchOfAsync(Module);
        Assert.Equal(OutcomeKind.Absent, (await rig.AdvanceUntilAsync(rig.Source.FetchAsync(fetch, CancellationToken.None))).Kind);
        Assert.True(fetch.UpstreamStarted);
        Assert.Empty(rig.Transfers);
        Assert.Empty(fetch.Trust.Records);
    }

    [Fact]
    public async Task A_silent_peer_far_away_delays_upstream_by_the_head_start_and_no_more()
    {
        rig.Connect(a, onLan: false);
        a.Locate = HangAsync;
        PeerFetch fetch = await rig.FetchOfAsync(Module);
        Task<Outcome<ModuleFacts>> fetching = rig.Source.FetchAsync(fetch, CancellationToken.None);
        rig.Time.Advance(PeerSource.HeadStart - TimeSpan.FromMilliseconds(1));
        Assert.False(fetch.UpstreamStarted);
        rig.Time.Advance(TimeSpan.FromMilliseconds(1));
        await fetch.UpstreamMayStart;
        Assert.False(fetching.IsCompleted);
        Assert.Equal(OutcomeKind.Absent, (await rig.AdvanceUntilAsync(fetching)).Kind);
    }

    [Fact]
    public async Task A_holder_that_turns_up_late_is_still_used_beside_upstream()
    {
        rig.Connect(a, onLan: false);
        a.Hold(Module);
        TaskCompletionSource answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        a.Locate = async (request, _) =>
        {
            await answer.Task;
            return a.Located(request);
        };
        PeerFetch fetch = await rig.FetchOfAsync(Module);
        Task<Outcome<ModuleFacts>> fetching = rig.Source.FetchAsync(fetch, CancellationToken.None);
        rig.Time.Advance(PeerSource.HeadStart);
        await fetch.UpstreamMayStart;
        answer.SetResult();
        Assert.True((await rig.AdvanceUntilAsync(fetching)).IsFound);
    }

    [Fact]
    public async Task When_the_transfer_fails_upstream_begins_bound_by_the_record()
    {
        rig.Connect(a);
        a.Hold(Module);
        rig.Transfer = static (_, _) => Task.FromResult(Outcome<ModuleFacts>.Unavailable("a: the connection broke"));
        PeerFetch fetch = await rig.FetchOfAsync(Module);
        Outcome<ModuleFacts> outcome = await rig.AdvanceUntilAsync(rig.Source.FetchAsync(fetch, CancellationToken.None));
        Assert.Equal(OutcomeKind.Unavailable, outcome.Kind);
        Assert.True(fetch.UpstreamStarted);
        Assert.True(fetch.Trust.Now.IsBelieved);
    }

    [Fact]
    public async Task Trusted_records_that_disagree_are_refused_and_never_fetched()
    {
        rig.Connect(a);
        rig.Connect(b);
        a.Hold(Module);
        b.Hold(Module, "moved");
        PeerFetch fetch = await rig.FetchOfAsync(Module);
        Outcome<ModuleFacts> outcome = await rig.AdvanceUntilAsync(rig.Source.FetchAsync(fetch, CancellationToken.None));
        Assert.Equal(OutcomeKind.Conflicting, outcome.Kind);
        Assert.Contains(TwinPeer.Record(Module, "moved").ZipHash, outcome.Reason, StringComparison.Ordinal);
        Assert.Contains("SECURITY", Assert.Single(rig.Errors).Message, StringComparison.Ordinal);
        Assert.Empty(rig.Transfers);
    }

    [Fact]
    public async Task A_disagreement_that_is_seen_during_the_transfer_refuses_it_too()
    {
        rig.Connect(a);
        rig.Connect(b);
        a.Hold(Module);
        b.Hold(Module, "moved");
        TaskCompletionSource late = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource<Outcome<ModuleFacts>> transfer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        b.Locate = async (request, _) =>
        {
            await late.Task;
            return b.Located(request);
        };
        TaskCompletionSource transferring = new(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.Transfer = (_, _) =>
        {
            transferring.SetResult();
            return transfer.Task;
        };
        PeerFetch fetch = await rig.FetchOfAsync(Module);
        Task<Outcome<ModuleFacts>> fetching = rig.Source.FetchAsync(fetch, CancellationToken.None);
        await rig.AdvanceUntilAsync(Task.WhenAny(transferring.Task));
        late.SetResult();
        await rig.AdvanceUntilAsync(LoggedAsync());
        transfer.SetResult(Outcome<ModuleFacts>.Found(Retrieval.GenuineModule.Make().Facts(), "peer:a"));
        Assert.Equal(OutcomeKind.Conflicting, (await fetching).Kind);
    }

    [Fact]
    public async Task Who_says_later_that_it_holds_it_is_asked_when_the_first_could_not_give_it()
    {
        rig.Connect(a);
        rig.Connect(b);
        a.Hold(Module);
        b.Hold(Module);
        TaskCompletionSource late = new(TaskCreationOptions.RunContinuationsAsynchronously);
        b.Locate = async (request, _) =>
        {
            await late.Task;
            return b.Located(request);
        };
        rig.Transfer = (fetch, holders) =>
        {
            late.TrySetResult();
            return Task.FromResult(holders.Any(holder => holder.Peer == rig[b])
                ? Outcome<ModuleFacts>.Found(Retrieval.GenuineModule.Make().Facts(), "peer:b")
                : Outcome<ModuleFacts>.Unavailable("a lied"));
        };
        PeerFetch fetch = await rig.FetchOfAsync(Module);
        Outcome<ModuleFacts> outcome = await rig.AdvanceUntilAsync(rig.Source.FetchAsync(fetch, CancellationToken.None));
        Assert.True(outcome.IsFound, outcome.Reason);
        Assert.Equal(2, rig.Transfers.Count);
    }

    [Fact]
    public async Task With_a_quorum_of_two_one_organization_is_not_enough_however_many_nodes_it_has()
    {
        await using PeersRig two = Rig(new FederationOptions { Quorum = 2 });
        two.Connect(a);
        two.Connect(b);
        a.Hold(Module);
        b.Hold(Module);
        PeerFetch fetch = await two.FetchOfAsync(Module);
        Outcome<ModuleFacts> outcome = await two.AdvanceUntilAsync(two.Source.FetchAsync(fetch, CancellationToken.None));
        Assert.Equal(OutcomeKind.NotHeld, outcome.Kind);
        Assert.Contains("observed by 1 organization of the 2 that [pool] quorum asks for (acme)", outcome.Reason, StringComparison.Ordinal);
        Assert.True(fetch.UpstreamStarted);
        Assert.Empty(two.Transfers);
    }

    [Fact]
    public async Task With_a_quorum_of_two_the_second_organization_is_waited_for_and_a_stranger_may_deliver()
    {
        using TwinPeer c = new("c", PeerTrust.Observe, "globex");
        await using PeersRig two = new(new FederationOptions { Quorum = 2 }, a, c, stranger);
        two.Connect(a);
        two.Connect(c);
        two.Connect(stranger);
        a.Hold(Module);
        c.Hold(Module);
        stranger.Hold(Module);
        TaskCompletionSource late = new(TaskCreationOptions.RunContinuationsAsynchronously);
        c.Locate = async (request, _) =>
        {
            await late.Task;
            return c.Located(request);
        };
        PeerFetch fetch = await two.FetchOfAsync(Module);
        Task<Outcome<ModuleFacts>> fetching = two.Source.FetchAsync(fetch, CancellationToken.None);
        await two.AdvanceUntilAsync(Task.WhenAny(fetch.UpstreamMayStart));
        Assert.Empty(two.Transfers);
        late.SetResult();
        Assert.True((await two.AdvanceUntilAsync(fetching)).IsFound);
        Assert.Equal(3, Assert.Single(two.Transfers).Holders.Count);
    }

    [Fact]
    public async Task A_copy_that_is_merely_vouched_for_never_counts()
    {
        rig.Connect(a);
        a.Locations[Module] = a.Location(TwinPeer.Record(Module, "genuine") with { IsVouched = true, Provenance = "2026-11-20T16:56:00Z peer" });
        PeerFetch fetch = await rig.FetchOfAsync(Module);
        Outcome<ModuleFacts> outcome = await rig.AdvanceUntilAsync(rig.Source.FetchAsync(fetch, CancellationToken.None));
        Assert.Equal(OutcomeKind.NotHeld, outcome.Kind);
        Assert.Contains("no organization", outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_holder_that_a_mirrored_log_tells_of_is_asked_alone_and_upstream_is_not_begun()
    {
        Connect();
        b.Hold(Module);
        rig.Mirrored.Add(new MirroredRecord(new FollowedLog(b.Log, "b", "acme", IsTrusted: true), 5, TwinPeer.Record(Module, "genuine")));
        PeerFetch fetch = await rig.FetchOfAsync(Module);
        Assert.True((await rig.AdvanceUntilAsync(rig.Source.FetchAsync(fetch, CancellationToken.None))).IsFound);
        Assert.Equal((0, 1, 0), (a.Calls, b.Calls, stranger.Calls));
        Assert.False(fetch.UpstreamStarted);
    }

    [Fact]
    public async Task When_the_known_holder_is_silent_the_others_are_asked_after_the_hedge_delay()
    {
        Connect();
        a.Hold(Module);
        b.Locate = HangAsync;
        rig.Mirrored.Add(new MirroredRecord(new FollowedLog(b.Log, "b", "acme", IsTrusted: true), 5, TwinPeer.Record(Module, "genuine")));
        PeerFetch fetch = await rig.FetchOfAsync(Module);
        Assert.True((await rig.AdvanceUntilAsync(rig.Source.FetchAsync(fetch, CancellationToken.None))).IsFound);
        Assert.Equal(rig[a], Assert.Single(Assert.Single(rig.Transfers).Holders).Peer);
    }

    [Fact]
    public async Task What_a_mirrored_log_proves_may_come_from_a_stranger()
    {
        rig.Connect(stranger);
        stranger.Hold(Module);
        rig.Mirrored.Add(new MirroredRecord(new FollowedLog(a.Log, "a", "acme", IsTrusted: true), 5, TwinPeer.Record(Module, "genuine")));
        PeerFetch fetch = await rig.FetchOfAsync(Module);
        Assert.True((await rig.AdvanceUntilAsync(rig.Source.FetchAsync(fetch, CancellationToken.None))).IsFound);
    }

    [Fact]
    public async Task A_mirrored_record_and_an_answer_that_disagree_are_refused()
    {
        Connect();
        b.Hold(Module, "moved");
        rig.Mirrored.Add(new MirroredRecord(new FollowedLog(a.Log, "a", "acme", IsTrusted: true), 5, TwinPeer.Record(Module, "genuine")));
        PeerFetch fetch = await rig.FetchOfAsync(Module);
        Assert.Equal(OutcomeKind.Conflicting, (await rig.AdvanceUntilAsync(rig.Source.FetchAsync(fetch, CancellationToken.None))).Kind);
        Assert.Empty(rig.Transfers);
    }

    [Fact]
    public async Task The_only_peer_is_asked_last_rather_than_not_at_all_when_it_was_slow()
    {
        rig.Connect(a).Failed(PeerFault.Slow, "overloaded");
        a.Hold(Module);
        PeerFetch fetch = await rig.FetchOfAsync(Module);
        Assert.True((await rig.AdvanceUntilAsync(rig.Source.FetchAsync(fetch, CancellationToken.None))).IsFound);
        Assert.True(fetch.UpstreamStarted);
    }

    [Fact]
    public async Task A_slow_peer_is_not_waited_for_once_upstream_has_said_that_there_is_none()
    {
        rig.Connect(a).Failed(PeerFault.Slow, "overloaded");
        a.Locate = HangAsync;
        PeerFetch fetch = await rig.FetchOfAsync(Module);
        Task<Outcome<ModuleFacts>> fetching = rig.Source.FetchAsync(fetch, CancellationToken.None);
        await fetch.UpstreamMayStart;
        fetch.NoteUpstreamHasNone();
        Assert.Equal(OutcomeKind.Absent, (await fetching).Kind);
    }

    [Fact]
    public async Task A_peer_that_has_lied_is_not_asked_even_when_it_is_the_only_one()
    {
        rig.Connect(a).Failed(PeerFault.Lied, "wrong bytes");
        a.Hold(Module);
        PeerFetch fetch = await rig.FetchOfAsync(Module);
        Assert.Equal(OutcomeKind.Absent, (await rig.AdvanceUntilAsync(rig.Source.FetchAsync(fetch, CancellationToken.None))).Kind);
        Assert.Equal(0, a.Calls);
    }

    [Fact]
    public async Task A_busy_peer_is_asked_again_while_upstream_is_under_way()
    {
        rig.Connect(a);
        a.Hold(Module);
        int asked = 0;
        Metadata trailers = new() { { CallFault.PushbackTrailer, "300" } };
        a.Locate = (request, _) => Interlocked.Increment(ref asked) <= 2
            ? throw new RpcException(new Status(StatusCode.ResourceExhausted, "busy"), trailers)
            : Task.FromResult(a.Located(request));
        PeerFetch fetch = await rig.FetchOfAsync(Module);
        Assert.True((await rig.AdvanceUntilAsync(rig.Source.FetchAsync(fetch, CancellationToken.None))).IsFound);
        Assert.True(fetch.UpstreamStarted);
        Assert.Equal(3, asked);
    }

    [Fact]
    public async Task A_peer_that_stays_busy_is_given_up()
    {
        rig.Connect(a);
        a.Locate = static (_, _) => throw new RpcException(
            new Status(StatusCode.ResourceExhausted, "busy"), new Metadata { { CallFault.PushbackTrailer, "200" } });
        PeerFetch fetch = await rig.FetchOfAsync(Module);
        Assert.Equal(OutcomeKind.Absent, (await rig.AdvanceUntilAsync(rig.Source.FetchAsync(fetch, CancellationToken.None))).Kind);
    }

    [Fact]
    public async Task A_fetch_that_is_cancelled_ends()
    {
        rig.Connect(a);
        a.Locate = HangAsync;
        PeerFetch fetch = await rig.FetchOfAsync(Module);
        using CancellationTokenSource leaving = new();
        Task<Outcome<ModuleFacts>> fetching = rig.Source.FetchAsync(fetch, leaving.Token);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetching);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await rig.DisposeAsync();

    public void Dispose()
    {
        a.Dispose();
        b.Dispose();
        stranger.Dispose();
    }

    private static async Task<Wire.LocateResponse> HangAsync(Wire.LocateRequest request, CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        return new Wire.LocateResponse();
    }

    private PeersRig Rig(FederationOptions options) => new(options, a, b, stranger);

    private void Connect()
    {
        rig.Connect(a);
        rig.Connect(b);
        rig.Connect(stranger);
    }

    private async Task<bool> LoggedAsync()
    {
        while (!rig.Errors.Any())
        {
            await Task.Yield();
        }

        return true;
    }
}
