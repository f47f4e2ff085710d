using Athens.Federation.Node.Provenance.Pool;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Retrieval;
using Athens.Federation.Tests.Support;
using Athens.Federation.Tests.Telemetry;

namespace Athens.Federation.Tests.Provenance.Pool;

/// <summary>Orgs with keys that are the same in every run, a clock, and books that can be opened again.</summary>
internal sealed class PoolRig : IDisposable
{
    private readonly List<PoolBook> books = [];
    private readonly Dictionary<string, SigningKey> keys = new(StringComparer.Ordinal);

    public ManualTime Time { get; } = new();

    public LogCapture Log { get; } = new();

    public TemporaryFolder Folder { get; } = new("pool");

    /// <summary>In whole seconds.</summary>
    public DateTimeOffset Now => Time.GetUtcNow();

    /// <summary>The key of an org; another generation is another key.</summary>
    public SigningKey Key(string org, int generation = 1)
    {
        var id = $"{org} {generation}";
        if (!keys.TryGetValue(id, out var key))
        {
            var seed = System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(id));
            using var nameless = SigningKey.FromSeed("x", seed);
            var digits = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(nameless.PublicKey.Span))[..8];
            key = keys[id] = SigningKey.FromSeed($"{org}/org/{digits}", seed);
        }

        return key;
    }

    public PoolOrg Org(string org, int generation = 1) => new(org, Key(org, generation).Verifier);

    public PoolBook Book(string? name = null, Action<string>? written = null)
    {
        var book = PoolBook.Open(name is null ? null : Path.Combine(Folder.Path, name), Time, Log.CreateLogger("pool"), written);
        books.Add(book);
        return book;
    }

    /// <summary>A root of these orgs, threshold the majority; not signed.</summary>
    public PoolRoot First(params string[] orgs)
    {
        var root = PoolRoot.First("team", Org(orgs[0]), quorum: 1, Now);
        return orgs.Skip(1).Aggregate(root, (was, org) => was.AddOrg(Org(org)));
    }

    public byte[] Sign(PoolRoot root, params string[] orgs) => SignedNote.Sign(root.Text, [.. orgs.Select(org => Key(org))]);

    /// <summary>A book whose pool has these orgs in its first root.</summary>
    public PoolBook Pool(string[] orgs, string? folder = null, string? own = null)
    {
        var book = Book(folder);
        var root = First(orgs);
        Is(PoolEnd.Taken, book.Join(root.Sha256, [Sign(root, orgs)], own ?? orgs[0]));
        return book;
    }

    /// <summary>A root that follows, not signed.</summary>
    public PoolRoot Next(PoolRoot parent, Func<PoolRoot, PoolRoot> change, long version) => change(parent).Following(parent, version, Now);

    public NodeStatement Node(string poolId, string org, string node, TimeSpan? life = null, DateTimeOffset? issued = null) =>
        NodeStatement.Create(poolId, org, Describe(node), issued ?? Now, life ?? NodeStatement.UsualLife);

    public byte[] Signed(NodeStatement statement, int generation = 1) => statement.Sign(Key(statement.Org, generation));

    /// <summary>The node of this name: its keys follow from it.</summary>
    public NodeDescription Describe(string node)
    {
        var key = Key("node-" + node);
        return new NodeDescription(node, key.PublicKey, key.Verifier, CosignatureVerifier.Of(key), [$"{node}.example:7443"]);
    }

    public static void Is(PoolEnd end, PoolTaken taken)
    {
        Assert.False(string.IsNullOrEmpty(taken.Reason));
        Assert.True(end == taken.End, $"{taken.End} and not {end}: {taken.Reason}");
    }

    public int Told(int id) => Log.Lines.Count(line => line.Id.Id == Athens.Federation.Node.Telemetry.EventIds.Provenance + id);

    public void Dispose()
    {
        books.ForEach(book => book.Dispose());
        foreach (var key in keys.Values)
        {
            key.Dispose();
        }

        Folder.Dispose();
    }
}
