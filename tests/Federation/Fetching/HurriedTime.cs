namespace Athens.Federation.Tests.Federation.Fetching;

/// <summary>A clock that runs faster than the real one, so that patience of seconds is lost in a test's milliseconds.</summary>
internal sealed class HurriedTime(int factor) : TimeProvider
{
    private readonly long start = System.GetTimestamp();

    public override long TimestampFrequency => System.TimestampFrequency;

    public override long GetTimestamp() => start + ((System.GetTimestamp() - start) * factor);

    public override DateTimeOffset GetUtcNow() =>
        new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero) + GetElapsedTime(start);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(System.CreateTimer(callback, state, Shorter(dueTime), Shorter(period)), this);

    private TimeSpan Shorter(TimeSpan span) => span == Timeout.InfiniteTimeSpan ? span : span / factor;

    private sealed class Timer(ITimer real, HurriedTime owner) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => real.Change(owner.Shorter(dueTime), owner.Shorter(period));

        public void Dispose() => real.Dispose();

        public ValueTask DisposeAsync() => real.DisposeAsync();
    }
}
