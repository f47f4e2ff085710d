using System.Collections.Concurrent;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>
/// Has each listed version confirmed by a record of a trusted peer that lists it: by one peer each, and by another when the
/// first does not.
/// </summary>
internal sealed class VersionConfirmation
{
    /// <summary>Module versions in one Locate (federation.proto).</summary>
    public const int Batch = 64;

    private readonly PeerCalls calls;
    private readonly ConcurrentDictionary<ModuleVersion, string> confirmed = new();

    public VersionConfirmation(PeerCalls calls, string path)
    {
        this.calls = calls;
        Path = path;
    }

    public string Path { get; }

    public VersionList Confirmed => HeldVersions.Merge(Path, confirmed.Keys.Select(static module => module.Version), []);

    /// <summary>The peer that confirmed most; only once something is confirmed.</summary>
    public string Source => $"peer:{confirmed.Values.CountBy(static name => name).MaxBy(static pair => pair.Value).Key}";

    public async Task RunAsync(IReadOnlyList<PeerVersions> listed, CancellationToken cancellationToken)
    {
        HashSet<(Peer, ModuleVersion)> asked = [];
        // Every peer that lists a version may be asked for it once, so this ends.
        while (true)
        {
            Dictionary<Peer, List<ModuleVersion>> next = Assign(listed, asked);
            if (next.Count == 0)
            {
                return;
            }

            await Task.WhenAll(next.Select(pair => ConfirmAsync(pair.Key, pair.Value, cancellationToken)));
        }
    }

    private Dictionary<Peer, List<ModuleVersion>> Assign(IReadOnlyList<PeerVersions> listed, HashSet<(Peer, ModuleVersion)> asked)
    {
        Dictionary<Peer, List<ModuleVersion>> next = [];
        HashSet<ModuleVersion> taken = [];
        foreach ((Peer peer, IReadOnlyList<ModuleVersion> versions) in listed)
        {
            foreach (ModuleVersion module in versions)
            {
                if (taken.Count < PeerVersions.Most
                    && !confirmed.ContainsKey(module)
                    && !taken.Contains(module)
                    && asked.Add((peer, module)))
                {
                    taken.Add(module);
                    if (!next.TryGetValue(peer, out List<ModuleVersion>? mine))
                    {
                        next[peer] = mine = [];
                    }

                    mine.Add(module);
                }
            }
        }

        return next;
    }

    private async Task ConfirmAsync(Peer peer, IReadOnlyList<ModuleVersion> modules, CancellationToken cancellationToken)
    {
        foreach (ModuleVersion[] batch in modules.Chunk(Batch))
        {
            var answer = await calls.LocateAsync(peer, HolderSearch.Question(batch), HolderSearch.Patience, cancellationToken);
            if (answer.Value is not { } told)
            {
                return;
            }

            for (int i = 0; i < batch.Length; i++)
            {
                Wire.Location location = told.Locations[i];
                if (location.State == Wire.Location.Types.State.Held && HolderSearch.Check(batch[i], peer, location) is not null)
                {
                    confirmed.TryAdd(batch[i], peer.Options.Name);
                }
            }
        }
    }
}
