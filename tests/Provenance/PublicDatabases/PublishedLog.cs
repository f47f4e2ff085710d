using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.PublicDatabases;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Tests.Provenance.PublicDatabases;

/// <summary>A checksum database in memory that answers as golang.org/x/mod/sumdb's server does, and does worse when told.</summary>
internal sealed class PublishedLog : IDatabaseSource, IHashReader, IDisposable
{
    private readonly SigningKey key;
    private readonly RightEdge edge = new();
    private readonly List<MerkleHash> stored = [];
    private readonly List<byte[]> texts = [];
    private readonly Dictionary<string, long> numbers = new(StringComparer.Ordinal);
    private readonly Lock gate = new();

    public PublishedLog(string name = "sum.example.org/public")
        : this(SigningKey.Create(name))
    {
    }

    private PublishedLog(SigningKey key) => this.key = key;

    public DatabaseIdentity Identity => DatabaseIdentity.Parse($"{key.Verifier} https://{key.Name}", out _)!;

    public long Size => edge.Size;

    /// <summary>The resources asked for.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>Look-ups come with the head of this size, as from a cache on the way; 0: with the newest.</summary>
    public long LookupHead { get; set; }

    /// <summary>Changes an answer; null leaves it.</summary>
    public Func<string, SourceAnswer, SourceAnswer?>? Tamper { get; set; }

    public static ModuleVersion Module(int n) => ModuleVersion.Create($"example.org/m{n}", "v1.0.0", out _)!;

    public static string H1(string of) => "h1:" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(of)));

    /// <summary>Adds the records of the modules 0 to <paramref name="count"/> - 1 that are not there yet.</summary>
    public PublishedLog Grow(int count)
    {
        for (var n = texts.Count; n < count; n++)
        {
            var module = Module(n);
            Add(module, $"{module.Path} {module.Version} {H1($"{module}")}\n{module.Path} {module.Version}/go.mod {H1($"{module}/go.mod")}\n");
        }

        return this;
    }

    public long Add(ModuleVersion module, string text)
    {
        lock (gate)
        {
            numbers[$"lookup/{ModulePath.Escape(module.Path)}@{ModulePath.Escape(module.Version)}"] = texts.Count;
            texts.Add(Encoding.UTF8.GetBytes(text));
            edge.Append(MerkleTree.LeafHash(texts[^1]), stored);
            return texts.Count - 1;
        }
    }

    /// <summary>Another log of the same key, with the first records of this one.</summary>
    public PublishedLog Fork(int common)
    {
        var fork = new PublishedLog(key);
        foreach (var (resource, number) in numbers.Where(entry => entry.Value < common).OrderBy(entry => entry.Value))
        {
            fork.numbers[resource] = number;
            fork.texts.Add(texts[(int)number]);
            fork.edge.Append(MerkleTree.LeafHash(texts[(int)number]), fork.stored);
        }

        return fork;
    }

    /// <summary>Any text, signed by the database's key.</summary>
    public byte[] SignText(string text) => SignedNote.Sign(text, key);

    public TreeHead HeadAt(long size)
    {
        TreeNode[] nodes = [.. new TreeRange(0, size).Cover()];
        return new TreeHead(size, TreeRange.Fold(nodes, nodes.Select(node => stored[(int)node.StoredIndex]).ToArray()));
    }

    public byte[] Sign(TreeHead head) => SignedNote.Sign(GoTreeHead.Format(head), key);

    public byte[] Lookup(long number, long headSize) =>
        [.. new LogRecord(number, texts[(int)number]).Format(), .. Sign(HeadAt(headSize == 0 ? Size : headSize))];

    public async Task<SourceAnswer> GetAsync(string resource, int maxLength, CancellationToken cancellationToken)
    {
        SourceAnswer honest;
        lock (gate)
        {
            Asked.Add(resource);
            honest = Honest(resource);
        }

        var answer = Tamper?.Invoke(resource, honest) ?? honest;
        await Task.Yield();
        return answer.Body.Length > maxLength ? SourceAnswer.Failed("too long") : answer;
    }

    public ValueTask<MerkleHash[]> ReadAsync(ReadOnlyMemory<long> storedIndexes, CancellationToken cancellationToken) =>
        ValueTask.FromResult(storedIndexes.ToArray().Select(index => stored[(int)index]).ToArray());

    public void Dispose() => key.Dispose();

    /// <summary>As text in C#'s own words, so that a mistake in the node's parsing is not made twice.</summary>
    public static string Path(int level, long index, int width) => string.Create(
        CultureInfo.InvariantCulture, $"tile/8/{level}/{index:D3}{(width == 256 ? "" : $".p/{width}")}");

    private SourceAnswer Honest(string resource)
    {
        if (resource == "latest")
        {
            return SourceAnswer.Found(Sign(edge.Head));
        }

        if (numbers.TryGetValue(resource, out var number))
        {
            return SourceAnswer.Found(Lookup(number, Math.Max(LookupHead, LookupHead == 0 ? 0 : number + 1)));
        }

        return TilePath.ParseGo(resource) is { Level: >= 0 } tile && tile.IsWithin(Size)
            ? SourceAnswer.Found(TileContent.ReadAsync(tile, this, default).AsTask().GetAwaiter().GetResult().Bytes)
            : SourceAnswer.Absent("not found");
    }
}
