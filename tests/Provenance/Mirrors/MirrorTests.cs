using Athens.Federation.Node.Provenance.Mirrors;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Storage;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Provenance.OwnLog;

namespace Athens.Federation.Tests.Provenance.Mirrors;

/// <summary>What a mirror believes, keeps and shows.</summary>
public sealed class MirrorTests
{
    [Fact]
    public async Task A_mirror_follows_a_log_and_has_its_files()
    {
        await using var rig = await LogRig.StartAsync();
        using var mirrors = new MirrorRig();
        var mirror = await mirrors.OpenAsync(rig.Key.Verifier);
        var size = 0;
        foreach (var more in new[] { 0, 1, 255, 2, 300 })
        {
            await rig.AppendAsync(size, more);
            size += more;
            Assert.Equal(PullEnd.Level, (await mirror.PullAsync(rig.Log.Head!, new LogSource(rig.Log), true, default)).End);
            Assert.Equal(rig.Log.Head!.Tree, mirror.Head!.Tree);
        }

        mirror = await mirrors.OpenAsync(rig.Key.Verifier);
        Assert.Equal(rig.Log.Head!.Tree, mirror.Head!.Tree);
        foreach (var tile in Tile.Grown(0, size))
        {
            Assert.Equal((await rig.Log.TileAsync(tile, default))!.Value.ToArray(), (await mirror.TileAsync(tile, default))!.Value.ToArray());
        }

        var texts = (await mirror.LeavesAsync(0, size, default)).Select(leaf => leaf.Text!.Value.ToArray());
        Assert.Equal((await rig.Log.TextsAsync(0, size, default)).Select(text => text.ToArray()), texts);
        Assert.Equal(257, (await mirror.FindAsync(SampleRecord.Module(257), default))!.Index);
        Assert.Null(await mirror.FindAsync(SampleRecord.Module(size), default));
    }

    [Fact]
    public async Task A_large_log_is_shown_when_all_of_it_is_there_and_a_pull_that_broke_off_goes_on()
    {
        await using var rig = await LogRig.StartAsync(records: (2 * MirrorPull.BatchSize) + 1000);
        using var mirrors = new MirrorRig();
        var mirror = await mirrors.OpenAsync(rig.Key.Verifier);
        var asked = new List<long>();
        var source = new LogSource(rig.Log)
        {
            Asked = first =>
            {
                asked.Add(first);
                _ = first > MirrorPull.BatchSize ? throw new IOException("the line broke") : 0;
            },
        };
        await Assert.ThrowsAsync<IOException>(() => mirror.PullAsync(rig.Log.Head!, source, true, default));
        Assert.Null(mirror.Head);
        Assert.Null(await mirror.FindAsync(SampleRecord.Module(1), default));

        // The log goes on meanwhile: what it signed before is still reached first.
        await rig.AppendAsync((2 * MirrorPull.BatchSize) + 1000, 10);
        mirror = await mirrors.OpenAsync(rig.Key.Verifier);
        asked.Clear();
        source.Asked = asked.Add;
        Assert.Equal(PullEnd.Level, (await mirror.PullAsync(rig.Log.Head!, source, true, default)).End);
        Assert.Equal([2L * MirrorPull.BatchSize, (2 * MirrorPull.BatchSize) + 1000], asked);
        Assert.Equal(rig.Log.Head!.Tree, mirror.Head!.Tree);
        Assert.Equal(1, (await mirror.FindAsync(SampleRecord.Module(1), default))!.Index);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_changed_record_is_refused_and_leaves_nothing(bool isLarge)
    {
        await using var rig = await LogRig.StartAsync(records: 20);
        using var mirrors = new MirrorRig();
        var mirror = await mirrors.OpenAsync(rig.Key.Verifier);
        var source = new LogSource(rig.Log);
        Assert.Equal(PullEnd.Level, (await mirror.PullAsync(rig.Log.Head!, source, true, default)).End);
        var before = mirror.Head!.Tree;
        await rig.AppendAsync(20, isLarge ? MirrorPull.BatchSize + 100 : 30);
        var other = (await rig.Log.TextsAsync(3, 1, default))[0];
        source.Leaf = (number, leaf) => number == 25 ? MirrorLeaf.OfText(other) : leaf;
        Assert.Equal(PullEnd.Lied, (await mirror.PullAsync(rig.Log.Head!, source, true, default)).End);
        source.Proof = proof => [.. proof.Skip(1), proof[0]];
        Assert.Equal(PullEnd.Lied, (await mirror.PullAsync(rig.Log.Head!, source, true, default)).End);
        Assert.Equal(before, mirror.Head!.Tree);
        Assert.Empty(mirrors.Reported);

        Assert.Equal(PullEnd.Level, (await mirror.PullAsync(rig.Log.Head!, new LogSource(rig.Log), true, default)).End);
        Assert.Equal(rig.Log.Head!.Tree, mirror.Head!.Tree);
    }

    [Theory]
    [InlineData(300, 400)]
    [InlineData(300, 300)]
    [InlineData(300, 200)]
    [InlineData(300, MirrorPull.BatchSize + 500)]
    public async Task Two_histories_of_one_key_are_found_proven_and_end_the_following_for_good(int known, int met)
    {
        await using var rig = await LogRig.StartAsync(records: known);
        using var mirrors = new MirrorRig();
        var mirror = await mirrors.OpenAsync(rig.Key.Verifier);
        Assert.Equal(PullEnd.Level, (await mirror.PullAsync(rig.Log.Head!, new LogSource(rig.Log), true, default)).End);
        Assert.Single(await IndexOf(mirrors).FindAsync(SampleRecord.Module(1), default));
        await using var store = new MemoryLogStore();
        await using var other = await NodeLog.OpenAsync(store, rig.Key, null, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, default);
        await Task.WhenAll(Enumerable.Range(0, met).Select(i => other.AppendAsync(SampleRecord.Of(i, i > 100 ? "tampered" : "genuine"), default, default)));

        Assert.Equal(PullEnd.Forked, (await mirror.PullAsync(other.Head!, new LogSource(other), true, default)).End);
        Assert.Contains(rig.Key.Verifier.ToString(), System.Text.Encoding.UTF8.GetString(Assert.Single(mirrors.Reported)), StringComparison.Ordinal);
        Assert.Contains(mirrors.Log, line => line.Message.StartsWith("SECURITY:", StringComparison.Ordinal));

        mirror = await mirrors.OpenAsync(rig.Key.Verifier);
        await rig.AppendAsync(known, 5);
        Assert.Equal(PullEnd.Stopped, (await mirror.PullAsync(rig.Log.Head!, new LogSource(rig.Log), true, default)).End);
        Assert.Equal(known, mirror.Head!.Tree.Size);
        Assert.Empty(await IndexOf(mirrors).FindAsync(SampleRecord.Module(1), default));
    }

    [Fact]
    public async Task An_older_head_is_late_mail()
    {
        await using var rig = await LogRig.StartAsync(records: 10);
        var old = rig.Log.Head!;
        await rig.AppendAsync(10, 10);
        using var mirrors = new MirrorRig();
        var mirror = await mirrors.OpenAsync(rig.Key.Verifier);
        var source = new LogSource(rig.Log);
        Assert.Equal(PullEnd.Level, (await mirror.PullAsync(rig.Log.Head!, source, true, default)).End);
        Assert.Equal(PullEnd.Behind, (await mirror.PullAsync(old, source, true, default)).End);
        Assert.Equal(20, mirror.Head!.Tree.Size);
        Assert.Equal("", mirror.Fault);
    }

    [Fact]
    public async Task Hashes_alone_make_the_tree_and_are_filled_by_their_own_text_only()
    {
        await using var rig = await LogRig.StartAsync(records: 10);
        using var mirrors = new MirrorRig();
        var mirror = await mirrors.OpenAsync(rig.Key.Verifier);
        var source = new LogSource(rig.Log) { Leaf = (number, leaf) => number % 2 == 0 ? MirrorLeaf.OfHash(leaf.Hash) : leaf };
        Assert.Equal(PullEnd.Level, (await mirror.PullAsync(rig.Log.Head!, source, true, default)).End);
        var index = IndexOf(mirrors);
        Assert.Empty(await index.FindAsync(SampleRecord.Module(4), default));
        Assert.Equal(5, Assert.Single(await index.FindAsync(SampleRecord.Module(5), default)).Number);
        Assert.Null((await mirror.LeavesAsync(4, 1, default))[0].Text);

        var text = (await rig.Log.TextsAsync(4, 1, default))[0];
        Assert.False(await mirror.FillAsync(new LogRecord(6, text), SampleRecord.Module(4), default));
        Assert.False(await mirror.FillAsync(new LogRecord(10, text), SampleRecord.Module(4), default));
        Assert.True(await mirror.FillAsync(new LogRecord(4, text), SampleRecord.Module(4), default));
        Assert.Equal(4, Assert.Single(await index.FindAsync(SampleRecord.Module(4), default)).Number);
    }

    [Fact]
    public async Task A_leaf_that_is_no_record_is_kept_as_a_hash_and_told()
    {
        using var key = SigningKey.Create("odd/0123abcd");
        byte[][] leaves = ["example.com/m v1.0.0 h1:none\n"u8.ToArray(), System.Text.Encoding.UTF8.GetBytes(SampleRecord.Of(1).ToText())];
        var edge = new RightEdge();
        foreach (var leaf in leaves)
        {
            edge.Append(MerkleTree.LeafHash(leaf));
        }

        using var mirrors = new MirrorRig();
        var mirror = await mirrors.OpenAsync(key.Verifier);
        Assert.Equal(PullEnd.Level, (await mirror.PullAsync(SignedHead.Sign(edge.Head, key), new Given(leaves), true, default)).End);
        Assert.Null((await mirror.LeavesAsync(0, 1, default))[0].Text);
        Assert.Single(await IndexOf(mirrors).FindAsync(SampleRecord.Module(1), default));
        Assert.Contains(mirrors.Log, line => line.Message.Contains("1 leaves that are no records", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_log_that_is_followed_no_more_says_nothing()
    {
        await using var rig = await LogRig.StartAsync(records: 3);
        using var mirrors = new MirrorRig();
        var mirror = await mirrors.OpenAsync(rig.Key.Verifier, isTrusted: false);
        Assert.Equal(PullEnd.Level, (await mirror.PullAsync(rig.Log.Head!, new LogSource(rig.Log), true, default)).End);
        Assert.False(Assert.Single(await IndexOf(mirrors).FindAsync(SampleRecord.Module(1), default)).Log.IsTrusted);
        mirrors.Quarantined.Add(rig.Key.Verifier.ToString());
        Assert.Empty(await new RecordIndex(mirrors.Store, mirrors.Set, mirrors).FindAsync(SampleRecord.Module(1), default));
        mirrors.Set.Assign(_ => null);
        Assert.Empty(await IndexOf(mirrors).FindAsync(SampleRecord.Module(1), default));
    }

    [Fact]
    public async Task A_peer_that_begins_logs_without_end_is_not_followed_there()
    {
        using var mirrors = new MirrorRig();
        using var key = SigningKey.Create("a/00000000");
        await mirrors.OpenAsync(key.Verifier);
        for (var i = 1; i < MirrorSet.MaxFromOneOwner; i++)
        {
            using var next = SigningKey.Create($"a/0000000{i}");
            Assert.NotNull(await mirrors.Set.AddAsync(next.Verifier, "ed25519:owner", default));
        }

        using var last = SigningKey.Create("a/99999999");
        Assert.Null(await mirrors.Set.AddAsync(last.Verifier, "ed25519:owner", default));
        Assert.Null(await mirrors.Set.AddAsync(key.Verifier, "ed25519:other", default));
        Assert.NotNull(await mirrors.Set.AddAsync(last.Verifier, "ed25519:other", default));
    }

    private static RecordIndex IndexOf(MirrorRig mirrors) => new(mirrors.Store, mirrors.Set, null);

    private sealed class Given(byte[][] leaves) : IMirrorSource
    {
        public Task<IReadOnlyList<MirrorLeaf>> LeavesAsync(long first, int count, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<MirrorLeaf>>([.. leaves.Skip((int)first).Take(count).Select(leaf => MirrorLeaf.OfText(leaf))]);

        public Task<IReadOnlyList<MerkleHash>> PrefixAsync(long prefix, long size, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
