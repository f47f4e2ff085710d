using Athens.Federation.Node.Provenance.Trust;
using Athens.Federation.Node.Retrieval;
using Microsoft.Extensions.Logging;

namespace Athens.Federation.Tests.Retrieval;

/// <summary>Peers before upstream, and what each may decide.</summary>
public sealed class SourceRaceTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private readonly TwinPeers peers = new();
    private readonly GenuineModule module = GenuineModule.Make();

    [Fact]
    public async Task What_a_peer_delivers_is_stored_and_upstream_is_not_asked()
    {
        await using Rig rig = new(peers);
        rig.Source.Publish(module);
        peers.Fetch = (fetch, token) =>
        {
            fetch.Trust.Add(Record("a", module.ZipHash));
            return TwinPeers.DeliverAsync(module, fetch, token);
        };

        Outcome<StoredFile> outcome = await rig.FileAsync(module);

        Assert.Equal("peer:a", outcome.Source);
        Assert.Equal(0, rig.Source.Fetches);
        Assert.Equal("peer:a", Assert.Single(rig.Store.Admissions).Facts.Source);
    }

    [Fact]
    public async Task Without_a_holder_upstream_is_asked()
    {
        await using Rig rig = new(peers);
        rig.Source.Publish(module);

        Outcome<StoredFile> outcome = await rig.FileAsync(module);

        Assert.Equal(AnswerSource.Upstream, outcome.Source);
    }

    [Fact]
    public async Task Absent_needs_upstream_to_say_so_and_then_no_peer_changes_it()
    {
        await using Rig rig = new(peers);

        Assert.Equal(OutcomeKind.Absent, (await rig.FileAsync(module)).Kind);
    }

    [Fact]
    public async Task Slow_peers_are_left_behind_once_upstream_has_delivered()
    {
        await using Rig rig = new(peers);
        rig.Source.Publish(module);
        peers.Fetch = (fetch, token) =>
        {
            fetch.StartUpstream();
            return peers.HangAsync(token);
        };

        Outcome<StoredFile> outcome = await rig.FileAsync(module).WaitAsync(Long);

        Assert.Equal(AnswerSource.Upstream, outcome.Source);
        await peers.Cancelled.Task.WaitAsync(Long);
    }

    [Fact]
    public async Task A_hanging_upstream_is_left_behind_once_a_peer_has_delivered()
    {
        await using Rig rig = new(peers);
        rig.Source.Publish(module);
        rig.Source.Hang = new TaskCompletionSource();
        peers.Fetch = async (fetch, token) =>
        {
            fetch.StartUpstream();
            await rig.Source.CalledAsync();
            fetch.Trust.Add(Record("a", module.ZipHash));
            return await TwinPeers.DeliverAsync(module, fetch, token);
        };

        Outcome<StoredFile> outcome = await rig.FileAsync(module).WaitAsync(Long);

        Assert.Equal("peer:a", outcome.Source);
    }

    [Fact]
    public async Task Other_bytes_from_upstream_than_a_trusted_record_says_are_a_conflict_and_nothing_is_stored()
    {
        await using Rig rig = new(peers);
        rig.Source.Publish(GenuineModule.Make(extra: "// a moved tag\n"));
        peers.Fetch = (fetch, _) =>
        {
            fetch.Trust.Add(Record("a", module.ZipHash));
            return Task.FromResult(Outcome<ModuleFacts>.Unavailable("peer a went away"));
        };

        Outcome<StoredFile> outcome = await rig.FileAsync(module);

        Assert.Equal(OutcomeKind.Conflicting, outcome.Kind);
        Assert.Contains("the record of peer a", outcome.Reason, StringComparison.Ordinal);
        Assert.Contains(module.ZipHash, outcome.Reason, StringComparison.Ordinal);
        Assert.Empty(rig.Store.Admissions);
        Assert.Contains(rig.Log.Lines, line => line.Level == LogLevel.Error && line.Text.StartsWith("SECURITY", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_a_tag_was_moved_the_original_is_delivered_as_long_as_a_peer_holds_it()
    {
        await using Rig rig = new(peers);
        rig.Source.Publish(GenuineModule.Make(extra: "// a moved tag\n"));
        peers.Fetch = async (fetch, token) =>
        {
            fetch.Trust.Add(Record("a", module.ZipHash));
            fetch.StartUpstream();
            while (!rig.Log.Lines.Any(line => line.Level == LogLevel.Error))
            {
                await Task.Yield();
            }

            return await TwinPeers.DeliverAsync(module, fetch, token);
        };

        Outcome<StoredFile> outcome = await rig.FileAsync(module).WaitAsync(Long);

        Assert.Equal("peer:a", outcome.Source);
        Assert.Equal(module.ZipHash, Assert.Single(rig.Store.Admissions).Facts.ZipHash);
    }

    [Fact]
    public async Task Bytes_that_nobody_observed_are_not_taken_and_the_reason_stands_beside_upstreams()
    {
        await using Rig rig = new(peers);
        rig.Source.Failing = OutcomeKind.Unavailable;
        peers.Fetch = (fetch, token) => TwinPeers.DeliverAsync(module, fetch, token);

        Outcome<StoredFile> outcome = await rig.FileAsync(module);

        Assert.Equal(OutcomeKind.Unavailable, outcome.Kind);
        Assert.Contains("observed by no organization of the 1 that [pool] quorum asks for", outcome.Reason, StringComparison.Ordinal);
        Assert.Empty(rig.Store.Admissions);
    }

    [Fact]
    public async Task A_record_that_was_taken_back_binds_nobody()
    {
        await using Rig rig = new(peers);
        rig.Source.Publish(module);
        peers.Fetch = (fetch, _) =>
        {
            fetch.Trust.Add(Record("a", "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="));
            fetch.Trust.Withdraw("log of a");
            return Task.FromResult(Outcome<ModuleFacts>.Unavailable("peer a's record contradicts itself"));
        };

        Assert.Equal(AnswerSource.Upstream, (await rig.FileAsync(module)).Source);
    }

    [Fact]
    public async Task Bytes_of_a_peer_that_are_refused_do_not_keep_upstream_from_answering()
    {
        await using Rig rig = new(peers);
        rig.Source.Publish(module);
        GenuineModule tampered = GenuineModule.Make();
        tampered.Zip = GenuineModule.Make(extra: "// evil\n").Zip;
        peers.Fetch = (fetch, token) => TwinPeers.DeliverAsync(tampered, fetch, token);

        Outcome<StoredFile> outcome = await rig.FileAsync(module);

        Assert.Equal(AnswerSource.Upstream, outcome.Source);
        Assert.Equal(module.ZipHash, Assert.Single(rig.Store.Admissions).Facts.ZipHash);
    }

    [Fact]
    public async Task Trusted_records_that_disagree_are_the_answer_and_upstream_is_not_asked()
    {
        await using Rig rig = new(peers);
        rig.Source.Publish(module);
        peers.Fetch = static (_, _) => Task.FromResult(Outcome<ModuleFacts>.Conflicting("the records of peers a and b disagree"));

        Assert.Equal(OutcomeKind.Conflicting, (await rig.FileAsync(module)).Kind);
        Assert.Equal(0, rig.Source.Fetches);
    }

    [Fact]
    public async Task A_fault_on_the_way_to_peers_is_logged_and_upstream_answers()
    {
        await using Rig rig = new(peers);
        rig.Source.Publish(module);
        peers.Fetch = static (_, _) => throw new InvalidOperationException("a bug");

        Assert.Equal(AnswerSource.Upstream, (await rig.FileAsync(module)).Source);
        Assert.Contains(rig.Log.Lines, line => line.Level == LogLevel.Error);
    }

    [Fact]
    public async Task Found_without_verified_bytes_is_a_fault_and_never_stored()
    {
        await using Rig rig = new(peers);
        peers.Fetch = (_, _) => Task.FromResult(Outcome<ModuleFacts>.Found(module.Facts(), "peer:a"));

        Assert.Equal(OutcomeKind.Faulty, (await rig.FileAsync(module)).Kind);
        Assert.Empty(rig.Store.Admissions);
    }

    [Fact]
    public async Task The_board_tells_wanted_then_upstream_then_nothing()
    {
        await using Rig rig = new(peers);
        rig.Source.Publish(module);
        rig.Source.Hang = new TaskCompletionSource();
        FlightPhase before = FlightPhase.None;
        peers.Fetch = (fetch, _) =>
        {
            before = rig.Board.PhaseOf(fetch.Module);
            return Task.FromResult(Outcome<ModuleFacts>.Absent("no peer holds it"));
        };

        Task<Outcome<StoredFile>> asking = rig.FileAsync(module);
        await rig.Source.CalledAsync();
        FlightPhase during = rig.Board.PhaseOf(module.Module);
        Task landed = rig.Board.WhenLandedAsync(module.Module, Long, CancellationToken.None);
        Assert.False(landed.IsCompleted);
        rig.Source.Hang.SetResult();
        await asking;
        await landed.WaitAsync(Long);

        Assert.Equal((FlightPhase.Wanted, FlightPhase.Upstream, FlightPhase.None), (before, during, rig.Board.PhaseOf(module.Module)));
    }

    [Fact]
    public async Task Who_waits_for_a_flight_stops_when_patience_is_over()
    {
        await using Rig rig = new(peers);
        using FlightBoard.Entry flight = rig.Board.Begin(module.Module);
        Task waiting = rig.Board.WhenLandedAsync(module.Module, TimeSpan.FromSeconds(5), CancellationToken.None);

        rig.Time.Advance(TimeSpan.FromSeconds(5));
        await waiting.WaitAsync(Long);

        Assert.Equal(FlightPhase.Wanted, rig.Board.PhaseOf(module.Module));
    }

    [Fact]
    public async Task A_list_is_what_upstream_has_and_what_peers_hold()
    {
        await using Rig rig = new(peers);
        rig.Source.Tags["example.com/a"] = ["v1.0.0"];
        peers.Versions = Outcome<VersionList>.Found(new VersionList(["v1.1.0", "v2.0.0"]), "peer:a");

        Outcome<VersionList> list = await rig.ListAsync();

        Assert.Equal(["v1.0.0", "v1.1.0"], list.Value!.Versions);
    }

    [Theory]
    [InlineData(nameof(OutcomeKind.Unavailable))]
    [InlineData(nameof(OutcomeKind.Faulty))]
    [InlineData(nameof(OutcomeKind.Absent))]
    public async Task Where_upstream_has_no_list_or_answer_peers_give_theirs(string kind)
    {
        await using Rig rig = new(peers);
        rig.Source.Failing = Enum.Parse<OutcomeKind>(kind);
        peers.Versions = Outcome<VersionList>.Found(new VersionList(["v1.0.0"]), "peer:a");
        peers.Resolved = Outcome<ResolvedVersion>.Found(new ResolvedVersion("v1.0.0", module.Info), "peer:a");

        Outcome<VersionList> list = await rig.ListAsync();
        Outcome<ResolvedVersion> latest = await rig.ResolveAsync("latest");

        Assert.Equal(("peer:a", "v1.0.0"), (list.Source, Assert.Single(list.Value!.Versions)));
        Assert.Equal(("peer:a", "v1.0.0"), (latest.Source, latest.Value!.Version));
    }

    [Fact]
    public async Task The_latest_without_upstream_is_the_newer_of_what_is_held_here_and_at_peers()
    {
        await using Rig rig = new(peers);
        GenuineModule newer = rig.Source.Publish(GenuineModule.Make(version: "v1.2.0"));
        await rig.FileAsync(newer);
        rig.Source.Failing = OutcomeKind.Unavailable;
        peers.Resolved = Outcome<ResolvedVersion>.Found(new ResolvedVersion("v1.0.0", module.Info), "peer:a");

        Assert.Equal("v1.2.0", (await rig.ResolveAsync("latest")).Value!.Version);
    }

    [Fact]
    public async Task A_peers_answer_that_breaks_a_rule_is_not_given()
    {
        await using Rig rig = new(peers);
        rig.Source.Failing = OutcomeKind.Unavailable;
        peers.Resolved = Outcome<ResolvedVersion>.Found(new ResolvedVersion("v1.0.1", module.Info), "peer:a");

        Assert.Equal(OutcomeKind.Unavailable, (await rig.ResolveAsync("latest")).Kind);
    }

    private KnownRecord Record(string peer, string zipHash) =>
        new($"log of {peer}", peer, "acme", IsTrusted: true, IsObserved: true, new HashPair(zipHash, module.ModHash));
}
