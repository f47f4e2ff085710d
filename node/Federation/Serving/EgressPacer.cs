namespace Athens.Federation.Node.Federation.Serving;

/// <summary>
/// The ceiling on bytes a second to all peers together. Every frame books the next free stretch of the line and waits until
/// its turn comes; each stream has one frame booked at most, so streams share the line evenly.
/// </summary>
internal sealed class EgressPacer
{
    /// <summary>How long an idle line gathers: short, so that the ceiling holds within any second.</summary>
    private static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(100);

    /// <summary>Frames a second under a low ceiling: smaller frames, so that a reader never waits long for a sign of life.</summary>
    private const int LeastFrames = 20;

    /// <summary>Below this a frame's own overhead would be felt.</summary>
    private const int LeastFrame = 1 << 10;

    // Guards freeAt.
    private readonly Lock gate = new();
    private readonly long bytesPerSecond;
    private readonly TimeProvider time;
    private readonly long begin;
    private TimeSpan freeAt;

    /// <param name="bytesPerSecond">0: no ceiling.</param>
    /// <param name="time">The clock.</param>
    public EgressPacer(long bytesPerSecond, TimeProvider time)
    {
        this.bytesPerSecond = bytesPerSecond;
        this.time = time;
        begin = time.GetTimestamp();
    }

    /// <summary>The largest frame to send under this ceiling.</summary>
    public int FrameSize(int most) =>
        bytesPerSecond == 0 ? most : (int)Math.Clamp(bytesPerSecond / LeastFrames, LeastFrame, most);

    /// <summary>Returns when so many bytes may be sent. What is cancelled gives its stretch back.</summary>
    public async ValueTask WaitAsync(int bytes, CancellationToken cancellationToken)
    {
        if (bytesPerSecond == 0)
        {
            return;
        }

        var stretch = TimeSpan.FromSeconds((double)bytes / bytesPerSecond);
        TimeSpan wait = Book(stretch);
        if (wait <= TimeSpan.Zero)
        {
            return;
        }

        try
        {
            await Task.Delay(wait, time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            GiveBack(stretch);
            throw;
        }
    }

    private TimeSpan Book(TimeSpan stretch)
    {
        lock (gate)
        {
            TimeSpan now = time.GetElapsedTime(begin);
            TimeSpan earliest = now - Burst;
            TimeSpan from = freeAt > earliest ? freeAt : earliest;
            freeAt = from + stretch;
            return from - now;
        }
    }

    private void GiveBack(TimeSpan stretch)
    {
        lock (gate)
        {
            freeAt -= stretch;
        }
    }
}
