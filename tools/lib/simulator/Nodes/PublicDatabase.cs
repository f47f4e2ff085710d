using System.Text;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.LogKeys;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Provenance.PublicDatabases;
using Athens.Federation.Node.Storage;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Simulator.Clock;
using Microsoft.Extensions.Logging.Abstractions;

namespace Athens.Federation.Simulator.Nodes;

/// <summary>The checksum database that everybody trusts: a real log of nearly all module versions, a continent away.</summary>
internal sealed class PublicDatabase : IDatabaseSource
{
    private static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(60);

    private readonly NodeLog log;
    private readonly LogFiles files;
    private readonly SimulatedTime time;

    private PublicDatabase(NodeLog log, SimulatedTime time)
    {
        this.log = log;
        this.time = time;
        files = new LogFiles(log);
    }

    public DatabaseIdentity Identity => new(log.Key, new Uri("https://sum.example.org/"));

    public static async Task<PublicDatabase> CreateAsync(int count, SimulatedTime time, SigningKey key)
    {
        MemoryLogStore store = new();
        LogGrowth growth = await LogGrowth.ReadAsync(0, new NoTiles(), CancellationToken.None);
        List<NewRecord> records = new(count);
        foreach (int number in Enumerable.Range(0, count).Where(World.IsProven))
        {
            ModuleVersion module = World.Module(number);
            byte[] text = Encoding.UTF8.GetBytes(
                $"{module.Path} {module.Version} {World.ZipHash(module)}\n{module.Path} {module.Version}/go.mod {DirHash.OfGoMod(World.Mod(module))}\n");
            records.Add(new NewRecord(records.Count, module, text, default));
            growth.Append(MerkleTree.LeafHash(text));
        }

        LogSigner signer = new(key);
        await store.CommitAsync(new LogCommit(records, growth.TakeTiles(), signer.Sign(growth.Head).ToStored()), CancellationToken.None);
        return new PublicDatabase(await NodeLog.OpenAsync(store, signer, null, NullLogger.Instance, CancellationToken.None), time);
    }

    public async Task<SourceAnswer> GetAsync(string resource, int maxLength, CancellationToken cancellationToken)
    {
        await Task.Delay(RoundTrip, time, cancellationToken);
        if (resource.Split('/', 2) is ["lookup", var asked] && asked.Split('@') is [var path, var version])
        {
            return ModuleVersion.Create(path, version, out _) is { } module && await files.LookupAsync(module, cancellationToken) is { } found
                ? SourceAnswer.Found(found)
                : SourceAnswer.Absent("not found");
        }

        return await files.ReadAsync(resource, cancellationToken) is { } file ? SourceAnswer.Found(file.Bytes) : SourceAnswer.Absent("not found");
    }

    private sealed class NoTiles : ILogTiles
    {
        public ValueTask<ReadOnlyMemory<byte>?> TileAsync(int level, long index, CancellationToken cancellationToken) => new((ReadOnlyMemory<byte>?)null);
    }
}
