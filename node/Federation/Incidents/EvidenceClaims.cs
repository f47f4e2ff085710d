using System.Runtime.InteropServices;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.Incidents;

namespace Athens.Federation.Node.Federation.Incidents;

/// <summary>
/// Which pieces of evidence are wanted, and which of them a peer is being asked for: each comes about once, however many peers name it. Thread safe.
/// </summary>
/// <param name="book">What is here.</param>
/// <param name="time">The clock.</param>
internal sealed class EvidenceClaims(IncidentBook book, TimeProvider time)
{
    /// <summary>For so long nobody else is asked for a piece. A peer that does not give what it has named holds it back no longer than this.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Pieces that were looked at and not kept; the oldest are forgotten, and taken again at worst.</summary>
    public const int MaxSettled = 4 * IncidentBook.MaxKept;

    /// <summary>Not kept for want of room, or because another piece says the same: that may change by a person's decision.</summary>
    public static readonly TimeSpan SettledFor = TimeSpan.FromHours(1);

    // Guards all below.
    private readonly Lock gate = new();

    /// <summary>At most <see cref="EvidenceAnswers.MaxGiven"/> of each peer.</summary>
    private readonly Dictionary<ulong, Claim> claims = [];
    private readonly Dictionary<ulong, long> settled = [];
    private readonly Queue<ulong> settledInOrder = [];
    private readonly Signal changed = new();

    /// <summary>Completes when one of them was given back. Taken before the look, it misses nothing.</summary>
    public Task Changed => changed.Next;

    /// <summary>It is not here, and was not found to be of no use.</summary>
    public bool IsWanted(ulong name)
    {
        lock (gate)
        {
            if (settled.TryGetValue(name, out long at) && time.GetElapsedTime(at) < SettledFor)
            {
                return false;
            }
        }

        return book.Find(EvidenceName.ToText(name)) is null;
    }

    /// <summary>Some pieces that nobody else is asked for now, for one who then asks a peer.</summary>
    /// <param name="by">Who asks; gives back with <see cref="Return"/>.</param>
    /// <param name="names">Of what it could ask for.</param>
    public IReadOnlyList<ulong> Take(object by, IEnumerable<ulong> names)
    {
        List<ulong> taken = [];
        lock (gate)
        {
            foreach (ulong name in names)
            {
                if (taken.Count == EvidenceAnswers.MaxGiven)
                {
                    break;
                }

                if (!claims.TryGetValue(name, out Claim claim) || time.GetElapsedTime(claim.At) >= Patience)
                {
                    claims[name] = new Claim(by, time.GetTimestamp());
                    taken.Add(name);
                }
            }
        }

        return taken;
    }

    /// <summary>Another may ask for them; those that another has taken over meanwhile stay his.</summary>
    public void Return(object by, IEnumerable<ulong> names)
    {
        lock (gate)
        {
            foreach (ulong name in names)
            {
                if (claims.TryGetValue(name, out Claim claim) && ReferenceEquals(claim.By, by))
                {
                    claims.Remove(name);
                }
            }
        }

        changed.Tell();
    }

    /// <summary>It was looked at, and is of no use here for now.</summary>
    public void Settle(ulong name)
    {
        lock (gate)
        {
            if (settled.TryAdd(name, time.GetTimestamp()))
            {
                settledInOrder.Enqueue(name);
            }
            else
            {
                settled[name] = time.GetTimestamp();
            }

            while (settledInOrder.Count > MaxSettled)
            {
                settled.Remove(settledInOrder.Dequeue());
            }
        }
    }

    /// <param name="By">Who asks.</param>
    /// <param name="At">Since when.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Claim(object By, long At);
}
