using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.Trust;
using Microsoft.Extensions.Logging;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Federation.Peers;

/// <summary>What a search believes, and when it has heard enough.</summary>
public sealed class SearchTests : IAsyncLifetime, IDisposable
{
    private static readonly ModuleVersion Module = ModuleVersion.Create("example.com/a", "v1.0.0", out _)!;
    private readonly TwinPeer a = new("a");
    private readonly TwinPeer b = new("b");
    private readonly TwinPeer stranger = new("stranger", PeerTrust.None);
    private readonly PeersRig rig;

    public SearchTests()
    {
        rig = new PeersRig(new FederationOptions(), a, b, stranger);
        rig.Connect(a);
        rig.Connect(b);
        rig.Connect(stranger);
    }

    [Fact]
    public void One_trusted_holder_is_enough_when_nobody_else_trusted_was_asked()
    {
        SearchRun run = Run(a, stranger);
        run.Add(Held(a));
        run.Ended(rig[a], false);
        Assert.True(run.Known.IsCompleted);
        Assert.False(run.Complete.IsCompleted);
        Assert.Equal("a", Assert.Single(run.Now.Holders).Peer.Options.Name);
        Assert.NotNull(run.Now.Record);
    }

    [Fact]
    public void Other_trusted_peers_get_the_hedge_delay_and_no_more()
    {
        SearchRun run = Run(a, b);
        rig.Time.Advance(TimeSpan.FromMilliseconds(20));
        run.Add(Held(a));
        run.Ended(rig[a], false);
        Assert.False(run.Known.IsCompleted);
        rig.Time.Advance(TimeSpan.FromMilliseconds(29));
        Assert.False(run.Known.IsCompleted);
        rig.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(run.Known.IsCompleted);
    }

    [Fact]
    public void However_slow_answers_are_of_late_others_get_fifty_milliseconds_after_the_first()
    {
        SearchRun run = Run([a, b], TimeSpan.FromMilliseconds(500));
        rig.Time.Advance(TimeSpan.FromMilliseconds(20));
        run.Add(Held(a));
        run.Ended(rig[a], false);
        rig.Time.Advance(SearchRun.MostGrace - TimeSpan.FromMilliseconds(1));
        Assert.False(run.Known.IsCompleted);
        rig.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(run.Known.IsCompleted);
    }

    [Fact]
    public void A_peer_that_has_been_slow_is_not_waited_for()
    {
        rig[b].Succeeded(TimeSpan.FromMilliseconds(300), 0);
        SearchRun run = Run([a, b], TimeSpan.FromMilliseconds(500));
        run.Add(Held(a));
        run.Ended(rig[a], false);
        Assert.True(run.Known.IsCompleted);
    }

    [Fact]
    public void When_all_trusted_peers_have_answered_nothing_more_is_waited_for()
    {
        SearchRun run = Run(a, b, stranger);
        run.Add(Held(a));
        run.Ended(rig[a], false);
        run.Ended(rig[b], false);
        Assert.True(run.Known.IsCompleted);
    }

    [Fact]
    public void A_stranger_is_a_holder_only_on_a_trusted_record()
    {
        SearchRun run = Run(a, stranger);
        run.Add(Held(stranger));
        run.Ended(rig[stranger], false);
        Assert.False(run.Known.IsCompleted);
        Assert.Empty(run.Now.Holders);
        run.Add(Held(a));
        run.Ended(rig[a], false);
        Assert.Equal(2, run.Now.Holders.Count);
    }

    [Fact]
    public void A_stranger_with_other_hashes_is_no_holder_and_no_conflict()
    {
        SearchRun run = Run(a, stranger);
        run.Add(Held(stranger, "other"));
        run.Add(Held(a));
        Assert.False(run.Now.Verdict.IsRefused);
        Assert.Equal("a", Assert.Single(run.Now.Holders).Peer.Options.Name);
        Assert.Contains("stranger", Assert.Single(rig.Log, line => line.Level == LogLevel.Warning).Message, StringComparison.Ordinal);
        Assert.Empty(rig.Errors);
    }

    [Fact]
    public void Trusted_peers_that_disagree_are_a_conflict_with_both_records_as_evidence()
    {
        SearchRun run = Run(a, b, stranger);
        run.Add(Held(a));
        Assert.False(run.Known.IsCompleted);
        run.Add(Held(b, "other"));
        Assert.True(run.Known.IsCompleted);
        Assert.True(run.Now.Verdict.IsRefused);
        string line = Assert.Single(rig.Errors).Message;
        Assert.Contains("SECURITY", line, StringComparison.Ordinal);
        Assert.Contains(TwinPeer.Record(Module, "genuine").ZipHash, line, StringComparison.Ordinal);
        Assert.Contains(TwinPeer.Record(Module, "other").ZipHash, line, StringComparison.Ordinal);
        Assert.Contains("— a ", line, StringComparison.Ordinal);
        Assert.Contains("— b ", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_late_disagreement_is_still_seen()
    {
        SearchRun run = Run(a, b);
        run.Add(Held(a));
        run.Ended(rig[a], false);
        rig.Time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.True(run.Known.IsCompleted);
        Assert.False(run.Now.Verdict.IsRefused);
        run.Add(Held(b, "other"));
        run.Ended(rig[b], false);
        Assert.True(run.Now.Verdict.IsRefused);
        Assert.Single(rig.Errors);
    }

    [Fact]
    public async Task A_search_asks_all_and_tells_of_the_record_at_once()
    {
        a.Hold(Module);
        stranger.Hold(Module);
        SearchRun run = Ask(a, b, stranger);
        await run.Complete;
        Assert.True(run.Known.IsCompleted);
        Assert.Equal(TrustStep.Quorum, run.Now.Verdict.Step);
        Assert.Equal(["a", "stranger"], run.Now.Holders.Select(static holder => holder.Peer.Options.Name).Order());
        Assert.Equal(3, a.Calls + b.Calls + stranger.Calls);
    }

    [Fact]
    public async Task A_peer_that_never_answers_is_given_up_and_set_aside()
    {
        a.Hold(Module);
        b.Locate = static async (_, cancellationToken) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            throw new InvalidOperationException();
        };
        SearchRun run = Ask(a, b);
        await rig.AdvanceUntilAsync(Task.WhenAny(run.Known));
        Assert.False(run.Complete.IsCompleted);
        await rig.AdvanceUntilAsync(Task.WhenAny(run.Complete));
        Assert.True(rig[b].IsSetAside);
        Assert.False(rig[a].IsSetAside);
    }

    [Fact]
    public async Task A_liar_is_no_holder_and_is_set_aside_for_long()
    {
        Wire.Location location = a.Hold(Module);
        location.ZipSize++;
        SearchRun run = Ask(a);
        await run.Complete;
        Assert.Null(run.Now.Record);
        Assert.True(rig[a].SetAsideLeft > TimeSpan.FromMinutes(10));
        Assert.Contains("SECURITY", Assert.Single(rig.Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_who_knows_ends_the_search_without_a_holder()
    {
        SearchRun run = Run(a, b);
        run.Ended(rig[a], false);
        run.Ended(rig[b], turnedAway: true);
        Assert.True(run.Complete.IsCompleted);
        Assert.False(run.Known.IsCompleted);
        Assert.True(run.IsTurnedAway);
        Assert.True(Run().Complete.IsCompleted);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await rig.DisposeAsync();

    public void Dispose()
    {
        a.Dispose();
        b.Dispose();
        stranger.Dispose();
    }

    private SearchRun Ask(params TwinPeer[] asked)
    {
        SearchRun run = rig.Search.Begin(rig.Desk.Open(Module, null), Task.CompletedTask);
        _ = rig.Search.AskAsync(run, [.. asked.Select(twin => rig[twin])], null, isAll: true);
        return run;
    }

    private SearchRun Run(params TwinPeer[] asked) => Run(asked, LatencyQuantile.FirstDelay);

    private SearchRun Run(TwinPeer[] asked, TimeSpan grace) =>
        Run(rig, asked, grace);

    private static SearchRun Run(PeersRig rig, TwinPeer[] asked, TimeSpan grace)
    {
        SearchRun run = new(rig.Desk.Open(Module, null), Task.CompletedTask, grace, rig.Time, rig.Logger);
        run.Expect(asked.Select(twin => rig[twin]), isAll: true);
        return run;
    }

    private Holder Held(TwinPeer twin, string content = "genuine")
    {
        ModuleRecord record = TwinPeer.Record(Module, content);
        return new Holder(rig[twin], twin.Log, twin.Location(record, content), record);
    }
}
