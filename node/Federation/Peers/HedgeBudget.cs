namespace Athens.Federation.Node.Federation.Peers;

/// <summary>
/// Second questions are at most 5 % of the first ones: when everything is slow because everything is overloaded, hedging
/// must not double the load. Thread-safe.
/// </summary>
internal sealed class HedgeBudget
{
    /// <summary>Calls that earn one extra call.</summary>
    public const int CallsForOne = 20;

    /// <summary>Extra calls saved up at most: a node that has been quiet may hedge a short burst.</summary>
    public const int MostSaved = 10;

    /// <summary>In twentieths of an extra call.</summary>
    private int saved = MostSaved * CallsForOne;

    /// <summary>A first question was sent.</summary>
    public void Called()
    {
        int before = Volatile.Read(ref saved);
        while (before < MostSaved * CallsForOne)
        {
            int seen = Interlocked.CompareExchange(ref saved, before + 1, before);
            if (seen == before)
            {
                return;
            }

            before = seen;
        }
    }

    /// <summary>True: a second question may be sent, and has been paid for.</summary>
    public bool TrySpend()
    {
        int before = Volatile.Read(ref saved);
        while (before >= CallsForOne)
        {
            int seen = Interlocked.CompareExchange(ref saved, before - CallsForOne, before);
            if (seen == before)
            {
                return true;
            }

            before = seen;
        }

        return false;
    }
}
