using System.Text;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Tests.Transparency;

/// <summary>Proofs for offline use (c2sp.org/tlog-proof) and what witnesses are asked with (c2sp.org/tlog-witness).</summary>
public sealed class TlogProofTests : IDisposable
{
    private const string Line = "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n";
    private static readonly GrownTree Tree = new(200);
    private readonly SigningKey log = SigningKey.Create("log.example");

    public void Dispose() => log.Dispose();

    [Theory]
    [InlineData(0, 1, "")]
    [InlineData(0, 200, "")]
    [InlineData(199, 200, "extra")]
    [InlineData(77, 130, "\0\u0001 anything")]
    public async Task A_proof_is_written_read_and_holds(int leaf, int size, string extra)
    {
        var proof = await MakeAsync(leaf, size, extra);
        var read = TlogProof.Parse(proof.Format(), out var reason);
        Assert.Null(reason);
        Assert.Equal(proof.Format(), read!.Format());
        Assert.Equal(extra, Encoding.UTF8.GetString(read.Extra.Span));
        Assert.Equal(Tree.HeadAt(size), read.Verify(GrownTree.Leaf(leaf), "log.example", log.Verifier, out reason));
        Assert.Null(reason);
    }

    [Fact]
    public async Task A_proof_of_another_leaf_log_or_key_does_not_hold()
    {
        using var other = SigningKey.Create("log.example");
        var proof = await MakeAsync(7, 100, "");
        Assert.Null(proof.Verify(GrownTree.Leaf(8), "log.example", log.Verifier, out var leaf));
        Assert.Contains("leaf", leaf, StringComparison.Ordinal);
        Assert.Null(proof.Verify(GrownTree.Leaf(7), "other.example", log.Verifier, out var origin));
        Assert.Contains("other.example", origin, StringComparison.Ordinal);
        Assert.Null(proof.Verify(GrownTree.Leaf(7), "log.example", other.Verifier, out var key));
        Assert.Contains("not signed", key, StringComparison.Ordinal);
        Assert.Null((proof with { Index = 6 }).Verify(GrownTree.Leaf(7), "log.example", log.Verifier, out _));
        Assert.Null((proof with { Note = Note("go.sum\n") }).Verify(GrownTree.Leaf(7), "log.example", log.Verifier, out var text));
        Assert.NotEmpty(text!);
    }

    [Fact]
    public async Task Every_flipped_bit_is_noticed()
    {
        var good = (await MakeAsync(7, 9, "")).Format();
        for (var bit = 0; bit < good.Length * 8; bit++)
        {
            byte[] bad = [.. good];
            bad[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(TlogProof.Parse(bad, out _)?.Verify(GrownTree.Leaf(7), "log.example", log.Verifier, out _));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("c2sp.org/tlog-proof@v1\n\n")]
    [InlineData("c2sp.org/tlog-proof@v2\nindex 1\n\n")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex 1\n")]
    [InlineData("c2sp.org/tlog-proof@v1\r\nindex 1\n\n")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex 01\n\n")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex -1\n\n")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex 9223372036854775808\n\n")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex  1\n\n")]
    [InlineData("c2sp.org/tlog-proof@v1\nextra \nindex 1\n\n")]
    [InlineData("c2sp.org/tlog-proof@v1\nextra A\nindex 1\n\n")]
    [InlineData("c2sp.org/tlog-proof@v1\nextra AAA=\n\n")]
    [InlineData("c2sp.org/tlog-proof@v1\nextra AAA=\nextra AAA=\nindex 1\n\n")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex 1\nextra AAA=\n\n")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex 1\nAAA=\n\n")]
    [InlineData("c2sp.org/tlog-proof@v1\n" + Line + "index 1\n\n")]
    public void What_is_written_otherwise_is_refused_with_a_reason(string head)
    {
        byte[] text = [.. Encoding.UTF8.GetBytes(head), .. Note("o\n1\n" + MerkleTree.Empty + "\n").ToBytes()];
        Assert.Null(TlogProof.Parse(text, out var reason));
        Assert.NotEmpty(reason!);
    }

    [Fact]
    public void Hashes_extra_data_and_the_whole_are_bounded()
    {
        const string start = "c2sp.org/tlog-proof@v1\n";
        var note = Encoding.UTF8.GetString(Note("o\n1\n" + MerkleTree.Empty + "\n").ToBytes());
        Assert.NotNull(Parse(start + "index 1\n" + string.Concat(Enumerable.Repeat(Line, 63)) + "\n" + note));
        Assert.Null(Parse(start + "index 1\n" + string.Concat(Enumerable.Repeat(Line, 64)) + "\n" + note));
        Assert.Null(Parse(start + "index 1\n" + string.Concat(Enumerable.Repeat(Line, 100_000)) + "\n" + note));
        Assert.NotNull(Parse(start + $"extra {Convert.ToBase64String(new byte[TlogProof.MaxExtra])}\nindex 1\n" + string.Concat(Enumerable.Repeat(Line, 63)) + "\n" + note));
        Assert.Null(Parse(start + $"extra {Convert.ToBase64String(new byte[TlogProof.MaxExtra + 1])}\nindex 1\n\n" + note));
        Assert.Null(Parse(start + "index 1\n\n" + new string('x', SignedNote.MaxLength) + "\n" + note));

        static TlogProof? Parse(string text) => TlogProof.Parse(Encoding.UTF8.GetBytes(text), out _);
    }

    [Fact]
    public async Task A_witness_is_asked_with_old_size_proof_and_checkpoint()
    {
        var proof = await ConsistencyProof.ProveAsync(100, 200, Tree, default);
        var request = new WitnessRequest(100, proof, Note(Checkpoint.Of("log.example", Tree.Head).ToText()));
        var text = Encoding.UTF8.GetString(request.Format());
        Assert.StartsWith($"old 100\n{proof[0]}\n", text, StringComparison.Ordinal);
        var read = WitnessRequest.Parse(request.Format(), out var reason);
        Assert.Null(reason);
        Assert.Equal(request.Format(), read!.Format());
        var head = Checkpoint.Parse(read.Note.Text, out _)!.Head;
        Assert.Equal(HeadChange.Grown, HeadComparison.Of(Tree.HeadAt(100), head, read.Proof).Change);
        Assert.NotNull(WitnessRequest.Parse((request with { OldSize = 0, Proof = [] }).Format(), out _));
        foreach (var bad in new[] { "old 0100", "old", "old ", "old -1", "Old 100", "old 100 ", "new 100", "old 99999999999999999999" })
        {
            Assert.Null(WitnessRequest.Parse(Encoding.UTF8.GetBytes(text.Replace("old 100", bad, StringComparison.Ordinal)), out reason));
            Assert.NotEmpty(reason!);
        }

        Assert.Null(WitnessRequest.Parse(Encoding.UTF8.GetBytes(text.Replace("\n", "\n" + Line, StringComparison.Ordinal)), out _));
        Assert.Null(WitnessRequest.Parse("old 0\n"u8, out _));
    }

    private async Task<TlogProof> MakeAsync(int leaf, int size, string extra) => new(
        leaf,
        await InclusionProof.ProveAsync(leaf, size, Tree, default),
        Note(Checkpoint.Of("log.example", Tree.HeadAt(size)).ToText()),
        Encoding.UTF8.GetBytes(extra));

    private SignedNote Note(string text) => SignedNote.Parse(SignedNote.Sign(text, log), out _)!;
}
