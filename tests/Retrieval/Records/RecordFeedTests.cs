using Athens.Federation.Node.Retrieval.Records;
using Athens.Federation.Tests.Provenance.OwnLog;

namespace Athens.Federation.Tests.Retrieval.Records;

/// <summary>What the node holds is in its log.</summary>
public sealed class RecordFeedTests
{
    /// <summary>Longer than anything here takes; nothing waits for it when all is well.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task What_is_held_without_a_record_gets_one_at_the_start()
    {
        await using var rig = await RecordsRig.StartAsync();
        var held = new List<Storage.SampleModule>();
        for (var i = 0; i < 600; i++)
        {
            held.Add(await rig.HoldAsync($"example.com/m{i}"));
        }

        await RunAsync(rig, () => rig.Log.Head!.Tree.Size == 600);
        foreach (var module in held)
        {
            Assert.Equal(module.Facts.ZipHash, (await rig.RecordOfAsync(module.Module))!.ZipHash);
        }
    }

    [Fact]
    public async Task What_a_flight_brings_gets_its_record_without_being_asked_for()
    {
        await using var rig = await RecordsRig.StartAsync();
        await rig.HoldAsync("example.com/before");
        using var feed = rig.Feed();
        await feed.StartAsync(default);
        await UntilAsync(rig, () => rig.Log.Head!.Tree.Size == 1);
        for (var i = 0; i < 20; i++)
        {
            await rig.FlyAsync($"example.com/m{i}");
        }

        await UntilAsync(rig, () => rig.Log.Head!.Tree.Size == 21);
        await feed.StopAsync(default);
    }

    [Fact]
    public async Task What_could_not_be_appended_is_tried_again_after_a_pause()
    {
        await using var rig = await RecordsRig.StartAsync();
        await rig.HoldAsync("example.com/one");
        rig.LogStore.Fault = CommitFault.NothingStored;
        using var feed = rig.Feed();
        await feed.StartAsync(default);
        await rig.HoldAsync("example.com/two");
        await UntilAsync(rig, () => rig.LogStore.Failed > 0);
        rig.LogStore.Fault = CommitFault.None;
        await UntilAsync(rig, () => rig.Log.Head!.Tree.Size == 2);
        await feed.StopAsync(default);
    }

    [Fact]
    public async Task A_second_start_appends_nothing()
    {
        await using var rig = await RecordsRig.StartAsync();
        await rig.HoldAsync();
        await RunAsync(rig, () => rig.Log.Head!.Tree.Size == 1);
        var commits = rig.LogStore.Commits.Count;
        await rig.HoldAsync("example.com/other");
        await RunAsync(rig, () => rig.Log.Head!.Tree.Size == 2);
        Assert.Equal(commits + 1, rig.LogStore.Commits.Count);
    }

    [Fact]
    public async Task Records_of_private_modules_carry_a_salt_and_others_none()
    {
        await using var rig = await RecordsRig.StartAsync("corp.example.com,example.com/secret*");
        var secret = await rig.HoldAsync("example.com/secret-plans");
        var inside = await rig.HoldAsync("corp.example.com/tool");
        var open = await rig.HoldAsync("example.com/open");
        await RunAsync(rig, () => rig.Log.Head!.Tree.Size == 3);
        var salts = new[] { (await rig.RecordOfAsync(secret.Module))!.Further, (await rig.RecordOfAsync(inside.Module))!.Further };
        Assert.All(salts, salt => Assert.Matches("^salt [0-9a-f]{32}\n$", salt));
        Assert.NotEqual(salts[0], salts[1]);
        Assert.Equal("", (await rig.RecordOfAsync(open.Module))!.Further);
    }

    [Fact]
    public async Task A_peer_is_told_the_very_record_that_is_in_the_log()
    {
        await using var rig = await RecordsRig.StartAsync("example.com/secret");
        foreach (var module in new[] { await rig.HoldAsync("example.com/secret"), await rig.HoldAsync("example.com/large", fill: 9 << 20) })
        {
            var facts = (await rig.Store.FindAsync(module.Module, default))!;
            var before = (await rig.Records.DescribeAsync(facts, default))!.Value;
            await rig.Records.AppendAsync(facts, default);
            var after = (await rig.Records.DescribeAsync(facts, default))!.Value;
            Assert.Equal(await rig.RecordOfAsync(module.Module), after.Record);
            Assert.Equal(before.Record, after.Record);
            Assert.Equal(before.Chunks, after.Chunks);

            // After a restart too, and without a look at the zip: hashing half a gigabyte takes longer than a peer waits.
            var store = new Federation.Serving.WatchedStore(rig.Store);
            using var later = new ModuleRecords(store, rig.Log, "example.com/secret");
            Assert.Equal(after.Chunks, (await later.DescribeAsync(facts, default))!.Value.Chunks);
            Assert.Equal(0, store.ZipsOpened);
        }
    }

    private static async Task RunAsync(RecordsRig rig, Func<bool> isDone)
    {
        using var feed = rig.Feed();
        await feed.StartAsync(default);
        await UntilAsync(rig, isDone);
        await feed.StopAsync(default);
    }

    /// <summary>The feed's clock goes on with each look; its pauses begin at moments that nothing tells of.</summary>
    private static async Task UntilAsync(RecordsRig rig, Func<bool> isDone)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!isDone())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Limit, $"after {Limit} the log has {rig.Log.Head!.Tree.Size} records");
            rig.Time.Advance(TimeSpan.FromSeconds(1));
            await Integration.ShortPause.TakeAsync();
        }
    }
}
