using System.Collections.Concurrent;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.PublicDatabases;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Storage;

/// <summary>The archive of a node that keeps its modules in memory, for development.</summary>
internal sealed class MemoryDatabaseArchive : IDatabaseArchive
{
    /// <summary>Bytes of texts and tiles: thousands of look-ups. Beyond it nothing new is proven.</summary>
    public const long Limit = 64L << 20;

    /// <summary>Guards <see cref="bytes"/> and keeps an addition whole.</summary>
    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<ModuleVersion, KeptRecord> records = [];
    private readonly ConcurrentDictionary<TilePlace, byte[]> tiles = [];
    private volatile byte[]? head;
    private long bytes;

    public ValueTask<byte[]?> HeadAsync(CancellationToken cancellationToken) => new(head);

    public ValueTask<KeptRecord?> FindAsync(ModuleVersion module, CancellationToken cancellationToken) => new(records.GetValueOrDefault(module));

    public ValueTask<IReadOnlyList<byte[]?>> TilesAsync(IReadOnlyList<TilePlace> places, CancellationToken cancellationToken) =>
        new([.. places.Select(place => tiles.GetValueOrDefault(place))]);

    public Task KeepAsync(ArchiveAddition addition, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            var more = addition.Tiles.Sum(tile => tile.Hashes.Length) + (addition.Record?.Text.Length ?? 0);
            if (bytes + more > Limit)
            {
                throw new StoreFailedException($"The memory store keeps at most {Limit >> 20} MiB of checksum databases. Use [storage] kind = \"disk\".", null)
                {
                    NoSpace = true,
                };
            }

            bytes += more;
            foreach (var tile in addition.Tiles)
            {
                tiles.AddOrUpdate(tile.Place, _ => tile.Hashes.ToArray(), (_, old) => tile.Hashes.Length < old.Length ? old : tile.Hashes.ToArray());
            }

            if (addition.Record is { } record)
            {
                records[record.Module] = record;
            }

            head = addition.Head ?? head;
        }

        return Task.CompletedTask;
    }
}
