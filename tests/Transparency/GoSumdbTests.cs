using System.Globalization;
using System.Text;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Tests.Transparency;

/// <summary>The Transparency room and Go's own packages check each other's logs, proofs and texts.</summary>
public sealed class GoSumdbTests(GoOracle go) : IClassFixture<GoOracle>
{
    private static readonly GrownTree Tree = new(300);

    [GoOracleFact]
    public async Task A_log_that_go_makes_is_the_one_that_is_made_here()
    {
        using var key = SigningKey.Create("log.example/go");
        var made = await go.MakeAsync(key.ExportText());
        var (edge, stored) = (new RightEdge(), new List<MerkleHash>());
        for (var i = 0; i < made.Records.Length; i++)
        {
            var record = LogRecord.Parse(made.Records[i], out var length, out var reason);
            Assert.True(record is not null && length == made.Records[i].Length, reason);
            Assert.Equal(made.Records[i], record.Format());
            edge.Append(record.LeafHash, stored);
            Assert.Equal(made.Roots[i], edge.Root.ToString());
        }

        Assert.Equal(made.Stored, stored.Select(hash => hash.ToString()));
        var reader = new Kept(stored);
        foreach (var (path, bytes) in made.Tiles)
        {
            var tile = TilePath.ParseGo(path);
            Assert.NotNull(tile);
            Assert.Equal(bytes, (await TileContent.ReadAsync(tile.Value, reader, default)).Bytes.ToArray());
        }

        Assert.All(Tile.Grown(0, 600), tile => Assert.Contains(TilePath.FormatGo(tile), made.Tiles.Keys));
        Assert.All(made.Heads, bytes =>
        {
            var note = SignedNote.Parse(bytes, out _)!;
            Assert.True(note.IsSignedBy(key.Verifier));
            var head = GoTreeHead.Parse(note.Text, out _)!.Value;
            Assert.Equal(made.Roots[head.Size - 1], head.Root.ToString());
            Assert.Equal(note.Text, GoTreeHead.Format(head));
        });
    }

    [GoOracleFact]
    public async Task Proofs_that_go_makes_hold_and_are_those_made_here()
    {
        using var key = SigningKey.Create("log.example/go");
        var made = await go.MakeAsync(key.ExportText());
        var reader = new Kept([.. made.Stored.Select(Hash)]);
        foreach (var proof in made.Proofs)
        {
            Assert.True(Holds(proof));
            var ours = proof.Tree
                ? await ConsistencyProof.ProveAsync(proof.N, proof.Size, reader, default)
                : await InclusionProof.ProveAsync(proof.N, proof.Size, reader, default);
            Assert.Equal(proof.Hashes ?? [], ours.Select(hash => hash.ToString()));
        }
    }

    [GoOracleFact]
    public async Task Go_accepts_the_same_proofs_and_refuses_the_same_damaged_ones()
    {
        var random = new Random(62);
        var proofs = new List<GoProof>();
        for (var i = 0; i < 3000; i++)
        {
            var size = random.Next(1, 300);
            var tree = i % 2 == 0;
            var n = tree ? random.Next(1, size + 1) : random.Next(size);
            var hashes = tree ? await ConsistencyProof.ProveAsync(n, size, Tree, default) : await InclusionProof.ProveAsync(n, size, Tree, default);
            var hash = tree ? Tree.HeadAt(n).Root : GrownTree.Leaf(n);
            var proof = new GoProof(tree, size, Tree.HeadAt(size).Root.ToString(), n, hash.ToString(), [.. hashes.Select(one => one.ToString())]);
            proofs.Add(i % 3 == 0 ? proof : Damage(proof, random));
        }

        var answers = await go.CheckAsync(new GoQuestions(proofs, [], [], []));
        Assert.All(proofs.Zip(answers.Proofs!), pair => Assert.True(Holds(pair.First) == pair.Second, pair.First.ToString()));
        Assert.Contains(answers.Proofs!, holds => holds);
        Assert.Contains(answers.Proofs!, holds => !holds);
    }

    [GoOracleFact]
    public async Task What_is_read_here_go_reads_alike()
    {
        var random = new Random(8);
        var paths = Enumerable.Range(0, 3000).Select(_ => Mutate(TilePath.FormatGo(SomeTile(random)), random)).ToList();
        var trees = Enumerable.Range(0, 3000).Select(_ => Mutate(GoTreeHead.Format(new TreeHead(random.NextInt64(1, 2000), MerkleTree.Empty)) + "x\n", random)).ToList();
        var records = Enumerable.Range(0, 3000).Select(_ => Mutate($"{random.Next(20)}\na b\nc\n\nrest", random)).ToList();
        var answers = await go.CheckAsync(new GoQuestions([], paths, [.. trees.Select(Encoding.UTF8.GetBytes)], [.. records.Select(Encoding.UTF8.GetBytes)]));
        for (var i = 0; i < paths.Count; i++)
        {
            var tile = TilePath.ParseGo(paths[i]) is { } read ? $"8 {read.Level} {read.Index} {read.Width}" : "";
            Assert.True(tile == answers.Paths![i] || (tile.Length == 0 && IsOutside(answers.Paths[i])), $"{paths[i]}: {tile}, {answers.Paths[i]}");

            // Stricter than Go: signs before numbers, stray bits in base64, a blank first line.
            var head = GoTreeHead.Parse(trees[i], out _) is { } parsed ? $"{parsed.Size} {parsed.Root}" : "";
            Assert.True(head == answers.Trees![i] || head.Length == 0, $"{trees[i]}: {head}, {answers.Trees[i]}");
            var record = LogRecord.Parse(Encoding.UTF8.GetBytes(records[i]), out var length, out _) is { } one
                ? string.Create(CultureInfo.InvariantCulture, $"{one.Index} {Convert.ToHexStringLower(one.Text.Span)} {length}")
                : "";
            Assert.True(record == answers.Records![i] || record.Length == 0, $"{records[i]}: {record}, {answers.Records[i]}");
        }

        Assert.Contains(answers.Paths!, path => path.Length > 0);
        Assert.Contains(answers.Trees!, tree => tree.Length == 0);
    }

    /// <summary>Go reads the names of tiles of any height, and of places that no tree has.</summary>
    private static bool IsOutside(string tile)
    {
        var numbers = tile.Split(' ').Select(number => long.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        return numbers[0] != Tile.Height || numbers[1] > Tile.MaxLevel || !new Tile((int)numbers[1], numbers[2], (int)numbers[3]).IsWithin(MerkleTree.MaxSize);
    }

    private static bool Holds(GoProof proof)
    {
        MerkleHash[] hashes = [.. (proof.Hashes ?? []).Select(Hash)];
        var head = new TreeHead(proof.Size, Hash(proof.Root));
        return proof.Tree
            ? ConsistencyProof.Verify(hashes, new TreeHead(proof.N, Hash(proof.Hash)), head)
            : InclusionProof.Verify(hashes, head, proof.N, Hash(proof.Hash));
    }

    private static GoProof Damage(GoProof proof, Random random) => random.Next(7) switch
    {
        0 => proof with { N = proof.N + 1 },
        1 => proof with { Size = proof.Size + random.Next(1, 3) },
        2 => proof with { Size = Math.Max(1, proof.Size - 1) },
        3 => proof with { Hashes = [.. proof.Hashes!, proof.Root] },
        4 => proof with { Hashes = [.. proof.Hashes!.Skip(1)] },
        5 => proof with { Hash = proof.Root },
        _ => proof with { Hashes = [.. proof.Hashes!.Reverse()] },
    };

    private static Tile SomeTile(Random random) =>
        new(random.Next(-1, 4), random.NextInt64(0, 1L << random.Next(1, 30)), random.Next(2) == 0 ? Tile.FullWidth : random.Next(1, 256));

    private static string Mutate(string text, Random random)
    {
        const string characters = "0123456789x/.p-+ \ndat=AZ";
        var place = random.Next(text.Length);
        return random.Next(4) switch
        {
            0 => text,
            1 => text.Remove(place, 1),
            2 => text.Insert(place, characters[random.Next(characters.Length)].ToString()),
            _ => text.Remove(place, 1).Insert(place, characters[random.Next(characters.Length)].ToString()),
        };
    }

    private static MerkleHash Hash(string text) => MerkleHash.TryParse(text, out var hash) ? hash : throw new FormatException(text);

    private sealed record Kept(List<MerkleHash> Hashes) : IHashReader
    {
        public ValueTask<MerkleHash[]> ReadAsync(ReadOnlyMemory<long> storedIndexes, CancellationToken cancellationToken) =>
            ValueTask.FromResult(storedIndexes.ToArray().Select(index => Hashes[(int)index]).ToArray());
    }
}
