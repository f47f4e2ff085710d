using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>How a rival stands, as far as this node was told.</summary>
internal enum Standing
{
    /// <summary>It was asked and has not answered.</summary>
    Asked,

    /// <summary>It neither fetches nor wants the module version, or cannot be reached.</summary>
    Out,

    /// <summary>A client of it waits, and it has not gone upstream.</summary>
    Wanted,

    /// <summary>It has gone upstream.</summary>
    Fetching,

    /// <summary>It holds it, on a record that was checked.</summary>
    Holds,
}

/// <summary>
/// Who else on the LAN wants one module version, and whether this node may go upstream for it. No I/O, no clock.
/// </summary>
/// <remarks>
/// Who has gone upstream wins, whatever the ranks; among those who have not the highest rank goes. A node that waits for
/// another is therefore never waited for by it: it has not gone, and its rank is lower. What a peer has announced since it
/// was last asked (<see cref="RivalBoard"/>) counts; an answer outdates what was announced before the question.
/// Two nodes that both begin cannot both miss one another: each is "wanted" before it asks, so of two questions the one that
/// is answered later is answered "wanted".
/// </remarks>
internal sealed class Contest
{
    /// <summary>Guards <see cref="rivals"/>.</summary>
    private readonly Lock gate = new();
    private readonly Dictionary<PeerKey, Rival> rivals = [];
    private readonly TaskCompletionSource complete = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="own">This node's identity.</param>
    /// <param name="module">What is wanted.</param>
    /// <param name="beganAt"><see cref="RivalBoard.Mark"/> before anybody is asked.</param>
    public Contest(PeerKey own, ModuleVersion module, long beganAt)
    {
        Module = module;
        Own = Rank.Of(own, module);
        BeganAt = beganAt;
    }

    public ModuleVersion Module { get; }

    public Rank Own { get; }

    public long BeganAt { get; }

    /// <summary>Completes once every rival that was asked has answered or was given up.</summary>
    public Task Complete
    {
        get
        {
            lock (gate)
            {
                CompleteWhenAllAnswered();
                return complete.Task;
            }
        }
    }

    /// <summary>A rival is about to be asked; <paramref name="mark"/> is <see cref="RivalBoard.Mark"/> before the question is sent.</summary>
    public void Ask(PeerKey rival, long mark)
    {
        lock (gate)
        {
            rivals[rival] = rivals.TryGetValue(rival, out Rival? known)
                ? known with { AskedAt = mark }
                : new Rival(Rank.Of(rival, Module), Standing.Asked, mark);
        }
    }

    /// <summary>A rival that was not asked; it counts once it announces something after <paramref name="mark"/>.</summary>
    public void Admit(PeerKey rival, long mark)
    {
        lock (gate)
        {
            rivals.TryAdd(rival, new Rival(Rank.Of(rival, Module), Standing.Out, mark));
        }
    }

    /// <summary>A rival that was asked has answered, or (<see cref="Standing.Out"/>) was given up.</summary>
    public void Heard(PeerKey rival, Standing standing)
    {
        lock (gate)
        {
            if (rivals.TryGetValue(rival, out Rival? known))
            {
                rivals[rival] = known with { Standing = standing };
                CompleteWhenAllAnswered();
            }
        }
    }

    /// <summary>
    /// The rival to wait for, or null: this node may go. <paramref name="announced"/> gives the mark of a rival's newest
    /// announcement; peers that this contest does not know do not count, since nothing could be had from them.
    /// </summary>
    public PeerKey? Favourite(Func<PeerKey, long?> announced)
    {
        lock (gate)
        {
            Rival? best = null;
            foreach ((PeerKey key, Rival rival) in rivals)
            {
                bool wants = rival.Standing == Standing.Wanted || announced(key) >= rival.AskedAt;
                bool stands = rival.Standing == Standing.Fetching || (wants && rival.Rank > Own);
                if (stands && (best is null || rival.IsBefore(best)))
                {
                    best = rival;
                }
            }

            return best?.Rank.Key;
        }
    }

    private void CompleteWhenAllAnswered()
    {
        if (rivals.Values.All(static rival => rival.Standing != Standing.Asked))
        {
            complete.TrySetResult();
        }
    }

    private sealed record Rival(Rank Rank, Standing Standing, long AskedAt)
    {
        public bool IsBefore(Rival other) =>
            (Standing == Standing.Fetching).CompareTo(other.Standing == Standing.Fetching) switch
            {
                0 => Rank > other.Rank,
                var order => order > 0,
            };
    }
}
