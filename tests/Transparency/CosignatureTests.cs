using System.Globalization;
using System.Text;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Tests.Transparency;

/// <summary>Cosignatures (c2sp.org/tlog-cosignature) and notes with several signatures.</summary>
public sealed class CosignatureTests : IDisposable
{
    private static readonly DateTimeOffset Time = DateTimeOffset.FromUnixTimeSeconds(1679315147);
    private readonly SigningKey log = SigningKey.Create("log.example");
    private readonly SigningKey witness = SigningKey.Create("witness.example/w1");
    private readonly SignedNote note;

    public CosignatureTests() => note = Signed(Checkpoint.Of("log.example", new TreeHead(20852163, MerkleTree.Empty)).ToText(), log);

    public void Dispose()
    {
        log.Dispose();
        witness.Dispose();
    }

    [Fact]
    public void A_cosignature_is_time_and_signature_over_the_timed_text()
    {
        var cosignature = Cosignature.Sign(note, witness, Time);
        Assert.Equal(72, cosignature.Bytes.Length);
        Assert.Equal("00000000641850cb", Convert.ToHexStringLower(cosignature.Bytes.Span[..8]));
        var message = Encoding.UTF8.GetBytes("cosignature/v1\ntime 1679315147\n" + note.Text);
        Assert.True(Ed25519Signature.Verify(witness.PublicKey.Span, message, cosignature.Bytes.Span[8..]));
    }

    [Fact]
    public void A_key_of_type_4_has_its_own_hash_and_text()
    {
        var verifier = CosignatureVerifier.Of(witness);
        Assert.NotEqual(witness.Verifier.Hash, verifier.Hash);
        Assert.Equal(verifier.ToString(), CosignatureVerifier.Parse(verifier.ToString(), out _)!.ToString());
        Assert.Equal(4, Convert.FromBase64String(verifier.ToString().Split('+', 3)[2])[0]);
        byte[] hashed = [.. Encoding.UTF8.GetBytes("witness.example/w1\n"), 4, .. witness.PublicKey.Span];
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(hashed)[..4]), verifier.Hash.ToString("x8", CultureInfo.InvariantCulture));
    }

    [Fact]
    public void A_log_key_is_no_witness_key_and_the_other_way_round()
    {
        Assert.Null(CosignatureVerifier.Parse(log.Verifier.ToString(), out var reason));
        Assert.NotEmpty(reason!);
        Assert.Null(NoteVerifier.Parse(CosignatureVerifier.Of(witness).ToString(), out reason));
        Assert.NotEmpty(reason!);

        var cosigned = note.With(Cosignature.Sign(note, witness, Time));
        Assert.False(cosigned.IsSignedBy(witness.Verifier));
        Assert.Null(Signed(note.Text, witness).CosignedBy(CosignatureVerifier.Of(witness)));
    }

    [Fact]
    public void A_note_holds_signatures_of_log_and_witnesses_and_of_strangers()
    {
        using var second = SigningKey.Create("witness.example/w2");
        var stranger = new NoteSignature("stranger", 7, new byte[] { 1, 2, 3 });
        var cosigned = note.With(stranger, Cosignature.Sign(note, witness, Time)).With(Cosignature.Sign(note, second, Time.AddSeconds(1)));
        var read = SignedNote.Parse(cosigned.ToBytes(), out var reason);
        Assert.Null(reason);
        Assert.Equal(cosigned.ToBytes(), read!.ToBytes());
        Assert.True(read.IsSignedBy(log.Verifier));
        Assert.Equal(Time, read.CosignedBy(CosignatureVerifier.Of(witness)));
        Assert.Equal(Time.AddSeconds(1), read.CosignedBy(CosignatureVerifier.Of(second)));
        Assert.Equal(["log.example", "stranger", "witness.example/w1", "witness.example/w2"], read.Signatures.Select(signature => signature.Name));
    }

    [Fact]
    public void A_newer_signature_takes_the_place_of_the_older_one_of_its_key()
    {
        var twice = note.With(Cosignature.Sign(note, witness, Time)).With(Cosignature.Sign(note, witness, Time.AddHours(1)));
        Assert.Equal(2, twice.Signatures.Count);
        Assert.Equal(Time.AddHours(1), twice.CosignedBy(CosignatureVerifier.Of(witness)));
    }

    [Fact]
    public void Strangers_cannot_crowd_out_a_signature()
    {
        NoteSignature[] strangers = [.. Enumerable.Range(0, 99).Select(i => new NoteSignature($"stranger{i}", 7, new byte[] { 1 }))];
        var full = note.With(strangers);
        Assert.Equal(SignedNote.MaxSignatures, full.Signatures.Count);
        Assert.Throws<ArgumentException>(() => full.With(Cosignature.Sign(note, witness, Time)));
        var kept = full.Without(signature => signature.Name.StartsWith("stranger", StringComparison.Ordinal)).With(Cosignature.Sign(note, witness, Time));
        Assert.Equal(Time, kept.CosignedBy(CosignatureVerifier.Of(witness)));
        Assert.Throws<ArgumentException>(() => full.Without(_ => true));
    }

    [Fact]
    public void Every_flipped_bit_of_a_cosignature_or_its_text_is_noticed()
    {
        var verifier = CosignatureVerifier.Of(witness);
        var cosignature = Cosignature.Sign(note, witness, Time).Bytes.ToArray();
        var text = Encoding.UTF8.GetBytes(note.Text);
        Assert.Equal(Time, verifier.Verify(text, cosignature));
        for (var bit = 0; bit < cosignature.Length * 8; bit++)
        {
            byte[] bad = [.. cosignature];
            bad[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(verifier.Verify(text, bad));
        }

        for (var bit = 0; bit < text.Length * 8; bit++)
        {
            byte[] bad = [.. text];
            bad[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(verifier.Verify(bad, cosignature));
        }

        Assert.Null(verifier.Verify(text, cosignature.AsSpan(1)));
        Assert.Null(verifier.Verify(text, []));
        Assert.Null(verifier.Verify(text, [.. cosignature, 0]));
    }

    [Theory]
    [InlineData("8000000000000000")]
    [InlineData("ffffffffffffffff")]
    [InlineData("7fffffffffffffff")]
    [InlineData("0000003afff44180")]
    public void A_time_that_cannot_be_told_is_refused_even_when_signed(string time)
    {
        var seconds = Convert.ToUInt64(time, 16);
        var text = Encoding.UTF8.GetBytes(note.Text);
        byte[] message = [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {seconds}\n")), .. text];
        byte[] cosignature = [.. Convert.FromHexString(time), .. witness.Sign(message)];
        Assert.Null(CosignatureVerifier.Of(witness).Verify(text, cosignature));
    }

    [Fact]
    public void Only_checkpoints_are_cosigned()
    {
        Assert.Throws<ArgumentException>(() => Cosignature.Sign(Signed("any text\n", log), witness, Time));
        Assert.Throws<ArgumentException>(() => Cosignature.Sign(Signed("o\n01\n" + MerkleTree.Empty + "\n", log), witness, Time));
        Assert.ThrowsAny<ArgumentException>(() => Cosignature.Sign(note, witness, DateTimeOffset.UnixEpoch.AddSeconds(-1)));
    }

    [Fact]
    public void The_lines_that_a_witness_answers_are_read()
    {
        const string answer =
            "— witness.example/w1 CMp+6LWBU0anHGH5aNDTJkH/gj79sG+T6+iP2ThYN5krrDJbR1HDnucjL39QsZTSvVjyQLrdk3DXDqI5G2HgLatVs0pWh6Up69HVOw==\n"
            + "— witness.example/w2 AWui8Sk55XjYLOijihBjhqEH6nS1ndDymE0a+6idX7pLcnoB+dhnz0854aLZgrrKbYKA7nC3HNJhm/kWl7oJlqU3rXXvpysAdyP3wQ==\n";
        var lines = NoteSignature.ParseLines(answer, out _)!;
        Assert.Equal(2, lines.Count);
        Assert.Equal(answer, string.Concat(lines.Select(line => line.ToLine())));
        foreach (var bad in new[] { "", "\n", answer[..^1], answer + "\n", "\n" + answer, answer.Replace("— ", "- ", StringComparison.Ordinal), string.Concat(Enumerable.Repeat(answer, 51)) })
        {
            Assert.Null(NoteSignature.ParseLines(bad, out var reason));
            Assert.NotEmpty(reason!);
        }
    }

    private static SignedNote Signed(string text, SigningKey key) => SignedNote.Parse(SignedNote.Sign(text, key), out _)!;
}
