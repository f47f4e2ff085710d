using System.Collections.Concurrent;
using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Provenance.LogKeys;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Mirrors;

/// <summary>All logs of other nodes that are mirrored here, those of former peers among them. Thread safe.</summary>
internal sealed class MirrorSet : IDisposable
{
    /// <summary>Logs of one peer: one more for each time that it had to begin anew or changed its key. A peer that never stops beginning anew is not followed there.</summary>
    public const int MaxFromOneOwner = 8;

    /// <summary>Characters of a log's name: a node's name and eight digits are a third of it.</summary>
    public const int MaxName = 255;

    private readonly IMirrorStore store;
    private readonly IIncidents? incidents;
    private readonly ILogger logger;
    private readonly SemaphoreSlim adding = new(1);
    private readonly ConcurrentDictionary<NoteVerifier, Mirror> byKey = [];
    private readonly ConcurrentDictionary<int, Mirror> byId = [];
    private volatile Mirror[] mirrors;
    private volatile Func<Mirror, FollowedLog?>? assigned;

    private MirrorSet(IMirrorStore store, IIncidents? incidents, ILogger logger, Mirror[] mirrors)
    {
        this.store = store;
        this.incidents = incidents;
        this.logger = logger;
        this.mirrors = mirrors;
        Array.ForEach(mirrors, Note);
    }

    /// <summary>Raised when one of them has another head. Must not block.</summary>
#pragma warning disable MA0046 // An event with the mirror alone: there is one set.
    public event Action<Mirror>? Grown;
#pragma warning restore MA0046

    public IReadOnlyList<Mirror> All => mirrors;

    /// <summary>The mirror of the log with a key; null when there is none.</summary>
    public Mirror? Find(NoteVerifier key) => byKey.GetValueOrDefault(key);

    /// <summary>The mirror that shows a kept text; null when none does.</summary>
    public Mirror? Showing(KeptText text) => byId.TryGetValue(text.Log, out var mirror) && mirror.Shows(text) ? mirror : null;

    /// <param name="store">Stays the caller's.</param>
    /// <param name="incidents">Told of forks; null where none are kept.</param>
    /// <param name="logger">For the operator.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">The store cannot be read.</exception>
    public static async Task<MirrorSet> OpenAsync(IMirrorStore store, IIncidents? incidents, ILogger logger, CancellationToken cancellationToken)
    {
        var opened = new List<Mirror>();
        foreach (var kept in await store.LogsAsync(cancellationToken))
        {
            if (Mirror.Open(store, kept, incidents, logger, out var reason) is { } mirror)
            {
                opened.Add(mirror);
            }
            else
            {
                logger.Unusable(kept.Key, reason!);
            }
        }

        return new MirrorSet(store, incidents, logger, [.. opened]);
    }

    /// <summary>The mirror of a log, made when there is none; null when its owner has too many, or what is kept of it cannot be used.</summary>
    /// <exception cref="IOException">The store cannot be used.</exception>
    public async Task<Mirror?> AddAsync(NoteVerifier key, string owner, CancellationToken cancellationToken)
    {
        await adding.WaitAsync(cancellationToken);
        try
        {
            if (Find(key) is { } known)
            {
                return known.Owner == owner ? known : null;
            }

            if (key.Name.Length > MaxName
                || mirrors.Count(mirror => mirror.Owner == owner) >= MaxFromOneOwner
                || Mirror.Open(store, await store.AddAsync(key.ToString(), owner, cancellationToken), incidents, logger, out _) is not { } added)
            {
                return null;
            }

            Note(added);
            mirrors = [.. mirrors, added];
            added.Followed = assigned?.Invoke(added);
            return added;
        }
        finally
        {
            adding.Release();
        }
    }

    /// <summary>
    /// A log that its node says to go on from another one, once it is mirrored up to its head: the other one is done with. False when what was mirrored of that contradicts
    /// it; then the log is not followed any more.
    /// </summary>
    /// <param name="present">The log of now.</param>
    /// <param name="rotation">The node's statement, checked.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">The store cannot be used.</exception>
    public async Task<bool> ContinuesAsync(Mirror present, LogRotation rotation, CancellationToken cancellationToken)
    {
        present.BegunBy = rotation;
        if (Find(rotation.From) is not { } former || former.Owner != present.Owner)
        {
            return true;
        }

        if (former.EndedBy is null && !await new Continuation(former, present).HoldsAsync(cancellationToken))
        {
            return false;
        }

        former.EndedBy = rotation;
        return true;
    }

    /// <summary>Says whose each log is by now, and each that is added from now on.</summary>
    /// <param name="peerOf">The peer with an identity key, as its log's records count; null when there is none.</param>
    public void Assign(Func<Mirror, FollowedLog?> peerOf)
    {
        // First, for those that are added meanwhile.
        assigned = peerOf;
        foreach (var mirror in mirrors)
        {
            mirror.Followed = peerOf(mirror);
        }
    }

    public void Dispose()
    {
        foreach (var mirror in mirrors)
        {
            mirror.Dispose();
        }

        adding.Dispose();
    }

    private void Note(Mirror mirror)
    {
        byKey.TryAdd(mirror.Key, mirror);
        byId[mirror.Id] = mirror;
        mirror.Grown = Tell;
    }

    private void Tell(Mirror mirror) => Grown?.Invoke(mirror);
}
