using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>
/// Which peers have announced that they want a module version and will go upstream for it (Locate with wants_upstream).
/// Serving notes it before it reads this node's own phase, and the decision to go is taken under the same lock: so either
/// this node sees the announcement when it decides, or the announcer is told that this node has gone.
/// </summary>
internal sealed class RivalBoard
{
    /// <summary>One peer's announcements kept; a build that begins misses some hundred modules at once.</summary>
    public const int MostOfOnePeer = 1024;

    /// <summary>All announcements kept, about 4 MB. One that is not kept costs at most a second fetch.</summary>
    public const int Most = 16 * MostOfOnePeer;

    /// <summary>An announcement matters while the one who heard it waits for another, and a little for the way.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(10);

    /// <summary>Guards all below, and the moment of going upstream.</summary>
    private readonly Lock gate = new();
    private readonly Dictionary<ModuleVersion, List<Note>> byModule = [];
    private readonly Dictionary<PeerKey, Queue<Note>> byPeer = [];
    private readonly TimeSpan life;
    private readonly TimeProvider time;
    private int kept;
    private long mark;

    public RivalBoard(FederationOptions options, TimeProvider time)
    {
        life = options.LanWait + Slack;
        this.time = time;
    }

    /// <summary>Grows with every announcement: an order of "before" and "after" that no clock can confuse.</summary>
    public long Mark
    {
        get
        {
            lock (gate)
            {
                return mark;
            }
        }
    }

    /// <summary>A peer says that it will go upstream for a module version.</summary>
    public void Heard(PeerOptions peer, ModuleVersion module)
    {
        lock (gate)
        {
            if (!byPeer.TryGetValue(peer.Key, out Queue<Note>? mine))
            {
                byPeer[peer.Key] = mine = new Queue<Note>();
            }

            while (mine.TryPeek(out Note? oldest) && (mine.Count >= MostOfOnePeer || time.GetElapsedTime(oldest.At) > life))
            {
                Remove(mine.Dequeue());
            }

            if (kept >= Most)
            {
                SweepExpired();
            }

            if (kept >= Most)
            {
                return;
            }

            Note note = new(peer.Key, module, mark++, time.GetTimestamp());
            mine.Enqueue(note);
            kept++;
            if (!byModule.TryGetValue(module, out List<Note>? wanted))
            {
                byModule[module] = wanted = [];
            }

            wanted.RemoveAll(other => other.Peer == peer.Key);
            wanted.Add(note);
        }
    }

    /// <summary>
    /// Goes upstream unless a rival comes first: <paramref name="go"/>, which must make this node's phase "upstream" before
    /// it returns, runs under the lock. Null: it went. Else the rival to wait for.
    /// </summary>
    public PeerKey? TryGo(Contest contest, Action go)
    {
        lock (gate)
        {
            List<Note>? notes = byModule.GetValueOrDefault(contest.Module);
            PeerKey? favourite = contest.Favourite(key => notes?.Find(note => note.Peer == key)?.Number);
            if (favourite is null)
            {
                go();
            }

            return favourite;
        }
    }

    private void SweepExpired()
    {
        foreach (Queue<Note> notes in byPeer.Values)
        {
            while (notes.TryPeek(out Note? oldest) && time.GetElapsedTime(oldest.At) > life)
            {
                Remove(notes.Dequeue());
            }
        }
    }

    private void Remove(Note note)
    {
        kept--;
        if (byModule.TryGetValue(note.Module, out List<Note>? wanted) && wanted.Remove(note) && wanted.Count == 0)
        {
            byModule.Remove(note.Module);
        }
    }

    private sealed class Note(PeerKey peer, ModuleVersion module, long number, long at)
    {
        public PeerKey Peer { get; } = peer;

        public ModuleVersion Module { get; } = module;

        public long Number { get; } = number;

        /// <summary>Timestamp.</summary>
        public long At { get; } = at;
    }
}
