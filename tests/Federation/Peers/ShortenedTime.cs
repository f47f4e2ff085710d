using System.Collections.Concurrent;
using Athens.Federation.Node.Federation.Peers;

namespace Athens.Federation.Tests.Federation.Peers;

/// <summary>
/// The real clock, with waits that take a small part of their time and are written down. The patience for a WhoAreYou stays as
/// it is: that is real work on a real socket.
/// </summary>
internal sealed class ShortenedTime : TimeProvider
{
    private const int Factor = 200;

    private long skipped;

    /// <summary>Waits so far, in order, as they were asked for.</summary>
    public ConcurrentQueue<TimeSpan> Waits { get; } = new();

    public override long TimestampFrequency => System.TimestampFrequency;

    public override long GetTimestamp() => System.GetTimestamp() + Interlocked.Read(ref skipped);

    /// <summary>So much time seems to have passed.</summary>
    public void Skip(TimeSpan time) => Interlocked.Add(ref skipped, (long)(time.TotalSeconds * TimestampFrequency));

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == Timeout.InfiniteTimeSpan || dueTime == PeerSession.HelloLimit)
        {
            return System.CreateTimer(callback, state, dueTime, period);
        }

        Waits.Enqueue(dueTime);
        return System.CreateTimer(callback, state, dueTime / Factor, period);
    }
}
