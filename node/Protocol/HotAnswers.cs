using System.Collections.Concurrent;

namespace Athens.Federation.Node.Protocol;

/// <summary>
/// Small answers kept in memory under the decoded request path, so that what everybody asks costs one look-up. Reading
/// takes no lock. When full, what was not asked for since the last sweep goes first (second chance).
/// </summary>
internal sealed class HotAnswers
{
    /// <summary>Bytes in all. Several thousand <c>.info</c>, <c>.mod</c> and lists, and within the node's 120 MB.</summary>
    public const int Budget = 32 << 20;

    /// <summary>Larger bodies are read from the store: sending them costs more than finding them.</summary>
    public const int MaxBody = 64 << 10;

    /// <summary>What an entry costs beside its body: strings, header values, dictionary and ring. Bounds their number too.</summary>
    private const int Overhead = 1 << 10;

    private readonly ConcurrentDictionary<string, Slot> slots = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private readonly Queue<Slot> ring = [];
    private readonly TimeProvider clock;
    private readonly int budget;
    private long bytes;

    public HotAnswers(TimeProvider clock)
        : this(clock, Budget)
    {
    }

    public HotAnswers(TimeProvider clock, int budget)
    {
        this.clock = clock;
        this.budget = budget;
    }

    public int Count => slots.Count;

    /// <summary>The answer kept for a path, or null. <paramref name="now"/> is a timestamp of the same clock.</summary>
    public Answer? Find(string path, long now)
    {
        if (!slots.TryGetValue(path, out var slot))
        {
            return null;
        }

        var entry = slot.Entry;
        if (entry.Expires <= now)
        {
            return null;
        }

        // Written only when needed: a shared cache line that every request dirties is slow.
        if (!slot.Used)
        {
            slot.Used = true;
        }

        return entry.Answer;
    }

    /// <summary>Keeps an answer for a while; too large a one is not kept.</summary>
    public void Keep(string path, Answer answer, TimeSpan lifetime)
    {
        if (answer.File is not null || answer.Body.Length > MaxBody || lifetime <= TimeSpan.Zero)
        {
            return;
        }

        long expires = clock.GetTimestamp() + (long)(lifetime.TotalSeconds * clock.TimestampFrequency);
        var entry = new Entry(answer, expires, Overhead + answer.Body.Length + (path.Length * sizeof(char)));
        lock (gate)
        {
            if (slots.TryGetValue(path, out var slot))
            {
                bytes += entry.Cost - slot.Entry.Cost;
                slot.Entry = entry;
            }
            else
            {
                slot = new Slot(path, entry);
                slots[path] = slot;
                ring.Enqueue(slot);
                bytes += entry.Cost;
            }

            Sweep();
        }
    }

    private void Sweep()
    {
        // Twice round at most: readers may mark slots while the sweep goes on.
        for (int left = ring.Count * 2; bytes > budget && left > 0; left--)
        {
            var slot = ring.Dequeue();
            if (slot.Used && left > ring.Count)
            {
                slot.Used = false;
                ring.Enqueue(slot);
                continue;
            }

            slots.TryRemove(slot.Path, out _);
            bytes -= slot.Entry.Cost;
        }
    }

    private sealed record Entry(Answer Answer, long Expires, int Cost);

    private sealed class Slot(string path, Entry entry)
    {
        private volatile Entry entry = entry;

        public string Path { get; } = path;

        public Entry Entry
        {
            get => entry;
            set => entry = value;
        }

        public bool Used { get; set; }
    }
}
