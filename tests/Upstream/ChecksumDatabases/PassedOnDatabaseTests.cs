using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.PublicDatabases;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Upstream.ChecksumDatabases;
using Athens.Federation.Tests.Provenance.PublicDatabases;
using Athens.Federation.Tests.Retrieval;
using Microsoft.Extensions.Logging.Abstractions;

namespace Athens.Federation.Tests.Upstream.ChecksumDatabases;

/// <summary>A database as this node's clients see it: what is asked of the source, how often, and what never is.</summary>
public sealed class PassedOnDatabaseTests : IAsyncLifetime, IDisposable
{
    private readonly PublishedLog log = new PublishedLog().Grow(500);
    private readonly ManualTime time = new();
    private readonly VerifyingNode node;
    private readonly PassedOnDatabase database;

    public PassedOnDatabaseTests()
    {
        node = new VerifyingNode(log, "example.org/m44,*.corp.example");
        database = Make();
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await database.DisposeAsync();

    public void Dispose()
    {
        node.Dispose();
        log.Dispose();
    }

    [Theory]
    [InlineData("example.org/m44")]
    [InlineData("git.corp.example/team/secret")]
    public async Task A_private_path_is_forbidden_and_nobody_is_asked(string path)
    {
        var outcome = await database.LookupAsync(ModuleVersion.Create(path, "v1.0.0", out _)!, default);
        Assert.Equal(OutcomeKind.Forbidden, outcome.Kind);
        Assert.Contains("GOPRIVATE", outcome.Reason, StringComparison.Ordinal);
        Assert.Equal(0, node.Asked);
    }

    [Fact]
    public async Task A_path_that_became_private_is_not_answered_from_what_is_kept()
    {
        var module = PublishedLog.Module(45);
        Assert.True((await database.LookupAsync(module, default)).IsFound);
        node.Never = "example.org/m45";
        node.Restart();
        await using var later = Make();
        Assert.Equal(OutcomeKind.Forbidden, (await later.LookupAsync(module, default)).Kind);
    }

    [Fact]
    public async Task Two_hundred_clients_cause_one_question()
    {
        var gate = Hold();
        var module = PublishedLog.Module(45);
        var asking = Enumerable.Range(0, 200).Select(_ => database.LookupAsync(module, default).AsTask()).ToArray();
        await gate.Reached;
        gate.Open();
        var outcomes = await Task.WhenAll(asking);
        Assert.All(outcomes, outcome => Assert.True(outcome.IsFound, outcome.Reason));
        Assert.Single(log.Asked, resource => resource.StartsWith("lookup/", StringComparison.Ordinal));
        Assert.Equal(AnswerSource.Upstream, outcomes[0].Source);
    }

    [Fact]
    public async Task What_is_kept_is_answered_while_the_source_hangs()
    {
        var module = PublishedLog.Module(45);
        await database.LookupAsync(module, default);
        var gate = Hold();
        var hanging = Enumerable.Range(100, 300).Select(n => database.LookupAsync(PublishedLog.Module(n), default).AsTask()).ToArray();
        await gate.Reached;
        var kept = await database.LookupAsync(module, default);
        Assert.Equal((true, AnswerSource.Store), (kept.IsFound, kept.Source));
        var tile = await database.ReadAsync(PublishedLog.Path(0, 0, 256), default);
        Assert.Equal((true, AnswerSource.Store, true), (tile.IsFound, tile.Source, tile.Value!.IsImmutable));

        // What is beyond the bound is turned away at once; the others end by their deadline.
        var turnedAway = await Task.WhenAny(hanging);
        Assert.Equal(OutcomeKind.Unavailable, (await turnedAway).Kind);
        var ended = Task.WhenAll(hanging);
        do
        {
            // Again and again: some of them may not have begun yet, and their deadline is counted from then.
            time.Advance(TimeSpan.FromMinutes(2));
        }
        while (await Task.WhenAny(ended, Task.Delay(TimeSpan.FromMilliseconds(10))) != ended);

        Assert.All(await ended, outcome => Assert.Equal(OutcomeKind.Unavailable, outcome.Kind));
    }

    [Theory]
    [InlineData("tile/8/data/000")]
    [InlineData("tile/4/0/000")]
    [InlineData("tile/8/0/1")]
    [InlineData("tile/8/0/../../secret")]
    [InlineData("")]
    [InlineData("lookup")]
    public async Task What_is_no_tile_of_hashes_is_absent_and_nobody_is_asked(string resource)
    {
        Assert.Equal(OutcomeKind.Absent, (await database.ReadAsync(resource, default)).Kind);
        Assert.Equal(0, node.Asked);
    }

    [Fact]
    public async Task A_security_failure_is_a_conflict_and_an_absent_record_is_absent()
    {
        Assert.Equal(OutcomeKind.Absent, (await database.LookupAsync(PublishedLog.Module(9_999), default)).Kind);
        Assert.True((await database.LookupAsync(PublishedLog.Module(3), default)).IsFound);
        using var fork = log.Fork(100);
        node.Source = fork.Grow(100);
        fork.Add(PublishedLog.Module(8_888), "example.org/m8888 v1.0.0 h1:x\n");
        fork.Grow(900);
        var outcome = await database.LookupAsync(PublishedLog.Module(800), default);
        Assert.Equal(OutcomeKind.Conflicting, outcome.Kind);
        Assert.Contains("two histories", outcome.Reason, StringComparison.Ordinal);
        Assert.Equal(OutcomeKind.NotHeld, (await Beyond()).Kind);

        async Task<Outcome<ChecksumAnswer>> Beyond()
        {
            node.Source = log;
            return await database.ReadAsync(PublishedLog.Path(0, 77, 256), default);
        }
    }

    [Fact]
    public async Task The_latest_head_is_answered_from_what_is_kept_when_the_source_is_down()
    {
        Assert.True((await database.ReadAsync("latest", default)).IsFound);
        node.Source = null;
        Assert.True((await database.ReadAsync("latest", default)).IsFound);
    }

    private PassedOnDatabase Make() => new(node.Database, time, NullLogger<PassedOnDatabase>.Instance);

    private Gate Hold()
    {
        var gate = new Gate(node.Source!);
        node.Source = gate;
        return gate;
    }

    /// <summary>A source that answers nothing before it is opened.</summary>
    private sealed class Gate(IDatabaseSource behind) : IDatabaseSource
    {
        private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => reached.Task;

        public void Open() => opened.SetResult();

        public async Task<SourceAnswer> GetAsync(string resource, int maxLength, CancellationToken cancellationToken)
        {
            reached.TrySetResult();
            await opened.Task.WaitAsync(cancellationToken);
            return await behind.GetAsync(resource, maxLength, cancellationToken);
        }
    }
}
