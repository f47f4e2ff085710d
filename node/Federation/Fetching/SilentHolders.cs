using System.Runtime.CompilerServices;
using Athens.Federation.Node.Federation.Peers;

namespace Athens.Federation.Node.Federation.Fetching;

/// <summary>
/// Peers that were silent until somebody who was asked after them had answered. Once is no fault, but each time costs a
/// developer the hedge delay: such a peer is asked after all others for a while, and three times in a row are told to it. What
/// it says in small answers counts for nothing here. Thread-safe.
/// </summary>
internal sealed class SilentHolders
{
    /// <summary>So often in a row is a fault.</summary>
    public const int MostInARow = 3;

    /// <summary>How long a peer is asked last after the first time; twice as long each further time.</summary>
    public static readonly TimeSpan First = TimeSpan.FromSeconds(2);

    /// <summary>A peer that was away for an hour is as good as any other within a minute.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly TimeProvider time;

    /// <summary>Forgets peers that are out of the table.</summary>
    private readonly ConditionalWeakTable<Peer, Silence> silences = [];

    public SilentHolders(TimeProvider time) => this.time = time;

    /// <summary>It was beaten while silent. True when that is a fault.</summary>
    public bool Beaten(Peer peer)
    {
        Silence silence = silences.GetOrCreateValue(peer);
        lock (silence)
        {
            silence.InARow++;
            silence.At = time.GetTimestamp();
            return silence.InARow % MostInARow == 0;
        }
    }

    /// <summary>It has delivered a zip, or a part of one.</summary>
    public void Delivered(Peer peer) => silences.Remove(peer);

    /// <summary>To be asked after the others.</summary>
    public bool IsLast(Peer peer)
    {
        if (!silences.TryGetValue(peer, out Silence? silence))
        {
            return false;
        }

        lock (silence)
        {
            TimeSpan length = First * Math.Pow(2, Math.Min(silence.InARow, 16) - 1);
            return time.GetElapsedTime(silence.At) < (length < Longest ? length : Longest);
        }
    }

    /// <summary>Guarded by itself.</summary>
    private sealed class Silence
    {
        public int InARow { get; set; }

        /// <summary>A timestamp.</summary>
        public long At { get; set; }
    }
}
