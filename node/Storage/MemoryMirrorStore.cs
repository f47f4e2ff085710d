using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.Mirrors;

namespace Athens.Federation.Node.Storage;

/// <summary>Mirrored logs for development and tests: gone with the process.</summary>
internal sealed class MemoryMirrorStore : IMirrorStore
{
    // Guards everything below.
    private readonly Lock gate = new();
    private readonly List<KeptMirror> logs = [];
    private readonly Dictionary<(int Log, long Number), ReadOnlyMemory<byte>> texts = [];
    private readonly Dictionary<(int Log, int Level, long Index), ReadOnlyMemory<byte>> tiles = [];
    private readonly Dictionary<ModuleVersion, List<(int Log, long Number)>> found = [];

    public ValueTask<IReadOnlyList<KeptMirror>> LogsAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return ValueTask.FromResult<IReadOnlyList<KeptMirror>>([.. logs]);
        }
    }

    public Task<KeptMirror> AddAsync(string key, string owner, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            var log = logs.Find(log => log.Key == key);
            if (log is null)
            {
                logs.Add(log = new KeptMirror(logs.Count + 1, key, owner, MirrorState.New));
            }

            return Task.FromResult(log);
        }
    }

    public ValueTask<ReadOnlyMemory<byte>?> TileAsync(int log, int level, long index, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return ValueTask.FromResult(tiles.TryGetValue((log, level, index), out var hashes) ? hashes : (ReadOnlyMemory<byte>?)null);
        }
    }

    public ValueTask<IReadOnlyList<KeptText>> TextsAsync(int log, long first, int count, CancellationToken cancellationToken)
    {
        var kept = new List<KeptText>();
        lock (gate)
        {
            for (var number = first; number < first + count; number++)
            {
                if (texts.TryGetValue((log, number), out var text))
                {
                    kept.Add(new KeptText(log, number, text));
                }
            }
        }

        return ValueTask.FromResult<IReadOnlyList<KeptText>>(kept);
    }

    public ValueTask<IReadOnlyList<KeptText>> FindAsync(ModuleVersion module, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return ValueTask.FromResult<IReadOnlyList<KeptText>>(
                [.. found.GetValueOrDefault(module, []).Select(place => new KeptText(place.Log, place.Number, texts[place]))]);
        }
    }

    public Task CommitAsync(int log, MirrorCommit commit, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            foreach (var text in commit.Texts)
            {
                texts[(log, text.Number)] = text.Text;
                if (!found.TryGetValue(text.Module, out var places))
                {
                    found[text.Module] = places = [];
                }

                if (places.Count(place => place.Log == log) < IRecordIndex.MaxFromOneLog && !places.Contains((log, text.Number)))
                {
                    places.Add((log, text.Number));
                }
            }

            foreach (var tile in commit.Tiles)
            {
                tiles[(log, tile.Level, tile.Index)] = tile.Hashes;
            }

            logs[log - 1] = logs[log - 1] with { State = commit.State };
            return Task.CompletedTask;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
