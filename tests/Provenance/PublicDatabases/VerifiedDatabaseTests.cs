using Athens.Federation.Node.Provenance.PublicDatabases;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Tests.Provenance.PublicDatabases;

/// <summary>A database that tells the truth: what is proven, what is kept, and that it is enough for clients while the source is down.</summary>
public sealed class VerifiedDatabaseTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(1000)]
    [InlineData(65_536)]
    [InlineData(66_000)]
    public async Task What_was_proven_once_a_fresh_client_verifies_with_the_source_gone_and_the_node_restarted(int size)
    {
        using var log = new PublishedLog().Grow(size);
        using var node = new VerifyingNode(log);
        int[] wanted = [0, size / 2, size - 1];
        foreach (var n in wanted)
        {
            var answer = await node.Database.ProveAsync(PublishedLog.Module(n), default);
            Assert.Equal(DatabaseAnswerKind.Found, answer.Kind);
            Assert.Equal(PublishedLog.H1($"{PublishedLog.Module(n)}"), answer.Value!.ZipHash);
            Assert.Equal(PublishedLog.H1($"{PublishedLog.Module(n)}/go.mod"), answer.Value.ModHash);
        }

        node.Source = null;
        node.Restart();
        var client = new FreshClient(node, log.Identity);
        foreach (var n in wanted)
        {
            await client.VerifyAsync(PublishedLog.Module(n));
        }

        Assert.Empty(node.Evidence);
    }

    /// <summary>
    /// Look-ups at heads of all ages while the log grows by leaps; after each step the source goes away, and a new client, and one that has followed
    /// from the first day, verify everything that was ever seen.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Everything_ever_seen_stays_verifiable_however_the_log_grows(int seed)
    {
        var random = new Random(seed);
        using var log = new PublishedLog().Grow(random.Next(1, 700));
        using var node = new VerifyingNode(log);
        var faithful = new FreshClient(node, log.Identity);
        var seen = new List<int>();
        for (var step = 0; step < 12; step++)
        {
            log.Grow((int)log.Size + (random.Next(4) == 0 ? random.Next(2_000) : random.Next(40)));
            log.LookupHead = random.Next(3) == 0 ? random.NextInt64(1, log.Size + 1) : 0;
            for (var i = random.Next(1, 4); i > 0; i--)
            {
                var n = random.Next((int)log.Size);
                Assert.Equal(DatabaseAnswerKind.Found, (await node.Database.ProveAsync(PublishedLog.Module(n), default)).Kind);
                seen.Add(n);
            }

            var asked = node.Asked;
            node.Source = null;
            var fresh = new FreshClient(node, log.Identity);
            foreach (var n in seen)
            {
                await fresh.VerifyAsync(PublishedLog.Module(n));
                await faithful.VerifyAsync(PublishedLog.Module(n));
            }

            Assert.Equal(asked, node.Asked);
            node.Source = log;
        }

        Assert.Empty(node.Evidence);
    }

    [Fact]
    public async Task Concurrent_look_ups_of_a_growing_log_are_all_proven_and_kept()
    {
        using var log = new PublishedLog().Grow(300);
        using var node = new VerifyingNode(log);
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(async n =>
        {
            await Task.Yield();
            var answer = await node.Database.ProveAsync(PublishedLog.Module(n), default);
            lock (log)
            {
                log.Grow((int)log.Size + 7);
            }

            return answer.Kind;
        }));
        Assert.All(answers, kind => Assert.Equal(DatabaseAnswerKind.Found, kind));
        node.Source = null;
        node.Restart();
        var client = new FreshClient(node, log.Identity);
        for (var n = 0; n < 100; n++)
        {
            await client.VerifyAsync(PublishedLog.Module(n));
        }
    }

    [Fact]
    public async Task A_head_behind_the_timeline_is_fine_and_never_answered()
    {
        using var log = new PublishedLog().Grow(500);
        using var node = new VerifyingNode(log);
        await node.Database.ProveAsync(PublishedLog.Module(3), default);
        log.LookupHead = 100;
        var answer = await node.Database.ProveAsync(PublishedLog.Module(7), default);
        Assert.Equal(500, answer.Value!.Head.Tree.Size);
        log.LookupHead = 0;
        Assert.Equal(500, (await node.Database.LatestAsync(default)).Value!.Tree.Size);
    }

    [Fact]
    public async Task A_tile_is_proven_and_a_newer_head_is_asked_for_when_the_latest_does_not_reach()
    {
        using var log = new PublishedLog().Grow(400);
        using var node = new VerifyingNode(log);
        Assert.Equal(DatabaseAnswerKind.Found, (await node.Database.ReadTileAsync(PublishedLog.Path(0, 1, 100), default)).Kind);
        log.Grow(513);
        foreach (var (level, index, width) in new[] { (0, 1, 100), (0, 1, 256), (0, 2, 1), (1, 0, 2) })
        {
            var answer = await node.Database.ReadTileAsync(PublishedLog.Path(level, index, width), default);
            var honest = await TileContent.ReadAsync(new Tile(level, index, width), log, default);
            Assert.True(honest.Bytes.Span.SequenceEqual(answer.Value!.Bytes.Span));
        }

        Assert.Equal(DatabaseAnswerKind.Beyond, (await node.Database.ReadTileAsync(PublishedLog.Path(0, 2, 2), default)).Kind);
        Assert.Equal(DatabaseAnswerKind.Beyond, (await node.Database.ReadTileAsync(PublishedLog.Path(5, 999, 1), default)).Kind);
    }

    [Fact]
    public async Task A_source_without_partial_tiles_of_the_past_is_asked_for_the_full_ones()
    {
        using var log = new PublishedLog().Grow(300);
        using var node = new VerifyingNode(log);
        log.LookupHead = 200;
        log.Tamper = (resource, _) => resource == PublishedLog.Path(0, 0, 200) ? SourceAnswer.Absent("only the full one is left") : null;
        Assert.Equal(DatabaseAnswerKind.Found, (await node.Database.ProveAsync(PublishedLog.Module(5), default)).Kind);
    }

    [Fact]
    public async Task What_does_not_exist_is_absent_and_what_cannot_be_asked_is_unavailable()
    {
        using var log = new PublishedLog().Grow(10);
        using var node = new VerifyingNode(log);
        Assert.Equal(DatabaseAnswerKind.Absent, (await node.Database.ProveAsync(PublishedLog.Module(99), default)).Kind);
        node.Source = null;
        var answer = await node.Database.ProveAsync(PublishedLog.Module(1), default);
        Assert.Equal((DatabaseAnswerKind.Unavailable, "the source is down"), (answer.Kind, answer.Reason));
        Assert.Equal(DatabaseAnswerKind.Unavailable, (await node.Database.LatestAsync(default)).Kind);
        Assert.Equal(DatabaseAnswerKind.Unavailable, (await node.Database.ReadTileAsync(PublishedLog.Path(0, 0, 1), default)).Kind);
    }

    [Fact]
    public async Task A_tile_that_was_damaged_on_the_disk_is_fetched_again_and_nobody_is_accused()
    {
        using var log = new PublishedLog().Grow(300);
        using var node = new VerifyingNode(log);
        await node.Database.ProveAsync(PublishedLog.Module(5), default);
        await node.Archive.KeepAsync(new ArchiveAddition { Tiles = [new KeptTile(new TilePlace(0, 0), new byte[8192])] }, default);
        Assert.Equal(DatabaseAnswerKind.Found, (await node.Database.ProveAsync(PublishedLog.Module(6), default)).Kind);
        Assert.Empty(node.Evidence);
        await new FreshClient(node, log.Identity).VerifyAsync(PublishedLog.Module(5));
    }

    [Fact]
    public async Task A_record_that_was_damaged_on_the_disk_is_not_used()
    {
        using var log = new PublishedLog().Grow(10);
        using var node = new VerifyingNode(log);
        var module = PublishedLog.Module(5);
        await node.Database.ProveAsync(module, default);
        var kept = await node.Archive.FindAsync(module, default);
        kept!.Text[^3] ^= 1;
        await node.Archive.KeepAsync(new ArchiveAddition { Record = kept }, default);
        Assert.Null(await node.Database.FindAsync(module, default));
    }
}
