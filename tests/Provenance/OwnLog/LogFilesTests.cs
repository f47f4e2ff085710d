using System.Text;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Tests.Provenance.OwnLog;

/// <summary>The log as files: every tile of every width, in both writings, and nothing beyond the published head.</summary>
public sealed class LogFilesTests
{
    private const int Records = 10_000;

    [Fact]
    public async Task Every_tile_of_ten_thousand_records_is_there_at_every_width()
    {
        await using var rig = await LogRig.StartAsync(Records);
        var files = new LogFiles(rig.Log);
        var stored = new List<MerkleHash>();
        var edge = new RightEdge();
        foreach (var index in Enumerable.Range(0, (Records + 255) / 256))
        {
            foreach (var record in (await rig.Log.RecordsAsync(Tile.Find(Tile.Records, index, Records)!.Value, default))!)
            {
                edge.Append(record.LeafHash, stored);
            }
        }

        // Each width that a client with some older head asks for; all of them at the edges, some elsewhere.
        foreach (var size in Enumerable.Range(1, Records).Where(size => size < 600 || size > Records - 300 || size % 97 == 0))
        {
            foreach (var tile in Tile.Grown(size - 1, size))
            {
                var expected = await TileContent.ReadAsync(tile, new Kept(stored), default);
                foreach (var path in new[] { TilePath.FormatGo(tile), TilePath.Format(tile) })
                {
                    var file = await files.ReadAsync(path, default);
                    Assert.True(file!.IsImmutable);
                    Assert.Equal(expected.Bytes.ToArray(), file.Bytes.ToArray());
                }
            }
        }
    }

    [Fact]
    public async Task Records_come_in_both_writings()
    {
        await using var rig = await LogRig.StartAsync(records: 260);
        var files = new LogFiles(rig.Log);
        foreach (var tile in new[] { new Tile(Tile.Records, 0, 256), new Tile(Tile.Records, 1, 4), new Tile(Tile.Records, 1, 3), new Tile(Tile.Records, 0, 17) })
        {
            var data = await files.ReadAsync(TilePath.FormatGo(tile), default);
            var bundle = await files.ReadAsync(TilePath.Format(tile), default);
            Assert.Equal(
                RecordTile.Parse(tile, data!.Bytes.Span, out _)!.Select(record => record.LeafHash),
                RecordTile.ParseBundle(tile, bundle!.Bytes.Span, out _)!.Select(record => record.LeafHash));
        }
    }

    [Fact]
    public async Task A_look_up_has_the_record_and_a_head_that_has_it()
    {
        await using var rig = await LogRig.StartAsync(records: 5);
        var answer = LookupAnswer.Parse((await new LogFiles(rig.Log).LookupAsync(SampleRecord.Module(3), default))!, out var reason);
        Assert.Null(reason);
        Assert.StartsWith("example.com/m", Encoding.UTF8.GetString(answer!.Record.Text.Span), StringComparison.Ordinal);
        Assert.True(answer.Head.IsSignedBy(rig.Key.Verifier));
        Assert.Equal(5, GoTreeHead.Parse(answer.Head.Text, out _)!.Value.Size);
        Assert.Null(await new LogFiles(rig.Log).LookupAsync(SampleRecord.Module(5), default));
    }

    [Theory]
    [InlineData("tile/8/0/000.p/6")]
    [InlineData("tile/8/0/000")]
    [InlineData("tile/8/1/000.p/1")]
    [InlineData("tile/8/0/001.p/1")]
    [InlineData("tile/8/data/000.p/6")]
    [InlineData("tile/4/0/000.p/5")]
    [InlineData("tile/8/0/0.p/5")]
    [InlineData("tile/8/0/000.p/0")]
    [InlineData("tile/8/0/000.p/256")]
    [InlineData("tile/8/0/-01")]
    [InlineData("tile/8/9/000")]
    [InlineData("tile/8/0/x999/x999/x999/x999/x999/x999/999")]
    [InlineData("tile/../latest")]
    [InlineData("supported")]
    [InlineData("")]
    [InlineData("latest/")]
    public async Task What_the_log_does_not_have_is_not_made_up(string path)
    {
        await using var rig = await LogRig.StartAsync(records: 5);
        Assert.Null(await new LogFiles(rig.Log).ReadAsync(path, default));
    }

    private sealed record Kept(List<MerkleHash> Hashes) : IHashReader
    {
        public ValueTask<MerkleHash[]> ReadAsync(ReadOnlyMemory<long> storedIndexes, CancellationToken cancellationToken) =>
            ValueTask.FromResult(storedIndexes.ToArray().Select(index => Hashes[(int)index]).ToArray());
    }
}
