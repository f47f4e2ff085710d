using System.Text;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.LogKeys;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Provenance.OwnLog;
using Athens.Federation.Tests.Retrieval;
using Athens.Federation.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Athens.Federation.Tests.Provenance.LogKeys;

/// <summary>The log's key changes, the log stays.</summary>
public sealed class LogRotationTests : IDisposable
{
    private static readonly TreeHead Head = new(3, MerkleTree.LeafHash("x"u8));

    private readonly TemporaryFolder folder = new("rotation");
    private readonly SigningKey identity = SigningKey.Create("a/identity/1");
    private readonly SigningKey from = SigningKey.Create("a/11111111");
    private readonly SigningKey to = SigningKey.Create("a/22222222");

    private string Keys => Path.Combine(folder.Path, "keys");

    public void Dispose()
    {
        identity.Dispose();
        from.Dispose();
        to.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void A_statement_counts_when_both_keys_and_the_identity_have_signed_it()
    {
        var signed = LogRotation.Sign(identity, from, to, Head, DateTimeOffset.UnixEpoch);
        var read = LogRotation.Read(signed.Note, identity.PublicKey.Span, out var reason)!;
        Assert.Null(reason);
        Assert.Equal((signed.From.ToString(), signed.To.ToString(), Head, signed.Until), (read.From.ToString(), read.To.ToString(), read.At, read.Until));
        using var stranger = SigningKey.Create(identity.Name);
        Assert.Null(LogRotation.Read(signed.Note, stranger.PublicKey.Span, out reason));
        Assert.Equal("the statement is not signed by the node's identity key", reason);
        foreach (var missing in new[] { from, to })
        {
            var note = SignedNote.Parse(signed.Note.Span, out _)!.Without(signature => signature.Name == missing.Name);
            Assert.Null(LogRotation.Read(note.ToBytes(), identity.PublicKey.Span, out reason));
            Assert.Equal("the statement is not signed by both of its log keys", reason);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("athens.federation/log-rotation/v1\n")]
    [InlineData("athens.federation/log-rotation/v1\nfrom x\nto y\nat 1 z\nuntil 2026-01-01T00:00:00Z\n")]
    [InlineData("go.sum database tree\n3\nx\n")]
    public void What_is_no_statement_is_refused_with_a_sentence(string text)
    {
        var bytes = text.Length == 0 ? [] : SignedNote.Sign(text, identity);
        Assert.Null(LogRotation.Read(bytes, identity.PublicKey.Span, out var reason));
        Assert.NotNull(reason);
        Assert.Null(LogRotation.Read(new byte[LogRotation.MaxLength + 1], identity.PublicKey.Span, out _));
    }

    [Fact]
    public async Task The_log_goes_on_under_both_keys_until_the_time_is_over()
    {
        var time = new ManualTime();
        var store = new FailingLogStore();
        TreeHead at;
        using (var keys = NodeKeys.Open(folder.Path, "a"))
        {
            at = await GrowAsync(store, new LogSigner(keys.Log), 0, 300);
            keys.RotateLog(at, time.GetUtcNow().AddDays(30));
        }

        using var rotated = NodeKeys.Open(folder.Path, "a");
        Assert.Equal(at, rotated.Rotation!.At);
        Assert.NotEqual(rotated.Former!.Name, rotated.Log.Name);
        var signer = new LogSigner(rotated.Log, rotated.Former, rotated.Rotation, time);
        await using (var log = await OpenAsync(store, signer))
        {
            Assert.Equal(at, log.Head!.Tree);
            AssertSigned(log.Head, rotated.Log.Verifier, rotated.Former.Verifier);
            Assert.Equal(rotated.Log.Name, Checkpoint.Parse(SignedNote.Parse(log.Head.Checkpoint.Span, out _)!.Text, out _)!.Origin);
            await log.AppendAsync(SampleRecord.Of(300), default, default);
            AssertSigned(log.Head, rotated.Log.Verifier, rotated.Former.Verifier);
            time.Advance(TimeSpan.FromDays(31));
            Assert.False(log.SignsAsFormer);
            await log.AppendAsync(SampleRecord.Of(301), default, default);
            AssertSigned(log.Head, rotated.Log.Verifier);
        }

        // What the key before signs besides is not gone on from.
        Assert.Contains("not by the present log key", await ProblemAsync(rotated, time), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("next key")]
    [InlineData("next key and statement")]
    [InlineData("key moved away")]
    public void Whatever_interrupts_a_rotation_the_log_has_one_of_the_two_keys(string done)
    {
        string before;
        using (var keys = NodeKeys.Open(folder.Path, "a"))
        {
            before = keys.Log.Name;
            keys.RotateLog(Head, DateTimeOffset.MaxValue.AddDays(-1));
        }

        string after;
        using (var keys = NodeKeys.Open(folder.Path, "a"))
        {
            after = keys.Log.Name;
        }

        // Back to a moment on the way.
        File.Move(Path.Combine(Keys, "log"), Path.Combine(Keys, "log.next"));
        if (done != "key moved away")
        {
            File.Move(Path.Combine(Keys, "log.former"), Path.Combine(Keys, "log"));
        }

        if (done == "next key")
        {
            File.Delete(Path.Combine(Keys, "log.rotation"));
        }

        using var opened = NodeKeys.Open(folder.Path, "a");
        Assert.Equal(done == "next key" ? before : after, opened.Log.Name);
        Assert.Equal(done == "next key" ? null : before, opened.Former?.Name);

        // The next rotation takes what is there, and goes through.
        var next = opened.RotateLog(Head, DateTimeOffset.UtcNow.AddDays(1));
        using var last = NodeKeys.Open(folder.Path, "a");
        Assert.Equal((next.To.Name, opened.Log.Name), (last.Log.Name, last.Former!.Name));
        last.RetireFormer();
        using var retired = NodeKeys.Open(folder.Path, "a");
        Assert.Null(retired.Former);
        Assert.NotNull(retired.Rotation);
        Assert.All(Directory.GetFiles(Keys, "log*"), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    [Fact]
    public void A_statement_that_is_not_of_this_key_stops_the_start()
    {
        using (var keys = NodeKeys.Open(folder.Path, "a"))
        {
            keys.RotateLog(Head, DateTimeOffset.UtcNow.AddDays(1));
        }

        var statement = Path.Combine(Keys, "log.rotation");
        var text = File.ReadAllText(statement, Encoding.UTF8);
        File.WriteAllText(statement, text.Replace("at 3 ", "at 4 ", StringComparison.Ordinal));
        var refused = Assert.Throws<IOException>(() => NodeKeys.Open(folder.Path, "a"));
        Assert.Contains("Put both back from one backup", refused.Message, StringComparison.Ordinal);
    }

    private static Task<NodeLog> OpenAsync(FailingLogStore store, LogSigner signer) => NodeLog.OpenAsync(store, signer, null, NullLogger.Instance, default);

    private static async Task<TreeHead> GrowAsync(FailingLogStore store, LogSigner signer, int first, int count)
    {
        await using var log = await OpenAsync(store, signer);
        await Task.WhenAll(Enumerable.Range(first, count).Select(i => log.AppendAsync(SampleRecord.Of(i), default, default)));
        return log.Head!.Tree;
    }

    /// <summary>A log of the key before that is not the one that was rotated.</summary>
    private static async Task<string> ProblemAsync(NodeKeys rotated, TimeProvider time)
    {
        var store = new FailingLogStore();
        await GrowAsync(store, new LogSigner(rotated.Former!), 0, 10);
        await using var log = await OpenAsync(store, new LogSigner(rotated.Log, rotated.Former, rotated.Rotation, time));
        return log.Problem ?? "";
    }

    private static void AssertSigned(SignedHead head, params NoteVerifier[] keys)
    {
        var note = SignedNote.Parse(head.Latest.Span, out _)!;
        Assert.Equal(keys.Length, note.Signatures.Count);
        Assert.All(keys, key => Assert.True(note.IsSignedBy(key)));
        Assert.Single(SignedNote.Parse(head.Checkpoint.Span, out _)!.Signatures);
    }
}
