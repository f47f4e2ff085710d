namespace Athens.Federation.Node.Federation.Serving;

/// <summary>So many a second, with bursts. Not thread safe: its owner's lock guards it.</summary>
internal sealed class TokenBucket
{
    private readonly double rate;
    private readonly double capacity;
    private readonly TimeProvider time;
    private double tokens;
    private long filledAt;

    /// <param name="rate">Tokens a second.</param>
    /// <param name="capacity">Tokens that gather while none is taken; it begins full.</param>
    /// <param name="time">The clock.</param>
    public TokenBucket(double rate, double capacity, TimeProvider time)
    {
        this.rate = rate;
        this.capacity = capacity;
        this.time = time;
        tokens = capacity;
        filledAt = time.GetTimestamp();
    }

    /// <summary>
    /// Takes the tokens when there is at least one, going below zero for a dear call, which so delays only those after it.
    /// Else takes nothing and says when there will be one.
    /// </summary>
    public bool TryTake(int cost, out TimeSpan comeBack)
    {
        Fill();
        bool taken = tokens >= 1;
        comeBack = taken ? TimeSpan.Zero : TimeSpan.FromSeconds((1 - tokens) / rate);
        tokens -= taken ? cost : 0;
        return taken;
    }

    /// <summary>Takes the tokens in any case.</summary>
    public void Take(int cost)
    {
        Fill();
        tokens -= cost;
    }

    private void Fill()
    {
        long now = time.GetTimestamp();
        tokens = Math.Min(capacity, tokens + (time.GetElapsedTime(filledAt, now).TotalSeconds * rate));
        filledAt = now;
    }
}
