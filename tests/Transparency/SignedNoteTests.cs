using System.Text;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Tests.Transparency;

/// <summary>Notes by golang.org/x/mod/sumdb/note's rules. The keys and signatures named Peter and Enoch stand in that package's documentation.</summary>
public sealed class SignedNoteTests
{
    private const string PeterSigner = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    private const string PeterVerifier = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    private const string PeterText = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    private const string PeterLine = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    private const string EnochLine = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";

    private static readonly NoteVerifier Peter = NoteVerifier.Parse(PeterVerifier, out _)!;

    [Fact]
    public void A_note_that_go_signed_is_read_and_checked()
    {
        var note = SignedNote.Parse(Bytes(PeterText + "\n" + PeterLine + EnochLine), out var reason);
        Assert.Null(reason);
        Assert.Equal(PeterText, note!.Text);
        Assert.True(note.IsSignedBy(Peter));
        Assert.Equal(2, note.Signatures.Count);
    }

    [Fact]
    public void A_note_signed_here_is_byte_for_byte_what_go_signs()
    {
        using var key = SigningKey.Parse(PeterSigner, out _)!;
        Assert.Equal(PeterText + "\n" + PeterLine, Encoding.UTF8.GetString(SignedNote.Sign(PeterText, key)));
        Assert.Equal(PeterVerifier, key.Verifier.ToString());
        Assert.Equal(PeterSigner, key.ExportText());
    }

    [Fact]
    public void Another_key_of_the_same_name_has_not_signed()
    {
        using var other = SigningKey.Create("PeterNeumann");
        var note = SignedNote.Parse(Bytes(PeterText + "\n" + PeterLine), out _)!;
        Assert.False(note.IsSignedBy(other.Verifier));
        Assert.False(note.IsSignedBy(NoteVerifier.Of("Somebody", Peter.PublicKey.Span)));
    }

    [Fact]
    public void Of_several_lines_of_one_key_the_first_decides()
    {
        var forged = PeterLine.Replace("x08go/ZJkuBS", "x08go/ZJkuBT", StringComparison.Ordinal);
        Assert.False(SignedNote.Parse(Bytes(PeterText + "\n" + forged + PeterLine), out _)!.IsSignedBy(Peter));
        Assert.True(SignedNote.Parse(Bytes(PeterText + "\n" + PeterLine + forged), out _)!.IsSignedBy(Peter));
    }

    [Fact]
    public void Every_flipped_bit_of_the_text_or_the_signature_is_noticed()
    {
        var good = Bytes(PeterText + "\n" + PeterLine);
        for (var bit = 0; bit < good.Length * 8; bit++)
        {
            byte[] bad = [.. good];
            bad[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(SignedNote.Parse(bad, out _)?.IsSignedBy(Peter) ?? false, $"bit {bit}");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("text\n")]
    [InlineData("text\n\n")]
    [InlineData("text\n\n— name AAAAAAA=")]
    [InlineData("text\n\n— name AAAAAAA=\n\n")]
    [InlineData("text\n— name AAAAAAA=\n")]
    [InlineData("text\n\n- name AAAAAAA=\n")]
    [InlineData("text\n\n—name AAAAAAA=\n")]
    [InlineData("text\n\n— name\n")]
    [InlineData("text\n\n— name \n")]
    [InlineData("text\n\n— na+me AAAAAAA=\n")]
    [InlineData("text\n\n—  AAAAAAA=\n")]
    [InlineData("text\n\n— name AAAAAA==\n")]
    [InlineData("text\n\n— name AAAAAAB=\n")]
    [InlineData("text\n\n— name AAAA AAA=\n")]
    [InlineData("text\n\n— name AAAAAAA\n")]
    [InlineData("text\n\n— name AAAAAAA=\r\n")]
    [InlineData("te\txt\n\n— name AAAAAAA=\n")]
    [InlineData("te\0xt\n\n— name AAAAAAA=\n")]
    [InlineData("text\n\n— na\u00a0me AAAAAAA=\n")]
    public void What_is_malformed_is_refused_with_a_reason(string note)
    {
        Assert.Null(SignedNote.Parse(Bytes(note), out var reason));
        Assert.NotEmpty(reason!);
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_refused()
    {
        byte[] note = [.. "te"u8, 0xff, .. "xt\n\n— name AAAAAAA=\n"u8];
        Assert.Null(SignedNote.Parse(note, out _));
    }

    [Fact]
    public void Length_and_number_of_signatures_are_bounded()
    {
        const string line = "— name AAAAAAA=\n";
        Assert.NotNull(SignedNote.Parse(Bytes("text\n\n" + string.Concat(Enumerable.Repeat(line, 100))), out _));
        Assert.Null(SignedNote.Parse(Bytes("text\n\n" + string.Concat(Enumerable.Repeat(line, 101))), out _));
        Assert.Null(SignedNote.Parse(Bytes(new string('x', SignedNote.MaxLength) + "\n\n" + line), out _));
    }

    [Fact]
    public void A_text_may_have_blank_lines_and_lines_that_look_like_signatures()
    {
        using var key = SigningKey.Create("a");
        using var other = SigningKey.Create("b");
        var text = "one\n\n" + PeterLine + "\n\n";
        var note = SignedNote.Parse(SignedNote.Sign(text, key, other), out _)!;
        Assert.Equal(text, note.Text);
        Assert.True(note.IsSignedBy(key.Verifier));
        Assert.True(note.IsSignedBy(other.Verifier));
        Assert.False(note.IsSignedBy(Peter));
    }

    [Theory]
    [InlineData("no line end")]
    [InlineData("tab\t\n")]
    [InlineData("")]
    public void A_text_that_cannot_be_a_note_is_never_signed(string text)
    {
        using var key = SigningKey.Create("name");
        Assert.ThrowsAny<ArgumentException>(() => SignedNote.Sign(text, key));
    }

    [Theory]
    [InlineData("")]
    [InlineData("PeterNeumann+c74f20a3")]
    [InlineData("PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    [InlineData("PeterNeumanx+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    [InlineData("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TX")]
    [InlineData("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T")]
    [InlineData("PeterNeumann+c74f20a3+AhpcBQcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    [InlineData("PeterNeumann+c74f20a3+ARpc2Q==")]
    [InlineData("PeterNeumann+c74f20a3+")]
    [InlineData("PeterNeumann+ c74f20a+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    [InlineData("Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    [InlineData("+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    public void A_malformed_verifier_key_is_refused_with_a_reason(string text)
    {
        Assert.Null(NoteVerifier.Parse(text, out var reason));
        Assert.NotEmpty(reason!);
    }

    [Fact]
    public void The_key_of_the_public_checksum_database_is_read()
    {
        const string text = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
        Assert.Equal(text, NoteVerifier.Parse(text, out _)!.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a+b")]
    [InlineData("a\u2028b")]
    [InlineData("a\u0001b")]
    public void A_name_that_cannot_stand_in_a_note_is_refused(string name)
    {
        Assert.ThrowsAny<ArgumentException>(() => SigningKey.Create(name));
    }

    [Fact]
    public void Half_a_surrogate_pair_is_refused_in_names_and_texts()
    {
        Assert.Throws<ArgumentException>(() => SigningKey.Create("a\ud800"));
        using var key = SigningKey.Create("name");
        Assert.ThrowsAny<ArgumentException>(() => SignedNote.Sign("half a pair \ud800\n", key));
    }

    [Fact]
    public void A_name_has_at_most_255_bytes()
    {
        using var longest = SigningKey.Create(new string('x', 255));
        Assert.Equal(255, longest.Name.Length);
        Assert.Throws<ArgumentException>(() => SigningKey.Create(new string('é', 128)));
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
