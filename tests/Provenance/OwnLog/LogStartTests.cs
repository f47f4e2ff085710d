using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Tests.Provenance.OwnLog;

/// <summary>A log that is not the one that was signed is opened, says why, and signs nothing.</summary>
public sealed class LogStartTests
{
    [Fact]
    public async Task A_store_put_back_from_a_backup_is_noticed()
    {
        await using var rig = await LogRig.StartAsync(records: 300);
        rig.Store = await StoreOfAsync(rig.Key, 250);
        await AssertRefusedAsync(rig, "it has 250 records, but a head of 300 was signed");
    }

    [Fact]
    public async Task A_store_that_was_removed_is_noticed()
    {
        await using var rig = await LogRig.StartAsync(records: 3);
        rig.Store = new FailingLogStore();
        await AssertRefusedAsync(rig, "a head of 3 records was signed before");
    }

    [Theory]
    [InlineData(300)]
    [InlineData(400)]
    public async Task Another_history_of_the_same_log_is_noticed_however_long(int records)
    {
        await using var rig = await LogRig.StartAsync(records: 300);
        rig.Store = await StoreOfAsync(rig.Key, records, content: "tampered");
        await AssertRefusedAsync(rig, "another history");
    }

    [Fact]
    public async Task A_mark_that_is_behind_is_what_a_crash_leaves_and_is_brought_up()
    {
        await using var rig = await LogRig.StartAsync(records: 200);
        await rig.CloseAsync();
        var then = await File.ReadAllBytesAsync(rig.MarkFile);
        await rig.OpenAsync();
        await rig.AppendAsync(200, 200);
        await rig.CloseAsync();
        await File.WriteAllBytesAsync(rig.MarkFile, then);
        await rig.OpenAsync();
        await rig.AssertSoundAsync(400);
        rig.Store = await StoreOfAsync(rig.Key, 300);
        await AssertRefusedAsync(rig, "a head of 400 was signed");
    }

    [Fact]
    public async Task A_log_without_its_mark_goes_on_and_is_marked_from_then_on()
    {
        await using var rig = await LogRig.StartAsync(records: 20);
        await rig.CloseAsync();
        File.Delete(rig.MarkFile);
        await rig.OpenAsync();
        await rig.AssertSoundAsync(20);
        rig.Store = await StoreOfAsync(rig.Key, 10);
        await AssertRefusedAsync(rig, "a head of 20 was signed");
    }

    [Theory]
    [InlineData("tile 0 1", "do not give the root")]
    [InlineData("tile 1 0", "do not give the root")]
    [InlineData("record 256", "the record 256 is not the one")]
    [InlineData("record 299", "the record 299 is not the one")]
    public async Task A_changed_tile_or_record_is_noticed(string what, string said)
    {
        await using var rig = await LogRig.StartAsync(records: 300);
        rig.Store.Read = (name, bytes) =>
        {
            if (name != what)
            {
                return bytes;
            }

            byte[] changed = [.. bytes.Span];
            changed[5] ^= 1;
            return changed;
        };
        await AssertRefusedAsync(rig, said);
    }

    [Fact]
    public async Task A_tile_that_was_cut_short_is_noticed()
    {
        await using var rig = await LogRig.StartAsync(records: 300);
        rig.Store.Read = (name, bytes) => name == "tile 0 1" ? bytes[..^32] : bytes;
        await AssertRefusedAsync(rig, "tile/8/0/001.p/44 is missing or too short");
    }

    [Fact]
    public async Task A_log_of_another_key_is_not_signed_on()
    {
        await using var rig = await LogRig.StartAsync(records: 3);
        using var other = SigningKey.Create("node/ffffffff");
        await rig.OpenAsync(other);
        Assert.Contains("signed by node/0123abcd, not by the present log key node/ffffffff", rig.Log.Problem, StringComparison.Ordinal);
        await Assert.ThrowsAsync<LogRefusedException>(() => rig.AppendAsync(3, 1));
    }

    [Fact]
    public async Task A_log_that_may_not_be_signed_on_shows_nothing()
    {
        await using var rig = await LogRig.StartAsync(records: 300);
        rig.Store = await StoreOfAsync(rig.Key, 250);
        await rig.OpenAsync();
        Assert.Null(await rig.Log.FindAsync(SampleRecord.Module(1), default));
        Assert.Null(await rig.Log.TileAsync(new Tile(0, 0, 250), default));
        Assert.Null(await new LogFiles(rig.Log).ReadAsync("latest", default));
    }

    private static async Task AssertRefusedAsync(LogRig rig, string why)
    {
        await rig.OpenAsync();
        var commits = rig.Store.Commits.Count;
        Assert.Contains(why, rig.Log.Problem, StringComparison.Ordinal);
        Assert.Contains("athens log recover", rig.Log.Problem, StringComparison.Ordinal);
        Assert.Null(rig.Log.Head);
        var refused = await Assert.ThrowsAsync<LogRefusedException>(() => rig.AppendAsync(5000, 1));
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.Equal(commits, rig.Store.Commits.Count);
    }

    /// <summary>Signed by the same key, without the mark being told: what lies in a backup.</summary>
    private static async Task<FailingLogStore> StoreOfAsync(SigningKey key, int records, string content = "genuine")
    {
        var store = new FailingLogStore();
        await using var log = await NodeLog.OpenAsync(store, key, null, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, default);
        for (var i = 0; i < records; i++)
        {
            await log.AppendAsync(SampleRecord.Of(i, content), default, default);
        }

        return store;
    }
}
