using System.Text;
using System.Text.Json;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.PublicDatabases;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Tests.Provenance.PublicDatabases;

/// <summary>Databases and servers that lie: refused, proven by a file on disk, and the timeline stays where it was.</summary>
public sealed class MisbehaviorTests : IDisposable
{
    private readonly PublishedLog log = new PublishedLog().Grow(500);
    private readonly VerifyingNode node;

    public MisbehaviorTests() => node = new VerifyingNode(log);

    public void Dispose()
    {
        node.Dispose();
        log.Dispose();
    }

    [Theory]
    [InlineData(300, 900)]
    [InlineData(499, 501)]
    [InlineData(10, 500)]
    [InlineData(0, 700)]
    [InlineData(256, 512)]
    public async Task A_forked_history_is_refused_with_evidence_that_stands_alone(int common, int size)
    {
        await BelieveAsync();
        var fork = log.Fork(common);
        fork.Add(ModuleVersion.Create("example.org/evil", "v1.0.0", out _)!, Text("example.org/evil"));
        fork.Grow(size);
        node.Source = fork;
        await RefusedAsync(PublishedLog.Module(size - 1));
        var evidence = JsonDocument.Parse(Assert.Single(node.Evidence)).RootElement;
        Assert.Equal("checksum-database-fork", evidence.GetProperty("incident").GetString());
        AssertProvesFork(evidence);
    }

    [Fact]
    public async Task A_log_that_was_rolled_back_and_went_on_otherwise_is_a_fork()
    {
        await BelieveAsync();
        var rolledBack = log.Fork(400);
        node.Source = rolledBack;

        // Behind, but on the timeline: that alone is what caches do. The node keeps the later head.
        Assert.Equal(500, (await node.Database.LatestAsync(default)).Value!.Tree.Size);
        rolledBack.Add(PublishedLog.Module(9_999), Text("example.org/m9999"));
        rolledBack.Grow(499);
        Assert.Equal(DatabaseAnswerKind.Misbehaved, (await node.Database.LatestAsync(default)).Kind);
        await StillBelievedAsync();
        Assert.NotEmpty(node.Evidence);
    }

    [Fact]
    public async Task Another_root_for_the_same_size_is_a_fork_by_the_two_heads_alone()
    {
        await BelieveAsync();
        var fork = log.Fork(499);
        fork.Add(PublishedLog.Module(7_777), Text("example.org/m7777"));
        node.Source = fork;
        await RefusedAsync(PublishedLog.Module(7_777));
        AssertProvesFork(JsonDocument.Parse(Assert.Single(node.Evidence)).RootElement);
    }

    [Fact]
    public async Task A_head_that_the_key_did_not_sign_is_refused()
    {
        await BelieveAsync();
        using var thief = SigningKey.Create(log.Identity.Name);
        log.Grow(600);
        log.Tamper = (resource, answer) => resource.StartsWith("tile", StringComparison.Ordinal) ? null : Lies.Resigned(answer, thief);
        await RefusedAsync(PublishedLog.Module(550));
        Assert.Equal(DatabaseAnswerKind.Misbehaved, (await node.Database.LatestAsync(default)).Kind);
        Assert.All(node.Evidence, file => Assert.Contains("forged-head", file, StringComparison.Ordinal));
        Assert.Equal(2, node.Evidence.Count);
    }

    [Fact]
    public async Task What_the_key_signed_must_be_a_head()
    {
        log.Tamper = (resource, _) => resource == "latest" ? SourceAnswer.Found(log.SignText("not a tree\nat all\nabc=\n")) : null;
        Assert.Equal(DatabaseAnswerKind.Misbehaved, (await node.Database.LatestAsync(default)).Kind);
    }

    [Fact]
    public async Task A_record_that_the_tree_does_not_have_is_refused()
    {
        await BelieveAsync();
        var module = PublishedLog.Module(44);
        log.Tamper = (resource, answer) => resource.StartsWith("lookup", StringComparison.Ordinal)
            ? SourceAnswer.Found(Lies.Replace(answer.Body.Span, PublishedLog.H1(module.ToString()), PublishedLog.H1("evil")))
            : null;
        await RefusedAsync(module);
        Assert.Contains("bad-record", Assert.Single(node.Evidence), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_modules_record_is_refused_though_it_is_in_the_tree()
    {
        await BelieveAsync();
        log.Tamper = (resource, _) => resource.StartsWith("lookup", StringComparison.Ordinal) ? SourceAnswer.Found(log.Lookup(12, 0)) : null;
        await RefusedAsync(PublishedLog.Module(44));
    }

    [Theory]
    [InlineData("example.org/odd v1.0.0 {0}\n")]
    [InlineData("example.org/odd v1.0.0/go.mod {0}\n")]
    [InlineData("example.org/odd v1.0.0 {0}\nexample.org/odd v1.0.0 {1}\nexample.org/odd v1.0.0/go.mod {0}\n")]
    [InlineData("example.org/odd v1.0.0 h1:short\nexample.org/odd v1.0.0/go.mod {0}\n")]
    public async Task A_record_that_go_would_accept_anything_for_is_refused(string text)
    {
        var module = ModuleVersion.Create("example.org/odd", "v1.0.0", out _)!;
        log.Add(module, string.Format(System.Globalization.CultureInfo.InvariantCulture, text, PublishedLog.H1("a"), PublishedLog.H1("b")));
        await RefusedAsync(module);
    }

    [Fact]
    public async Task A_record_with_further_lines_is_passed_on_as_it_is()
    {
        var module = ModuleVersion.Create("example.org/odd", "v1.0.0", out _)!;
        log.Add(module, Text("example.org/odd") + "built by nobody in particular\n");
        var answer = await node.Database.ProveAsync(module, default);
        Assert.Contains("nobody in particular", Encoding.UTF8.GetString(answer.Value!.ToLookupAnswer()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_number_beyond_the_head_that_came_with_it_is_refused()
    {
        await BelieveAsync();
        log.Tamper = (resource, _) => resource.StartsWith("lookup", StringComparison.Ordinal) ? SourceAnswer.Found(log.Lookup(44, 20)) : null;
        await RefusedAsync(PublishedLog.Module(44));
    }

    [Fact]
    public async Task A_wrong_tile_is_refused_and_kept_as_evidence()
    {
        await BelieveAsync();
        log.Grow(800);
        log.Tamper = (resource, answer) => resource.StartsWith("tile/8/0/", StringComparison.Ordinal) ? Lies.Flipped(answer) : null;
        await RefusedAsync(PublishedLog.Module(790));
        var evidence = JsonDocument.Parse(Assert.Single(node.Evidence)).RootElement;
        Assert.Equal("checksum-database-bad-tile", evidence.GetProperty("incident").GetString());
        Assert.NotEqual(0, evidence.GetProperty("tiles").GetArrayLength());
        log.Tamper = null;
        Assert.Equal(DatabaseAnswerKind.Found, (await node.Database.ProveAsync(PublishedLog.Module(790), default)).Kind);
    }

    [Fact]
    public async Task A_wrong_tile_is_never_answered()
    {
        log.Tamper = (resource, answer) => resource == PublishedLog.Path(0, 0, 256) ? Lies.Flipped(answer) : null;
        Assert.Equal(DatabaseAnswerKind.Misbehaved, (await node.Database.ReadTileAsync(PublishedLog.Path(0, 0, 256), default)).Kind);
        Assert.Null(await node.Database.FindTileAsync(PublishedLog.Path(0, 0, 256), default));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>please log in to the hotel's network</html>")]
    [InlineData("1\n\n\n")]
    [InlineData("99999999999999999999\nexample.org/m1 v1.0.0 h1:x\n\ngo.sum database tree\n")]
    public async Task Garbage_is_unavailable_and_accuses_nobody(string garbage)
    {
        log.Tamper = (_, _) => SourceAnswer.Found(Encoding.UTF8.GetBytes(garbage));
        Assert.Equal(DatabaseAnswerKind.Unavailable, (await node.Database.ProveAsync(PublishedLog.Module(1), default)).Kind);
        Assert.Equal(DatabaseAnswerKind.Unavailable, (await node.Database.LatestAsync(default)).Kind);
        Assert.Empty(node.Evidence);
    }

    [Fact]
    public async Task A_tile_cut_short_is_unavailable_and_not_kept()
    {
        log.Tamper = (resource, answer) => resource.StartsWith("tile", StringComparison.Ordinal) ? SourceAnswer.Found(answer.Body[..^1]) : null;
        Assert.Equal(DatabaseAnswerKind.Unavailable, (await node.Database.ProveAsync(PublishedLog.Module(1), default)).Kind);
        Assert.Null(await node.Archive.HeadAsync(default));
    }

    [Fact]
    public async Task Any_single_bit_changed_on_the_way_is_refused()
    {
        var random = new Random(7);
        for (var round = 0; round < 150; round++)
        {
            using var other = new VerifyingNode(log);
            var at = random.Next(1 << 20);
            var turn = random.Next(6);
            var count = 0;
            log.Tamper = (_, answer) => count++ == turn ? Lies.Flipped(answer, at) : null;
            var answer = await other.Database.ProveAsync(PublishedLog.Module(333), default);
            if (answer.Kind == DatabaseAnswerKind.Found)
            {
                Assert.True(count <= turn, $"round {round}: a flipped bit was believed");
            }
        }
    }

    [Fact]
    public async Task A_source_that_lies_all_day_does_not_fill_the_disk()
    {
        await BelieveAsync();
        var random = new Random(3);
        log.Tamper = (resource, answer) => resource.StartsWith("lookup", StringComparison.Ordinal)
            ? SourceAnswer.Found(Lies.Replace(answer.Body.Span, "v1.0.0 h1:", $"v1.0.0 h1:{(char)('a' + random.Next(26))}{random.Next()}"))
            : null;
        for (var n = 100; n < DatabaseEvidence.MaxKept + 120; n++)
        {
            await RefusedAsync(PublishedLog.Module(n));
        }

        Assert.Equal(DatabaseEvidence.MaxKept, node.Evidence.Count);
    }

    private static string Text(string path) => $"{path} v1.0.0 {PublishedLog.H1(path)}\n{path} v1.0.0/go.mod {PublishedLog.H1(path + "/go.mod")}\n";

    /// <summary>By nothing but the file: both heads are signed by the key, and the larger one's tree had another root at the smaller size.</summary>
    private static void AssertProvesFork(JsonElement evidence)
    {
        var key = NoteVerifier.Parse(evidence.GetProperty("key").GetString()!, out _)!;
        TreeHead[] heads = [.. new[] { "known_head", "met_head" }
            .Select(name => SignedNote.Parse(Encoding.UTF8.GetBytes(evidence.GetProperty(name).GetString()!), out _)!)
            .Select(note =>
            {
                Assert.True(note.IsSignedBy(key));
                return GoTreeHead.Parse(note.Text, out _)!.Value;
            })
            .OrderBy(head => head.Size)];
        if (heads[0].Size == heads[1].Size)
        {
            Assert.NotEqual(heads[0].Root, heads[1].Root);
            return;
        }

        MerkleHash[] proof = [.. evidence.GetProperty("prefix_proof").EnumerateArray().Select(text =>
        {
            Assert.True(MerkleHash.TryParse(text.GetString(), out var hash));
            return hash;
        })];
        var root = PrefixProof.RootOf(proof, heads[0].Size, heads[1]);
        Assert.NotNull(root);
        Assert.NotEqual(heads[0].Root, root);
    }

    private async Task BelieveAsync() => Assert.Equal(DatabaseAnswerKind.Found, (await node.Database.ProveAsync(PublishedLog.Module(3), default)).Kind);

    private async Task RefusedAsync(ModuleVersion module)
    {
        var head = await node.Archive.HeadAsync(default);
        var answer = await node.Database.ProveAsync(module, default);
        Assert.True(answer.Kind == DatabaseAnswerKind.Misbehaved, $"{answer.Kind}: {answer.Reason}");
        Assert.Null(await node.Database.FindAsync(module, default));
        if (head is not null)
        {
            Assert.Equal(head, await node.Archive.HeadAsync(default));
            await StillBelievedAsync();
        }
    }

    private Task StillBelievedAsync() => new FreshClient(node, log.Identity).VerifyAsync(PublishedLog.Module(3));
}
