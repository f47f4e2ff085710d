using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Transparency;
using Microsoft.Extensions.Logging.Abstractions;

namespace Athens.Federation.Tests.Provenance.OwnLog;

/// <summary>Somebody has a head that the log's own key signed.</summary>
public sealed class SeenHeadTests
{
    [Theory]
    [InlineData(5)]
    [InlineData(20)]
    public async Task A_head_of_its_own_history_changes_nothing(int size)
    {
        await using var rig = await LogRig.StartAsync(records: size);
        var seen = rig.Log.Head!.Checkpoint;
        await rig.AppendAsync(size, 20);
        Assert.Null(await rig.Log.CompareAsync(seen, default));
        await rig.AssertSoundAsync(size + 20);
        await rig.AppendAsync(size + 20, 1);
        await rig.AssertSoundAsync(size + 21);
    }

    [Theory]
    [InlineData(30, "genuine", "put back from an old backup")]
    [InlineData(30, "tampered", "put back from an old backup")]
    [InlineData(20, "tampered", "another history")]
    [InlineData(10, "tampered", "another history")]
    public async Task One_that_it_does_not_have_ends_its_signing_also_after_a_restart(int size, string content, string why)
    {
        await using var rig = await LogRig.StartAsync(records: 20);
        await using var other = await NodeLog.OpenAsync(new FailingLogStore(), rig.Key, null, NullLogger.Instance, default);
        await Task.WhenAll(Enumerable.Range(0, size).Select(i => other.AppendAsync(SampleRecord.Of(i, content), default, default)));
        var moved = rig.Log.Moved;
        Assert.Null(await rig.Log.CompareAsync(other.Head!.Checkpoint, default));
        await moved;
        await AssertStoppedAsync(rig, why);
        await rig.OpenAsync();
        await AssertStoppedAsync(rig, why);
    }

    [Fact]
    public async Task What_another_key_or_name_signed_is_refused()
    {
        await using var rig = await LogRig.StartAsync(records: 20);
        await using var stranger = await LogRig.StartAsync(records: 30);
        Assert.Contains("not signed by the log", await rig.Log.CompareAsync(stranger.Log.Head!.Checkpoint, default), StringComparison.Ordinal);
        Assert.NotNull(await rig.Log.CompareAsync("no note\n"u8.ToArray(), default));
        Assert.NotNull(await rig.Log.CompareAsync(rig.Log.Head!.Latest, default));
        var elsewhere = SignedNote.Sign(Checkpoint.Of("elsewhere", new TreeHead(99, MerkleTree.Empty)).ToText(), rig.Key);
        Assert.NotNull(await rig.Log.CompareAsync(elsewhere, default));
        await rig.AssertSoundAsync(20);
    }

    private static async Task AssertStoppedAsync(LogRig rig, string why)
    {
        Assert.Null(rig.Log.Head);
        Assert.Contains(why, rig.Log.Problem, StringComparison.Ordinal);
        await Assert.ThrowsAsync<LogRefusedException>(() => rig.AppendAsync(50, 1));
    }
}
