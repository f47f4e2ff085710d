namespace Athens.Federation.Node.Federation.Serving;

/// <summary>Counts by key, each up to a bound; forgets what is back at nothing. Thread safe.</summary>
internal sealed class Tally<TKey>(int most)
    where TKey : notnull
{
    // Guards counts.
    private readonly Lock gate = new();
    private readonly Dictionary<TKey, int> counts = [];

    /// <summary>False when the key has as many as it may.</summary>
    public bool TryAdd(TKey key)
    {
        lock (gate)
        {
            int count = counts.GetValueOrDefault(key);
            if (count >= most)
            {
                return false;
            }

            counts[key] = count + 1;
            return true;
        }
    }

    public void Remove(TKey key)
    {
        lock (gate)
        {
            if (--counts[key] == 0)
            {
                counts.Remove(key);
            }
        }
    }
}
