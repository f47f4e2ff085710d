using System.Text;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Tests.Transparency;

/// <summary>Records, look-up answers and tiles of records, by the rules and the examples of golang.org/x/mod/sumdb/tlog's own tests.</summary>
public sealed class LogRecordTests
{
    private const string Hello = "123456789012\nhello, world\n\n";

    [Fact]
    public void A_record_is_number_text_and_a_blank_line()
    {
        var record = new LogRecord(123456789012, Bytes("hello, world\n"));
        Assert.Equal(Hello, Encoding.UTF8.GetString(record.Format()));
        byte[] message = [.. Bytes(Hello), .. "junk on end"u8, 1, 0xff];
        var read = LogRecord.Parse(message, out var length, out var reason);
        Assert.Null(reason);
        Assert.Equal(Hello.Length, length);
        Assert.Equal(record.Index, read!.Index);
        Assert.Equal(record.Text.ToArray(), read.Text.ToArray());
        Assert.Equal(MerkleTree.LeafHash("hello, world\n"u8), read.LeafHash);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("hello\nworld")]
    [InlineData("hello\n\nworld\n")]
    [InlineData("\nhello\n")]
    [InlineData("hello\n\n")]
    [InlineData("hello\u0001world\n")]
    [InlineData("hello\tworld\n")]
    [InlineData("hello\r\n")]
    public void A_text_that_could_not_be_told_from_its_end_is_never_written(string text)
    {
        Assert.False(LogRecord.IsValidText(Bytes(text)));
        Assert.Throws<InvalidOperationException>(() => new LogRecord(1, Bytes(text)).Format());
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("5\n")]
    [InlineData("not-" + Hello)]
    [InlineData("123\nhello\u0001world\n\n")]
    [InlineData("123\nhello world\n")]
    [InlineData("0x123\nhello world\n\n")]
    [InlineData("-1\nhello world\n\n")]
    [InlineData("+1\nhello world\n\n")]
    [InlineData("01\nhello world\n\n")]
    [InlineData("4611686018427387904\nhello world\n\n")]
    [InlineData("99999999999999999999\nhello world\n\n")]
    [InlineData("1\n\nhello world\n\n")]
    [InlineData("1\n\n\n")]
    public void What_is_no_record_is_refused_with_a_reason(string message)
    {
        Assert.Null(LogRecord.Parse(Bytes(message), out var length, out var reason));
        Assert.Equal(0, length);
        Assert.NotEmpty(reason!);
    }

    [Fact]
    public void Bytes_that_are_not_utf8_and_texts_beyond_the_bound_are_refused()
    {
        Assert.Null(LogRecord.Parse([.. "123\nhello"u8, 0xff, .. "world\n\n"u8], out _, out _));
        var longest = new string('x', LogRecord.MaxText - 1) + "\n";
        Assert.NotNull(LogRecord.Parse(Bytes("1\n" + longest + "\n"), out _, out _));
        Assert.Null(LogRecord.Parse(Bytes("1\nx" + longest + "\n"), out _, out _));
        Assert.Null(LogRecord.Parse(Bytes("1\n" + new string('x', 1 << 20)), out _, out _));
        Assert.Null(LogRecord.Parse(Bytes(new string('1', 1 << 20)), out _, out _));
        Assert.False(LogRecord.IsValidText(Bytes("x" + longest)));
    }

    [Fact]
    public void A_look_up_answers_with_a_record_and_a_signed_head()
    {
        using var key = SigningKey.Create("log.example");
        var head = SignedNote.Parse(SignedNote.Sign(GoTreeHead.Format(new TreeHead(6, default)), key), out _)!;
        var answer = new LookupAnswer(new LogRecord(5, Bytes("a v1 h1:x\na v1/go.mod h1:y\nextra\n")), head);
        var read = LookupAnswer.Parse(answer.Format(), out var reason);
        Assert.Null(reason);
        Assert.Equal(answer.Format(), read!.Format());
        Assert.Equal(5, read.Record.Index);
        Assert.True(read.Head.IsSignedBy(key.Verifier));
        Assert.Null(LookupAnswer.Parse(answer.Record.Format(), out reason));
        Assert.NotEmpty(reason!);
        Assert.Null(LookupAnswer.Parse(head.ToBytes(), out reason));
        Assert.NotEmpty(reason!);
    }

    [Theory]
    [InlineData(0, 256)]
    [InlineData(3, 1)]
    [InlineData(3, 200)]
    public void A_tile_of_records_is_read_back_in_both_writings(long index, int width)
    {
        var tile = new Tile(Tile.Records, index, width);
        var records = Enumerable.Range(0, width).Select(i => new LogRecord((index * 256) + i, Bytes($"record {i}\n"))).ToList();
        AssertSame(records, RecordTile.Parse(tile, RecordTile.Format(records), out _));
        AssertSame(records, RecordTile.ParseBundle(tile, RecordTile.FormatBundle(records), out _));
    }

    [Fact]
    public void A_tile_with_other_records_than_its_own_is_refused()
    {
        var tile = new Tile(Tile.Records, 2, 3);
        var records = Enumerable.Range(512, 3).Select(i => new LogRecord(i, Bytes($"record {i}\n"))).ToList();
        var (data, bundle) = (RecordTile.Format(records), RecordTile.FormatBundle(records));
        foreach (var bad in new[] { data[..^1], data[1..], [.. data, (byte)'\n'], [.. data, .. records[0].Format()], [], RecordTile.Format(records[1..]), RecordTile.Format(records.AsEnumerable().Reverse()) })
        {
            Assert.Null(RecordTile.Parse(tile, bad, out var reason));
            Assert.NotEmpty(reason!);
        }

        foreach (var bad in new[] { bundle[..^1], bundle[..1], [.. bundle, 0], [], [0xff, 0xff, 1] })
        {
            Assert.Null(RecordTile.ParseBundle(tile, bad, out var reason));
            Assert.NotEmpty(reason!);
        }
    }

    private static void AssertSame(IReadOnlyList<LogRecord> expected, IReadOnlyList<LogRecord>? read)
    {
        Assert.Equal(expected.Select(record => record.Index), read!.Select(record => record.Index));
        Assert.All(expected.Zip(read!), pair => Assert.Equal(pair.First.Text.ToArray(), pair.Second.Text.ToArray()));
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
