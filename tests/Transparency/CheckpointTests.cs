using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Tests.Transparency;

/// <summary>Texts of heads. The example of an origin is c2sp.org/tlog-checkpoint's, the Go texts are those of x/mod's own tests.</summary>
public sealed class CheckpointTests
{
    private const string Example = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    private const string Hello = "TszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=";
    private const string Go = "go.sum database tree\n123456789012\n" + Hello + "\n";

    [Fact]
    public void The_example_of_the_specification_is_read_and_written()
    {
        var checkpoint = Checkpoint.Parse(Example, out var reason);
        Assert.Null(reason);
        Assert.Equal("example.com/behind-the-sofa", checkpoint!.Origin);
        Assert.Equal(20852163, checkpoint.Head.Size);
        Assert.Equal("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=", checkpoint.Head.Root.ToString());
        Assert.Empty(checkpoint.Extensions);
        Assert.Equal(Example, checkpoint.ToText());
        Assert.Equal(Example, Checkpoint.Of(checkpoint.Origin, checkpoint.Head).ToText());
    }

    [Fact]
    public void Extension_lines_are_kept_up_to_a_bound()
    {
        var text = Example + string.Concat(Enumerable.Repeat("more: things\n", Checkpoint.MaxExtensions));
        var checkpoint = Checkpoint.Parse(text, out _)!;
        Assert.Equal(Checkpoint.MaxExtensions, checkpoint.Extensions.Count);
        Assert.Equal(text, checkpoint.ToText());
        Assert.Null(Checkpoint.Parse(text + "one more\n", out _));
        Assert.Null(Checkpoint.Parse(text + string.Concat(Enumerable.Repeat("x\n", 1 << 18)), out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("o\n1\n" + Hello)]
    [InlineData("o\n1\n")]
    [InlineData("\n1\n" + Hello + "\n")]
    [InlineData("o\n\n" + Hello + "\n")]
    [InlineData("o\n01\n" + Hello + "\n")]
    [InlineData("o\n00\n" + Hello + "\n")]
    [InlineData("o\n-1\n" + Hello + "\n")]
    [InlineData("o\n+1\n" + Hello + "\n")]
    [InlineData("o\n 1\n" + Hello + "\n")]
    [InlineData("o\n1 \n" + Hello + "\n")]
    [InlineData("o\n1\r\n" + Hello + "\n")]
    [InlineData("o\n0x1\n" + Hello + "\n")]
    [InlineData("o\n1e3\n" + Hello + "\n")]
    [InlineData("o\n1,000\n" + Hello + "\n")]
    [InlineData("o\n١\n" + Hello + "\n")]
    [InlineData("o\n4611686018427387905\n" + Hello + "\n")]
    [InlineData("o\n9223372036854775807\n" + Hello + "\n")]
    [InlineData("o\n9223372036854775808\n" + Hello + "\n")]
    [InlineData("o\n18446744073709551616\n" + Hello + "\n")]
    [InlineData("o\n99999999999999999999999999999999\n" + Hello + "\n")]
    [InlineData("o\n1\n" + Hello + " \n")]
    [InlineData("o\n1\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb1=\n")]
    [InlineData("o\n1\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBTOOBIG=\n")]
    [InlineData("o\n1\n" + Hello + "\n\n")]
    [InlineData("o\n1\n" + Hello + "\n\nextension\n")]
    [InlineData("o\n1\n" + Hello + "\nextension")]
    public void What_is_written_otherwise_is_refused_with_a_reason(string text)
    {
        Assert.Null(Checkpoint.Parse(text, out var reason));
        Assert.NotEmpty(reason!);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1L << 62)]
    public void Sizes_at_the_ends_are_read_and_written(long size)
    {
        var head = new TreeHead(size, MerkleTree.LeafHash("hello world"u8));
        Assert.Equal(head, Checkpoint.Parse(Checkpoint.Of("o", head).ToText(), out _)!.Head);
        Assert.Equal(head, GoTreeHead.Parse(GoTreeHead.Format(head), out _));
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("two\nlines", 1)]
    [InlineData("o", -1)]
    [InlineData("o", long.MaxValue)]
    public void What_cannot_be_written_is_refused(string origin, long size)
    {
        Assert.ThrowsAny<ArgumentException>(() => Checkpoint.Of(origin, new TreeHead(size, default)));
    }

    [Theory]
    [InlineData(Go)]
    [InlineData(Go + "JOE")]
    [InlineData(Go + "JOE\n")]
    [InlineData(Go + "\n\nmore\n")]
    public void Heads_of_checksum_databases_are_read_as_go_does(string text)
    {
        var head = new TreeHead(123456789012, MerkleTree.LeafHash("hello world"u8));
        Assert.Equal(head, GoTreeHead.Parse(text, out var reason));
        Assert.Null(reason);
        Assert.Equal(Go, GoTreeHead.Format(head));
    }

    [Theory]
    [InlineData("not-" + Go)]
    [InlineData("go.sum database tree\n0xabcdef\n" + Hello + "\n")]
    [InlineData("go.sum database tree\n123456789012\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBTOOBIG=\n")]
    [InlineData("go.sum database tree\n1\n" + Hello)]
    [InlineData("go.sum database tree\n-1\n" + Hello + "\n")]
    [InlineData("go.sum database tree\n01\n" + Hello + "\n")]
    [InlineData("go.sum database tree v2\n1\n" + Hello + "\n")]
    public void Heads_that_go_refuses_are_refused(string text)
    {
        Assert.Null(GoTreeHead.Parse(text, out var reason));
        Assert.NotEmpty(reason!);
    }
}
