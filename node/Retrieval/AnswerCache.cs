using System.Collections.Concurrent;

namespace Athens.Federation.Node.Retrieval;

/// <summary>
/// A cache bounded in bytes. Reading takes no lock; what was not read since the hand last passed goes first
/// (second chance, close to least recently used), so that a flood of names asked once does not wash out the others.
/// </summary>
internal sealed class AnswerCache<TKey, TValue>
    where TKey : notnull
    where TValue : class
{
    private readonly long maxBytes;
    private readonly Func<TKey, TValue, long> weigh;
    private readonly ConcurrentDictionary<TKey, Entry> entries = new();

    /// <summary>Guards <see cref="order"/>, <see cref="bytes"/> and every change of <see cref="entries"/>.</summary>
    private readonly Lock gate = new();
    private readonly LinkedList<TKey> order = [];
    private long bytes;

    public AnswerCache(long maxBytes, Func<TKey, TValue, long> weigh)
    {
        this.maxBytes = maxBytes;
        this.weigh = weigh;
    }

    public long Bytes => Interlocked.Read(ref bytes);

    public TValue? Find(TKey key)
    {
        if (!entries.TryGetValue(key, out Entry? entry))
        {
            return null;
        }

        if (!entry.Used)
        {
            entry.Used = true;
        }

        return entry.Value;
    }

    /// <summary>Puts a value in place of whatever was there. One that alone is over the bound is not kept.</summary>
    public void Set(TKey key, TValue value)
    {
        lock (gate)
        {
            SetLocked(key, value);
        }
    }

    /// <summary>
    /// Puts a value in place of <paramref name="expected"/>, null for nothing; false, and no change, when something else is there by now.
    /// </summary>
    public bool Replace(TKey key, TValue? expected, TValue value)
    {
        lock (gate)
        {
            entries.TryGetValue(key, out Entry? entry);
            if (!ReferenceEquals(entry?.Value, expected))
            {
                return false;
            }

            SetLocked(key, value);
            return true;
        }
    }

    public void Remove(TKey key)
    {
        lock (gate)
        {
            RemoveLocked(key);
        }
    }

    public void Clear()
    {
        lock (gate)
        {
            entries.Clear();
            order.Clear();
            bytes = 0;
        }
    }

    private void SetLocked(TKey key, TValue value)
    {
        long weight = weigh(key, value);
        if (weight > maxBytes)
        {
            RemoveLocked(key);
            return;
        }

        if (entries.TryGetValue(key, out Entry? former))
        {
            order.Remove(former.Node);
            bytes -= former.Weight;
        }

        // Readers take no lock: there is never a moment without either value.
        entries[key] = new Entry(value, weight, order.AddLast(key));
        bytes += weight;
        while (bytes > maxBytes)
        {
            EvictOneLocked();
        }
    }

    private void RemoveLocked(TKey key)
    {
        if (entries.TryRemove(key, out Entry? entry))
        {
            order.Remove(entry.Node);
            bytes -= entry.Weight;
        }
    }

    private void EvictOneLocked()
    {
        LinkedListNode<TKey> hand = order.First!;
        Entry entry = entries[hand.Value];
        if (entry.Used)
        {
            entry.Used = false;
            order.RemoveFirst();
            order.AddLast(hand);
        }
        else
        {
            RemoveLocked(hand.Value);
        }
    }

    private sealed class Entry(TValue value, long weight, LinkedListNode<TKey> node)
    {
        public TValue Value { get; } = value;

        public long Weight { get; } = weight;

        public LinkedListNode<TKey> Node { get; } = node;

        public bool Used { get; set; }
    }
}
