namespace Athens.Federation.Node.Storage;

/// <summary>One lock a name; a name has an entry only while somebody holds it or waits for it.</summary>
internal sealed class KeyedLocks
{
    private readonly Lock gate = new();

    // Guarded by gate. As many entries as there are admissions at work, which their callers bound.
    private readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);

    /// <summary>Waits for the name's lock. Dispose what is returned, once, to let it go.</summary>
    public async ValueTask<IDisposable> TakeAsync(string name, CancellationToken cancellationToken)
    {
        Entry? entry;
        lock (gate)
        {
            if (!entries.TryGetValue(name, out entry))
            {
                entries[name] = entry = new Entry();
            }

            entry.Interested++;
        }

        try
        {
            await entry.Turn.WaitAsync(cancellationToken);
        }
        catch
        {
            Leave(name, entry);
            throw;
        }

        return new Held(this, name, entry);
    }

    private void Leave(string name, Entry entry)
    {
        lock (gate)
        {
            if (--entry.Interested == 0)
            {
                entries.Remove(name);
            }
        }
    }

    private sealed class Entry
    {
        public SemaphoreSlim Turn { get; } = new(1);

        public int Interested { get; set; }
    }

    private sealed class Held(KeyedLocks owner, string name, Entry entry) : IDisposable
    {
        public void Dispose()
        {
            entry.Turn.Release();
            owner.Leave(name, entry);
        }
    }
}
