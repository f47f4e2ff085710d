using System.Globalization;
using System.Text;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Transparency;

/// <summary>A checksum database made with the Transparency room, as files, read by Go's own client; and what that client says when one lies.</summary>
public sealed class GoLookupTests : IClassFixture<GoOracle>, IDisposable
{
    private const int Records = 600;

    private readonly GoOracle go;
    private readonly TemporaryFolder folder = new("sumdb");
    private readonly SigningKey key = SigningKey.Create("log.example/pool");
    private readonly SigningKey witness = SigningKey.Create("witness.example");

    public GoLookupTests(GoOracle go) => this.go = go;

    public void Dispose()
    {
        folder.Dispose();
        key.Dispose();
        witness.Dispose();
    }

    [GoOracleFact]
    public async Task Go_finds_every_module_whatever_head_comes_with_it()
    {
        var database = await PublishAsync("database", Lines);
        int[] wanted = [5, 599, 0, 255, 256, 257, 511, 300];
        var run = (await go.LookAsync(database, key.Verifier.ToString(), [.. wanted.Select(Module)])).OrFail();
        Assert.Equal(string.Concat(wanted.Select(i => Lines(i).Split('\n')[0] + "\n")), run.Output);
    }

    [GoOracleFact]
    public async Task Go_refuses_a_record_or_a_tile_that_was_changed()
    {
        var database = await PublishAsync("database", Lines);
        foreach (var file in new[] { "lookup/example.com/m300@v1.0.300", "tile/8/0/001.p/145", "tile/8/1/000.p/1" })
        {
            var path = Path.Combine(database, file);
            var good = await File.ReadAllBytesAsync(path);
            byte[] bad = [.. good];
            bad[20] ^= 1;
            await File.WriteAllBytesAsync(path, bad);
            Assert.NotEqual(0, (await go.LookAsync(database, key.Verifier.ToString(), Module(300))).ExitCode);
            await File.WriteAllBytesAsync(path, good);
            (await go.LookAsync(database, key.Verifier.ToString(), Module(300))).OrFail();
        }
    }

    [GoOracleFact]
    public async Task Go_cries_out_when_the_log_forks_and_so_does_the_room()
    {
        var honest = await PublishAsync("honest", Lines);
        var forked = await PublishAsync("forked", i => i == 100 ? Lines(i).Replace("zip", "another", StringComparison.Ordinal) : Lines(i));

        // The client has seen the forked log's last head, then meets an earlier head of the other history.
        File.Copy(Path.Combine(honest, $"lookup/{Module(300)}"), Path.Combine(forked, $"lookup/{Module(300)}"), overwrite: true);
        var run = await go.LookAsync(forked, key.Verifier.ToString(), Module(599), Module(300));
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("SECURITY ERROR", run.Output, StringComparison.Ordinal);

        // Go's client stopped at an older head; here two heads of one size settle it.
        var (one, other) = (HeadOf(honest), HeadOf(forked));
        Assert.Equal(HeadChange.Forked, HeadComparison.Of(one, other, []).Change);
    }

    private static string Module(int i) => string.Create(CultureInfo.InvariantCulture, $"example.com/m{i}@v1.0.{i}");

    private static string Lines(int i)
    {
        var (module, version) = (Module(i).Split('@')[0], Module(i).Split('@')[1]);
        return $"{module} {version} h1:zip{i}=\n{module} {version}/go.mod h1:mod{i}=\nzip sha256:00 1\nobserved today\n";
    }

    /// <summary>The database as files: look-ups with heads of every kind of size, /latest, and the tiles of all these heads.</summary>
    private async Task<string> PublishAsync(string name, Func<int, string> lines)
    {
        var root = folder.Folder(name);
        var (edge, stored) = (new RightEdge(), new List<MerkleHash>());
        var (heads, written) = (new List<TreeHead>(), new HashSet<Tile>());
        for (var i = 0; i < Records; i++)
        {
            edge.Append(MerkleTree.LeafHash(Encoding.UTF8.GetBytes(lines(i))), stored);
            heads.Add(edge.Head);
        }

        for (var i = 0; i < Records; i++)
        {
            var head = heads[Math.Min(Records - 1, i + (i * 37 % 200))];
            var answer = new LookupAnswer(new LogRecord(i, Encoding.UTF8.GetBytes(lines(i))), Sign(head));
            Write(root, $"lookup/{Module(i)}", answer.Format());
            foreach (var tile in Tile.Grown(0, head.Size).Where(written.Add))
            {
                var content = await TileContent.ReadAsync(tile, new Kept(stored), default);
                Write(root, TilePath.FormatGo(tile), content.Bytes.ToArray());
            }
        }

        Write(root, "latest", Sign(heads[^1]).ToBytes());
        return root;
    }

    /// <summary>Signed by the log, with a cosignature and a stranger's line, which Go is to pass over.</summary>
    private SignedNote Sign(TreeHead head)
    {
        var note = SignedNote.Parse(SignedNote.Sign(GoTreeHead.Format(head), key), out _)!;
        return note.With(Cosignature.Sign(note, witness, DateTimeOffset.UnixEpoch.AddDays(20_000)), new NoteSignature("stranger", 1, new byte[] { 9 }));
    }

    private static TreeHead HeadOf(string database) =>
        GoTreeHead.Parse(SignedNote.Parse(File.ReadAllBytes(Path.Combine(database, "latest")), out _)!.Text, out _)!.Value;

    private static void Write(string root, string file, byte[] bytes)
    {
        var path = Path.Combine(root, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
    }

    private sealed record Kept(List<MerkleHash> Hashes) : IHashReader
    {
        public ValueTask<MerkleHash[]> ReadAsync(ReadOnlyMemory<long> storedIndexes, CancellationToken cancellationToken) =>
            ValueTask.FromResult(storedIndexes.ToArray().Select(index => Hashes[(int)index]).ToArray());
    }
}
