using System.Text;
using Athens.Federation.Node.Storage;

namespace Athens.Federation.Tests.Storage;

public sealed class RecordPackingTests
{
    private const string H1 = "h1:FEBLx1zS214owpjy7qsBeixbURkuhQAwrK5UwLGTwt4=";
    private const string Hex = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    private static readonly string Usual =
        $"github.com/pkg/errors v0.9.1 {H1}\ngithub.com/pkg/errors v0.9.1/go.mod {H1}\nzip sha256:{Hex} 12345\ninfo sha256:{Hex} 79\n"
        + "origin git https://github.com/pkg/errors refs/tags/v0.9.1 614d223910a179a466c1767a985424175c39b465\nobserved 2026-11-20T16:56:00Z direct go1.23.5\n"
        + "sumdb sum.golang.org 1234\nsalt 00112233445566778899aabbccddeeff\n";

    public static TheoryData<string> Texts => new(
        Usual,
        "",
        "\n",
        "x",
        "no blank\n",
        "one blank\n",
        $"a b {H1}\na b/go.mod {H1}\n",
        $"a b {H1[..^2]}3=\n",
        $"a b {H1[..^1]}\n{H1}{H1}h1:h1:",
        $"a b c\na b\na ba b a\n a b",
        $"p v x\nzip sha256:{Hex.ToUpperInvariant()} 1\nzip sha256:{Hex}0 1\n sha256:{Hex[1..]} chunks:{Hex}{Hex}",
        "p v x\nsalt 0011\n 614d223910a179a466c1767a985424175c39b465614d\nobserved 20observed 20\n",
        "ünïcode v1 ☃\nünïcode v1 ünïcode\n");

    [Theory]
    [MemberData(nameof(Texts))]
    public void What_was_packed_comes_back(string text) =>
        Assert.Equal(text, Encoding.UTF8.GetString(RecordPacking.Unpack(RecordPacking.Pack(Encoding.UTF8.GetBytes(text)))));

    [Fact]
    public void Any_text_without_control_characters_comes_back()
    {
        var random = new Random(7);
        for (var round = 0; round < 3000; round++)
        {
            // The usual record, cut and shuffled.
            var pieces = Enumerable.Range(0, random.Next(1, 6)).Select(_ => Usual[random.Next(Usual.Length)..]);
            var text = string.Concat(pieces.Select(piece => piece[..random.Next(piece.Length + 1)]));
            Assert.Equal(text, Encoding.UTF8.GetString(RecordPacking.Unpack(RecordPacking.Pack(Encoding.UTF8.GetBytes(text)))));
        }
    }

    [Fact]
    public void A_usual_record_takes_less_than_half() =>
        Assert.InRange(RecordPacking.Pack(Encoding.UTF8.GetBytes(Usual)).Length, 1, Usual.Length / 2);

    [Fact]
    public void What_cannot_be_packed_is_refused()
    {
        for (var c = 0; c < 0x20; c++)
        {
            if (c != '\n')
            {
                Assert.Throws<ArgumentException>(() => RecordPacking.Pack([(byte)'a', (byte)c]));
            }
        }
    }

    [Fact]
    public void Damage_is_noticed_or_harmless()
    {
        var packed = RecordPacking.Pack(Encoding.UTF8.GetBytes(Usual));
        for (var at = 0; at < packed.Length; at++)
        {
            for (var token = 0; token < 0x20; token++)
            {
                byte[] damaged = [.. packed[..at], (byte)token];
                try
                {
                    RecordPacking.Unpack(damaged);
                }
                catch (InvalidDataException)
                {
                }
            }
        }
    }
}
