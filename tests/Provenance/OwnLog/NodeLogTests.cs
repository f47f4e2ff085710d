using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Tests.Provenance.OwnLog;

/// <summary>Appending: many share a commit, nothing is said before it is stored, and what cannot be stored leaves nothing behind.</summary>
public sealed class NodeLogTests
{
    [Fact]
    public async Task A_new_log_has_the_signed_head_of_the_empty_tree()
    {
        await using var rig = await LogRig.StartAsync();
        await rig.AssertSoundAsync(0);
        Assert.Equal(MerkleTree.Empty, rig.Log.Head!.Tree.Root);
        Assert.Equal(rig.Key.Name, Checkpoint.Parse(SignedNote.Parse(rig.Log.Head.Checkpoint.Span, out _)!.Text, out _)!.Origin);
    }

    [Fact]
    public async Task Thousands_that_wait_share_a_few_commits_and_each_has_a_number_of_its_own()
    {
        await using var rig = await LogRig.StartAsync();
        rig.Store.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = rig.AppendAsync(0, 1);
        await rig.Store.AtGate.Task;
        var rest = rig.AppendAsync(1, 4000);
        rig.Store.Commits.Clear();
        rig.Store.Gate.SetResult();
        var outcomes = (await first).Concat(await rest).ToList();
        Assert.All(outcomes, outcome => Assert.Equal(AppendKind.Appended, outcome.Kind));
        Assert.Equal(Enumerable.Range(0, 4001).Select(i => (long)i), outcomes.Select(outcome => outcome.Number).Order());
        Assert.InRange(rig.Store.Commits.Count, 1 + (4000 / LogWriter.MaxBatch), 12);
        Assert.All(rig.Store.Commits, commit => Assert.InRange(commit.Records.Count, 1, LogWriter.MaxBatch));
        await rig.AssertSoundAsync(4001);
    }

    [Fact]
    public async Task Each_commit_has_with_its_head_all_records_and_tiles_of_it()
    {
        await using var rig = await LogRig.StartAsync();
        await rig.AppendAsync(0, 700);
        await rig.AppendAsync(700, 3);
        var records = 0L;
        foreach (var commit in rig.Store.Commits)
        {
            var before = records;
            records += commit.Records.Count;
            Assert.Equal(records, commit.Head.Size);
            Assert.Equal(
                Tile.Grown(before, records).Select(tile => (tile.Level, tile.Index, tile.Size)).Order(),
                commit.Tiles.Select(tile => (tile.Level, tile.Index, tile.Hashes.Length)).Order());
        }
    }

    [Fact]
    public async Task No_head_is_shown_and_nobody_answered_before_the_commit()
    {
        await using var rig = await LogRig.StartAsync(records: 5);
        rig.Store.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var appending = rig.AppendAsync(5, 2);
        await rig.Store.AtGate.Task;
        Assert.False(appending.IsCompleted);
        Assert.Equal(5, rig.Log.Head!.Tree.Size);
        Assert.Null(await rig.Log.FindAsync(SampleRecord.Module(5), default));
        rig.Store.Gate.SetResult();
        await appending;
        await rig.AssertSoundAsync(7);
    }

    [Fact]
    public async Task The_same_hashes_again_are_the_same_record_and_other_hashes_a_conflict()
    {
        await using var rig = await LogRig.StartAsync(records: 3);
        var again = await rig.Log.AppendAsync(SampleRecord.Of(1) with { Provenance = "2027-01-01T00:00:00Z direct go1.30" }, default, default);
        Assert.Equal((AppendKind.Known, 1L), (again.Kind, again.Number));
        Assert.Equal(SampleRecord.Of(1), again.Record);
        var other = await rig.Log.AppendAsync(SampleRecord.Of(1, "tampered"), default, default);
        Assert.Equal((AppendKind.Conflicting, 1L), (other.Kind, other.Number));
        Assert.Equal(SampleRecord.Of(1).ZipHash, other.Record.ZipHash);
        await rig.AssertSoundAsync(3);
    }

    [Fact]
    public async Task Two_of_one_module_version_in_one_batch_are_told_apart_too()
    {
        await using var rig = await LogRig.StartAsync(records: 1);
        rig.Store.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var blocking = rig.AppendAsync(1, 1);
        await rig.Store.AtGate.Task;
        var (one, same, other) = (rig.AppendAsync(7, 1), rig.AppendAsync(7, 1), rig.AppendAsync(7, 1, "tampered"));
        rig.Store.Gate.SetResult();
        await blocking;
        Assert.Equal(
            [(AppendKind.Appended, 2L), (AppendKind.Known, 2L), (AppendKind.Conflicting, 2L)],
            new[] { await one, await same, await other }.Select(outcomes => (outcomes[0].Kind, outcomes[0].Number)));
        await rig.AssertSoundAsync(3);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(255)]
    [InlineData(256)]
    public async Task A_batch_that_could_not_be_stored_leaves_nothing_and_may_be_tried_again(int before)
    {
        await using var rig = await LogRig.StartAsync(before);
        var head = rig.Log.Head;
        rig.Store.Fault = CommitFault.NothingStored;
        await Assert.ThrowsAsync<IOException>(() => rig.AppendAsync(before, 300));
        Assert.Equal(head!.Tree, rig.Log.Head!.Tree);
        rig.Store.Fault = CommitFault.None;
        await rig.AppendAsync(before, 300);
        await rig.AssertSoundAsync(before + 300);
    }

    [Fact]
    public async Task A_batch_that_was_stored_and_reported_as_failed_is_found_and_not_appended_twice()
    {
        await using var rig = await LogRig.StartAsync(records: 10);
        rig.Store.Fault = CommitFault.StoredButReportedFailed;
        await Assert.ThrowsAsync<IOException>(() => rig.AppendAsync(10, 1));
        Assert.Equal(10, rig.Log.Head!.Tree.Size);
        rig.Store.Fault = CommitFault.None;
        var again = (await rig.AppendAsync(10, 1))[0];
        Assert.Equal((AppendKind.Known, 10L), (again.Kind, again.Number));
        await rig.AssertSoundAsync(11);
    }

    [Fact]
    public async Task A_log_goes_on_where_the_last_process_left_it()
    {
        await using var rig = await LogRig.StartAsync();
        for (int at = 0, more = 1; at < 700; at += more, more += 37)
        {
            await rig.AppendAsync(at, more);
            await rig.OpenAsync();
            await rig.AssertSoundAsync(at + more);
        }
    }

    [Fact]
    public async Task What_was_taken_is_stored_before_the_log_is_closed_and_then_nothing_is_taken()
    {
        await using var rig = await LogRig.StartAsync();
        var appending = rig.AppendAsync(0, 2000);
        await rig.Log.DisposeAsync();
        Assert.All(await appending, outcome => Assert.Equal(AppendKind.Appended, outcome.Kind));
        await Assert.ThrowsAsync<LogRefusedException>(() => rig.AppendAsync(9000, 1));
        await rig.OpenAsync();
        await rig.AssertSoundAsync(2000);
    }

    [Fact]
    public async Task A_caller_that_gives_up_does_not_take_its_record_along()
    {
        await using var rig = await LogRig.StartAsync();
        rig.Store.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var leaving = new CancellationTokenSource();
        var appending = rig.Log.AppendAsync(SampleRecord.Of(0), default, leaving.Token);
        await rig.Store.AtGate.Task;
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => appending);
        rig.Store.Gate.SetResult();
        await rig.AppendAsync(1, 1);
        await rig.AssertSoundAsync(2);
    }

    [Theory]
    [InlineData("", "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "")]
    [InlineData("h1:AAAA", "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nx", "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    public async Task A_record_that_lacks_a_hash_line_never_gets_in(string zipHash, string modHash)
    {
        await using var rig = await LogRig.StartAsync();
        ModuleRecord record = SampleRecord.Of(0) with { ZipHash = zipHash, ModHash = modHash };
        await Assert.ThrowsAsync<InvalidOperationException>(() => rig.Log.AppendAsync(record, default, default));
        await rig.AssertSoundAsync(0);
    }

    [Fact]
    public async Task The_salt_of_a_private_record_is_always_the_same_and_another_for_every_record_and_log()
    {
        await using var rig = await LogRig.StartAsync();
        await using var stranger = await LogRig.StartAsync();
        var salt = rig.Log.SaltOf(SampleRecord.Module(0), "h1:one");
        Assert.Equal(32, salt.Length);
        Assert.Equal(salt, rig.Log.SaltOf(SampleRecord.Module(0), "h1:one"));
        Assert.NotEqual(salt, rig.Log.SaltOf(SampleRecord.Module(0), "h1:two"));
        Assert.NotEqual(salt, rig.Log.SaltOf(SampleRecord.Module(1), "h1:one"));
        Assert.NotEqual(salt, stranger.Log.SaltOf(SampleRecord.Module(0), "h1:one"));
    }
}
