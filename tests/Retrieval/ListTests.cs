using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Tests.Retrieval;

public sealed class ListTests
{
    private const string Path = "example.com/a";
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    [Fact]
    public async Task A_list_is_the_sorted_union_of_upstreams_and_the_held_versions()
    {
        await using Rig rig = new();
        rig.Source.Tags[Path] = ["v1.10.0", "v1.2.0", "v1.2.0-rc.1"];
        Hold(rig, "v1.9.0", "v1.2.0", "v2.0.0+incompatible", "v0.0.0-20260102030405-abcdefabcdef");

        Outcome<VersionList> outcome = await rig.ListAsync();

        Assert.Equal(["v1.2.0-rc.1", "v1.2.0", "v1.9.0", "v1.10.0", "v2.0.0+incompatible"], outcome.Value!.Versions);
        Assert.Equal(AnswerSource.Upstream, outcome.Source);
    }

    [Fact]
    public async Task What_go_would_choke_on_is_never_listed()
    {
        await using Rig rig = new();
        rig.Source.Tags[Path] = ["v1.0.0", "v2.0.0", "v1.0", "1.0.0", "", "v1.0.0\nv9.9.9", "v0.0.0-20260102030405-abcdefabcdef", "v1.0.0"];

        Assert.Equal(["v1.0.0"], (await rig.ListAsync()).Value!.Versions);
    }

    [Fact]
    public async Task Fresh_then_served_while_refreshed_then_waited_for()
    {
        await using Rig rig = new();
        rig.Source.Tags[Path] = ["v1.0.0"];
        Assert.Equal(AnswerSource.Upstream, (await rig.ListAsync()).Source);
        rig.Source.Tags[Path] = ["v1.0.0", "v1.1.0"];

        rig.Time.Advance(rig.Options.ListTtl - Tick);
        await AssertListAsync(rig, AnswerSource.Store, "v1.0.0");
        Assert.Equal(1, rig.Source.Lists);

        rig.Source.Hang = new();
        rig.Time.Advance(rig.Options.ListTtl - TimeSpan.FromSeconds(1));
        await AssertListAsync(rig, AnswerSource.Store, "v1.0.0");
        await rig.Source.CalledAsync();
        rig.Time.Advance(TimeSpan.FromSeconds(2));
        Task<Outcome<VersionList>> waiting = rig.ListAsync();
        Assert.False(waiting.IsCompleted);
        rig.Source.Hang.SetResult();
        Assert.Equal(["v1.0.0", "v1.1.0"], (await waiting).Value!.Versions);
        await AssertListAsync(rig, AnswerSource.Store, "v1.0.0", "v1.1.0");
        Assert.Equal(2, rig.Source.Lists);
    }

    [Fact]
    public async Task Two_hundred_callers_cause_one_look_up()
    {
        await using Rig rig = new();
        rig.Source.Tags[Path] = ["v1.0.0"];
        rig.Source.Hang = new();
        Task<Outcome<VersionList>>[] callers = [.. Enumerable.Range(0, 200).Select(_ => rig.ListAsync())];
        rig.Source.Hang.SetResult();

        Assert.All(await Task.WhenAll(callers), outcome => Assert.True(outcome.IsFound));
        Assert.Equal(1, rig.Source.Lists);
    }

    [Theory]
    [InlineData((int)OutcomeKind.Unavailable)]
    [InlineData((int)OutcomeKind.Faulty)]
    [InlineData((int)OutcomeKind.Forbidden)]
    public async Task An_old_list_is_served_when_upstream_fails_but_not_for_ever(int kind)
    {
        await using Rig rig = new();
        rig.Source.Tags[Path] = ["v1.0.0"];
        await rig.ListAsync();
        rig.Source.Failing = (OutcomeKind)kind;

        rig.Time.Advance(rig.Options.StaleFor - Tick);
        await AssertListAsync(rig, AnswerSource.Store, "v1.0.0");
        rig.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal((OutcomeKind)kind, (await rig.ListAsync()).Kind);
    }

    [Fact]
    public async Task A_hanging_upstream_costs_a_caller_with_an_old_list_its_patience_once_and_later_callers_nothing()
    {
        await using Rig rig = new();
        rig.Source.Tags[Path] = ["v1.0.0"];
        await rig.ListAsync();
        rig.Time.Advance(TimeSpan.FromHours(1));
        rig.Source.Hang = new();

        Task<Outcome<VersionList>> first = rig.ListAsync();
        Assert.False(first.IsCompleted);
        rig.Time.Advance(CachedLookup<string, VersionList>.Patience);
        Assert.Equal(AnswerSource.Store, (await first).Source);
        ValueTask<Outcome<VersionList>> late = rig.Retrieval.VersionsAsync(Path, CancellationToken.None);
        Assert.True(late.IsCompletedSuccessfully);
        Assert.Equal(["v1.0.0"], (await late).Value!.Versions);
        await rig.Source.CalledAsync();
        await rig.Source.CalledAsync();
        Assert.Equal(2, rig.Source.Lists);
    }

    [Fact]
    public async Task After_a_failed_refresh_nobody_waits_and_upstream_is_asked_again_behind_their_backs()
    {
        await using Rig rig = new();
        Hold(rig, "v1.0.0");
        rig.Source.Failing = OutcomeKind.Unavailable;
        await AssertListAsync(rig, AnswerSource.Store, "v1.0.0");
        await AssertListAsync(rig, AnswerSource.Store, "v1.0.0");
        Assert.Equal((1, 1), (rig.Source.Lists, rig.Store.HeldCalls));

        rig.Time.Advance(FailureMemory<string>.Damping);
        rig.Source.Failing = null;
        rig.Source.Tags[Path] = ["v1.0.0", "v1.1.0"];
        rig.Source.Hang = new();
        ValueTask<Outcome<VersionList>> now = rig.Retrieval.VersionsAsync(Path, CancellationToken.None);
        Assert.True(now.IsCompletedSuccessfully);
        Assert.Equal(["v1.0.0"], (await now).Value!.Versions);
        rig.Source.Hang.SetResult();
        await UntilListedAsync(rig, "v1.1.0");
        Assert.Equal(2, rig.Source.Lists);
    }

    [Fact]
    public async Task Who_was_reading_what_is_held_does_not_put_away_what_upstream_has_said_meanwhile()
    {
        await using Rig rig = new();
        Hold(rig, "v1.0.0");
        rig.Source.Tags[Path] = ["v1.0.0", "v1.1.0"];
        TaskCompletionSource reading = new(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.Store.HeldWaits = reading.Task;
        Task<Outcome<VersionList>> slow = rig.ListAsync();
        rig.Store.HeldWaits = null;
        await AssertListAsync(rig, AnswerSource.Upstream, "v1.0.0", "v1.1.0");

        reading.SetResult();
        Assert.Equal(["v1.0.0", "v1.1.0"], (await slow).Value!.Versions);
        await AssertListAsync(rig, AnswerSource.Store, "v1.0.0", "v1.1.0");
        Assert.Equal(1, rig.Source.Lists);
    }

    [Theory]
    [InlineData((int)OutcomeKind.Absent)]
    [InlineData((int)OutcomeKind.Unavailable)]
    public async Task Held_versions_are_listed_when_upstream_is_gone(int kind)
    {
        await using Rig rig = new();
        rig.Source.Failing = (OutcomeKind)kind;
        Hold(rig, "v1.0.0", "v1.1.0");

        await AssertListAsync(rig, AnswerSource.Store, "v1.0.0", "v1.1.0");
    }

    [Fact]
    public async Task Only_pseudo_versions_held_and_nothing_upstream_is_an_empty_list()
    {
        await using Rig rig = new();
        Hold(rig, "v0.0.0-20260102030405-abcdefabcdef");

        await AssertListAsync(rig, AnswerSource.Store);
    }

    [Fact]
    public async Task Nothing_anywhere_is_upstreams_outcome_and_remembered()
    {
        await using Rig rig = new();
        Assert.Equal(OutcomeKind.Absent, (await rig.ListAsync()).Kind);
        rig.Source.Tags[Path] = ["v1.0.0"];
        rig.Time.Advance(rig.Options.AbsentTtl - Tick);
        Assert.Equal(OutcomeKind.Absent, (await rig.ListAsync()).Kind);
        Assert.Equal(1, rig.Source.Lists);
        rig.Time.Advance(Tick);
        Assert.True((await rig.ListAsync()).IsFound);
    }

    [Fact]
    public async Task Absent_paths_are_answered_without_a_look_into_the_store_until_something_comes_into_it()
    {
        await using Rig rig = new();
        await rig.ListAsync();
        await rig.ListAsync();
        int looks = rig.Store.HeldCalls;
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(OutcomeKind.Absent, (await rig.ListAsync()).Kind);
        }

        Assert.Equal(looks, rig.Store.HeldCalls);
        await rig.FileAsync(rig.Source.Publish(GenuineModule.Make()));
        await AssertListAsync(rig, AnswerSource.Store, "v1.0.0");
    }

    [Fact]
    public async Task A_list_that_upstream_has_taken_back_does_not_return_as_an_old_one()
    {
        await using Rig rig = new();
        rig.Source.Tags[Path] = ["v1.0.0"];
        await rig.ListAsync();
        rig.Time.Advance(TimeSpan.FromHours(1));
        rig.Source.Tags.Clear();
        Assert.Equal(OutcomeKind.Absent, (await rig.ListAsync()).Kind);
        rig.Time.Advance(TimeSpan.FromHours(1));
        rig.Source.Failing = OutcomeKind.Unavailable;

        Assert.Equal(OutcomeKind.Unavailable, (await rig.ListAsync()).Kind);
    }

    [Fact]
    public async Task A_conflict_is_never_covered_by_an_old_list()
    {
        await using Rig rig = new();
        rig.Source.Tags[Path] = ["v1.0.0"];
        await rig.ListAsync();
        rig.Time.Advance(TimeSpan.FromHours(1));
        rig.Source.Failing = OutcomeKind.Conflicting;

        Assert.Equal(OutcomeKind.Conflicting, (await rig.ListAsync()).Kind);
    }

    [Fact]
    public async Task A_version_fetched_just_now_stands_in_the_cached_list()
    {
        await using Rig rig = new();
        rig.Source.Tags[Path] = ["v1.0.0"];
        await rig.ListAsync();

        await rig.FileAsync(rig.Source.Publish(GenuineModule.Make(version: "v1.1.0-rc.1")));

        await AssertListAsync(rig, AnswerSource.Store, "v1.0.0", "v1.1.0-rc.1");
    }

    [Theory]
    [InlineData("")]
    [InlineData("no-dot/x")]
    [InlineData("example.com/../x")]
    [InlineData("-example.com/x")]
    public async Task A_malformed_path_is_absent_and_never_handed_on(string path)
    {
        await using Rig rig = new();
        Assert.Equal(OutcomeKind.Absent, (await rig.ListAsync(path)).Kind);
        Assert.Equal(OutcomeKind.Absent, (await rig.ResolveAsync("latest", path)).Kind);
        Assert.Equal((0, 0), (rig.Source.Lists, rig.Source.Resolves));
    }

    private static void Hold(Rig rig, params string[] versions)
    {
        foreach (string version in versions)
        {
            rig.Store.Hold(GenuineModule.Make(version: version));
        }
    }

    private static async Task AssertListAsync(Rig rig, string source, params string[] versions)
    {
        Outcome<VersionList> outcome = await rig.ListAsync();
        Assert.Equal((OutcomeKind.Found, source), (outcome.Kind, outcome.Source));
        Assert.Equal(versions, outcome.Value!.Versions);
    }

    /// <summary>Nothing signals the end of a refresh that nobody waits for: looks until it shows, at most so often.</summary>
    private static async Task UntilListedAsync(Rig rig, string version)
    {
        for (int i = 0; i < 1_000_000; i++)
        {
            if ((await rig.ListAsync()).Value!.Versions.Contains(version))
            {
                return;
            }

            await Task.Yield();
        }

        Assert.Fail($"{version} was never listed");
    }
}
