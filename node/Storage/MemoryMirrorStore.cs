using System.Runtime.InteropServices;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.Mirrors;

namespace Athens.Federation.Node.Storage;

/// <summary>Mirrored logs for development and tests: gone with the process.</summary>
internal sealed class MemoryMirrorStore : IMirrorStore
{
    /// <summary>No place comes before this one.</summary>
    private const int None = -1;

    // Guards everything below.
    private readonly Lock gate = new();
    private readonly List<KeptMirror> logs = [];

    /// <summary>By log and number; empty where there is none.</summary>
    private readonly List<List<ReadOnlyMemory<byte>>> texts = [];
    private readonly Dictionary<(int Log, int Level, long Index), ReadOnlyMemory<byte>> tiles = [];

    /// <summary>Of each module version the last of its <see cref="places"/>, by a hash of it: a thousand nodes in one process keep millions.</summary>
    private readonly Dictionary<int, int> found = [];
    private readonly List<Place> places = [];

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
                texts.Add([]);
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
            var all = texts[log - 1];
            for (var number = first; number < Math.Min(first + count, all.Count); number++)
            {
                if (!all[(int)number].IsEmpty)
                {
                    kept.Add(new KeptText(log, number, all[(int)number]));
                }
            }
        }

        return ValueTask.FromResult<IReadOnlyList<KeptText>>(kept);
    }

    public ValueTask<IReadOnlyList<KeptText>> FindAsync(ModuleVersion module, CancellationToken cancellationToken)
    {
        var kept = new List<KeptText>();
        lock (gate)
        {
            for (var at = found.GetValueOrDefault(HashOf(module), None); at != None; at = places[at].Before)
            {
                kept.Add(new KeptText(places[at].Log, places[at].Number, texts[places[at].Log - 1][places[at].Number]));
            }
        }

        kept.Reverse();
        return ValueTask.FromResult<IReadOnlyList<KeptText>>(kept);
    }

    public Task CommitAsync(int log, MirrorCommit commit, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            foreach (var text in commit.Texts)
            {
                Keep(log, text);
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

    private static int HashOf(ModuleVersion module) => HashCode.Combine(module.Path, module.Version);

    private void Keep(int log, NewText text)
    {
        var all = texts[log - 1];
        var number = checked((int)text.Number);
        while (all.Count <= number)
        {
            all.Add(default);
        }

        all[number] = text.Text;
        var hash = HashOf(text.Module);
        var last = found.GetValueOrDefault(hash, None);
        var ofLog = 0;
        for (var at = last; at != None; at = places[at].Before)
        {
            if (places[at].Log == log && (places[at].Number == number || ++ofLog == IRecordIndex.MaxFromOneLog))
            {
                return;
            }
        }

        found[hash] = places.Count;
        places.Add(new Place(log, number, last));
    }

    /// <param name="Log">The <see cref="KeptMirror.Id"/>.</param>
    /// <param name="Number">Of the text.</param>
    /// <param name="Before">An earlier place of the same hash.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Place(int Log, int Number, int Before);
}
