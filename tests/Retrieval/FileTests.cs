using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;
using Microsoft.Extensions.Logging;

namespace Athens.Federation.Tests.Retrieval;

public sealed class FileTests
{
    [Theory]
    [InlineData((int)ModuleFileKind.Info)]
    [InlineData((int)ModuleFileKind.Mod)]
    [InlineData((int)ModuleFileKind.Zip)]
    public async Task A_miss_is_fetched_verified_stored_and_served(int kind)
    {
        await using Rig rig = new();
        GenuineModule module = rig.Source.Publish(GenuineModule.Make());

        await AssertServedAsync(rig, module, (ModuleFileKind)kind, AnswerSource.Upstream);
        await AssertServedAsync(rig, module, (ModuleFileKind)kind, AnswerSource.Store);

        Assert.Equal(1, rig.Source.Fetches);
        ModuleFacts facts = Assert.Single(rig.Store.Admissions).Facts;
        Assert.Equal((module.ZipHash, module.ModHash), (facts.ZipHash, facts.ModHash));
        Assert.Equal(GenuineModule.Digest(module.Zip), facts.Zip);
        Assert.Equal(GenuineModule.Digest(module.Mod), facts.Mod);
        Assert.Equal(GenuineModule.Digest(module.Info), facts.Info);
        Assert.Equal(("upstream", "go1.19.8"), (facts.Source, facts.GoVersion));
        Assert.Equal(0, rig.Store.Staged);
    }

    [Fact]
    public async Task Two_hundred_callers_for_all_three_files_cause_one_fetch()
    {
        await using Rig rig = new();
        GenuineModule module = rig.Source.Publish(GenuineModule.Make());
        rig.Source.Hang = new();
        Task<Outcome<StoredFile>>[] callers =
            [.. Enumerable.Range(0, 200).Select(i => rig.FileAsync(module, (ModuleFileKind)(i % 3)))];
        rig.Source.Hang.SetResult();

        Outcome<StoredFile>[] outcomes = await Task.WhenAll(callers);

        Assert.All(outcomes, outcome => Assert.Equal((OutcomeKind.Found, "upstream"), (outcome.Kind, outcome.Source)));
        Assert.Equal(1, rig.Source.Fetches);
    }

    [Fact]
    public async Task Callers_of_something_that_does_not_exist_cause_one_fetch_too()
    {
        await using Rig rig = new();
        ModuleVersion module = GenuineModule.Name("example.com/none", "v1.0.0");
        rig.Source.Hang = new();
        Task<Outcome<StoredFile>>[] callers = [.. Enumerable.Range(0, 200).Select(_ => rig.FileAsync(module))];
        rig.Source.Hang.SetResult();

        Assert.All(await Task.WhenAll(callers), outcome => Assert.Equal(OutcomeKind.Absent, outcome.Kind));
        Assert.Equal(1, rig.Source.Fetches);
    }

    [Fact]
    public async Task A_client_that_hangs_up_does_not_spoil_it_for_the_others()
    {
        await using Rig rig = new();
        GenuineModule module = rig.Source.Publish(GenuineModule.Make());
        rig.Source.Hang = new();
        using CancellationTokenSource leaving = new();
        Task<Outcome<StoredFile>> leaver = rig.FileAsync(module, cancellationToken: leaving.Token);
        Task<Outcome<StoredFile>> stayer = rig.FileAsync(module);
        await rig.Source.CalledAsync();

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaver);
        rig.Source.Hang.SetResult();

        Assert.True((await stayer).IsFound);
        Assert.Equal(1, rig.Source.Fetches);
    }

    [Fact]
    public async Task Hits_are_answered_at_once_while_every_flight_hangs_and_no_more_can_start()
    {
        await using Rig rig = new();
        GenuineModule held = GenuineModule.Make("example.com/held");
        rig.Store.Hold(held);
        rig.Source.Hang = new();
        Task<Outcome<StoredFile>>[] hanging = [.. Enumerable.Range(0, ModuleRetrieval.MaxFlights)
            .Select(i => rig.FileAsync(GenuineModule.Name("example.com/slow", $"v1.0.{i}")))];

        Outcome<StoredFile> refused = await rig.FileAsync(GenuineModule.Name("example.com/slow", "v1.1.0"));
        Assert.Equal(OutcomeKind.Unavailable, refused.Kind);
        for (int i = 0; i < 1000; i++)
        {
            ValueTask<Outcome<StoredFile>> hit =
                rig.Retrieval.FileAsync(held.Module, (ModuleFileKind)(i % 3), CancellationToken.None);
            Assert.True(hit.IsCompletedSuccessfully);
            Assert.Equal(AnswerSource.Store, (await hit).Source);
        }

        rig.Source.Hang.SetResult();
        await Task.WhenAll(hanging);
    }

    [Fact]
    public async Task A_hanging_source_is_given_up_at_the_deadline()
    {
        await using Rig rig = new();
        rig.Source.Hang = new();
        Task<Outcome<StoredFile>> caller = rig.FileAsync(GenuineModule.Make());
        await rig.Source.CalledAsync();

        rig.Time.Advance(rig.Options.FetchDeadline);

        Outcome<StoredFile> outcome = await caller;
        Assert.Equal(OutcomeKind.Unavailable, outcome.Kind);
        Assert.Contains("took too long", outcome.Reason, StringComparison.Ordinal);
        Assert.Equal(0, rig.Store.Staged);
    }

    [Theory]
    [InlineData((int)OutcomeKind.Absent, 30.0)]
    [InlineData((int)OutcomeKind.Forbidden, 30.0)]
    [InlineData((int)OutcomeKind.Unavailable, 1.5)]
    [InlineData((int)OutcomeKind.Faulty, 1.5)]
    public async Task A_failure_is_answered_from_memory_for_its_time_then_asked_again(int kind, double seconds)
    {
        await using Rig rig = new();
        GenuineModule module = rig.Source.Publish(GenuineModule.Make());
        rig.Source.Failing = (OutcomeKind)kind;
        Outcome<StoredFile> first = await rig.FileAsync(module);
        rig.Source.Failing = null;
        rig.Time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(1));
        Outcome<StoredFile> second = await rig.FileAsync(module);
        rig.Time.Advance(TimeSpan.FromTicks(1));
        Outcome<StoredFile> third = await rig.FileAsync(module);

        Assert.Equal(((OutcomeKind)kind, $"twin says {(OutcomeKind)kind}"), (first.Kind, first.Reason));
        Assert.Equal((first.Kind, first.Reason), (second.Kind, second.Reason));
        Assert.True(third.IsFound);
        Assert.Equal(2, rig.Source.Fetches);
    }

    [Fact]
    public async Task A_conflict_is_answered_as_one_until_the_process_ends()
    {
        await using Rig rig = new();
        GenuineModule module = rig.Source.Publish(GenuineModule.Make());
        rig.Source.Failing = OutcomeKind.Conflicting;
        Assert.Equal(OutcomeKind.Conflicting, (await rig.FileAsync(module)).Kind);
        rig.Source.Failing = null;
        rig.Time.Advance(TimeSpan.FromDays(30));

        Assert.Equal(OutcomeKind.Conflicting, (await rig.FileAsync(module)).Kind);
        Assert.Equal(1, rig.Source.Fetches);
        Assert.Contains(rig.Log.Lines, line => line is { Level: LogLevel.Error, Id: 3004 });
    }

    [Fact]
    public async Task A_full_disk_and_a_read_only_folder_are_told_apart()
    {
        await using Rig rig = new();
        rig.Store.Fault = AdmitFault.NoSpace;
        Outcome<StoredFile> full = await rig.FileAsync(rig.Source.Publish(GenuineModule.Make("example.com/a")));
        rig.Store.Fault = AdmitFault.ReadOnly;
        Outcome<StoredFile> readOnly = await rig.FileAsync(rig.Source.Publish(GenuineModule.Make("example.com/b")));
        rig.Store.StageFails = true;
        Outcome<StoredFile> noStage = await rig.FileAsync(rig.Source.Publish(GenuineModule.Make("example.com/c")));

        Assert.Equal((OutcomeKind.OutOfSpace, "the disk is full: free some space"), (full.Kind, full.Reason));
        Assert.Equal((OutcomeKind.Faulty, "the data folder is read-only"), (readOnly.Kind, readOnly.Reason));
        Assert.Equal(OutcomeKind.OutOfSpace, noStage.Kind);
        Assert.Equal(0, rig.Store.Staged);
    }

    [Fact]
    public async Task Persisted_but_reported_failed_is_a_failure_first_and_a_hit_next()
    {
        await using Rig rig = new();
        GenuineModule module = rig.Source.Publish(GenuineModule.Make());
        rig.Store.Fault = AdmitFault.PersistedButReportedFailed;

        Assert.Equal(OutcomeKind.Faulty, (await rig.FileAsync(module)).Kind);
        await AssertServedAsync(rig, module, ModuleFileKind.Zip, AnswerSource.Store);
    }

    [Fact]
    public async Task A_damaged_file_is_fetched_again_and_only_with_the_hashes_on_record()
    {
        await using Rig rig = new();
        GenuineModule original = GenuineModule.Make();
        rig.Store.Hold(original);
        rig.Store.Damaged[(original.Module, ModuleFileKind.Zip)] = true;
        rig.Source.Publish(original);
        await AssertServedAsync(rig, original, ModuleFileKind.Zip, AnswerSource.Upstream);

        rig.Store.Damaged[(original.Module, ModuleFileKind.Mod)] = true;
        GenuineModule moved = rig.Source.Publish(GenuineModule.Make(extra: "// the tag was moved\n"));
        Outcome<StoredFile> outcome = await rig.FileAsync(original, ModuleFileKind.Mod);

        Assert.Equal(OutcomeKind.Conflicting, outcome.Kind);
        Assert.Contains(original.ZipHash, outcome.Reason, StringComparison.Ordinal);
        Assert.Contains(moved.ZipHash, outcome.Reason, StringComparison.Ordinal);
        Assert.Single(rig.Store.Admissions);
        await AssertServedAsync(rig, original, ModuleFileKind.Zip, AnswerSource.Store);
    }

    [Fact]
    public async Task A_store_that_cannot_be_read_is_this_nodes_fault_and_not_an_absent_module()
    {
        await using Rig rig = new();
        rig.Store.ReadFails = true;

        Outcome<StoredFile> outcome = await rig.FileAsync(GenuineModule.Make());

        Assert.Equal(OutcomeKind.Faulty, outcome.Kind);
        Assert.Contains("input/output error", outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_that_throws_is_a_fault_with_a_log_line_and_no_litter()
    {
        await using Rig rig = new();
        rig.Source.Throwing = new InvalidOperationException("a bug");

        Outcome<StoredFile> outcome = await rig.FileAsync(GenuineModule.Make());

        Assert.Equal(OutcomeKind.Faulty, outcome.Kind);
        Assert.DoesNotContain("a bug", outcome.Reason, StringComparison.Ordinal);
        Assert.Contains(rig.Log.Lines, line => line.Id == 3007);
        Assert.Equal(0, rig.Store.Staged);
    }

    [Fact]
    public async Task Sources_are_asked_in_order_and_the_gravest_failure_is_told()
    {
        TwinSource peers = new() { Name = "peer:b" };
        await using Rig rig = new(null, peers);
        GenuineModule both = rig.Source.Publish(peers.Publish(GenuineModule.Make()));
        GenuineModule upstreamOnly = rig.Source.Publish(GenuineModule.Make("example.com/b"));

        await AssertServedAsync(rig, both, ModuleFileKind.Zip, "peer:b");
        await AssertServedAsync(rig, upstreamOnly, ModuleFileKind.Zip, AnswerSource.Upstream);
        peers.Failing = OutcomeKind.Conflicting;
        Assert.Equal(OutcomeKind.Conflicting, (await rig.FileAsync(GenuineModule.Make("example.com/c"))).Kind);
        peers.Failing = OutcomeKind.Unavailable;
        Assert.Equal(OutcomeKind.Unavailable, (await rig.FileAsync(GenuineModule.Make("example.com/d"))).Kind);
        Assert.Equal(4, peers.Fetches);
        Assert.Equal(3, rig.Source.Fetches);
    }

    [Fact]
    public async Task Disposing_ends_flights_and_leaves_nothing_staged()
    {
        Rig rig = new();
        rig.Source.Hang = new();
        Task<Outcome<StoredFile>> caller = rig.FileAsync(GenuineModule.Make());
        await rig.Source.CalledAsync();

        await rig.Retrieval.DisposeAsync();

        Assert.Equal(OutcomeKind.Unavailable, (await caller).Kind);
        Assert.Equal(0, rig.Store.Staged);
        await rig.DisposeAsync();
    }

    private static async Task AssertServedAsync(Rig rig, GenuineModule module, ModuleFileKind kind, string source)
    {
        Outcome<StoredFile> outcome = await rig.FileAsync(module, kind);
        Assert.Equal((OutcomeKind.Found, "", source), (outcome.Kind, outcome.Reason, outcome.Source));
        using StoredFile file = outcome.Value!;
        Assert.Equal(module[kind], file.Bytes.ToArray());
    }
}
