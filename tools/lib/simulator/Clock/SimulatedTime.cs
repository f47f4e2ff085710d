namespace Athens.Federation.Simulator.Clock;

/// <summary>
/// A clock that stands still until <see cref="Advance"/> moves it to the next timer. Used by one thread at a time. Of timers that are due together the one that was set first
/// fires first.
/// </summary>
internal sealed class SimulatedTime : TimeProvider
{
    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly PriorityQueue<(Alarm Alarm, int Setting), (long Due, long Order)> alarms = new();
    private long now;
    private long order;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Since the start.</summary>
    public TimeSpan Elapsed => new(now);

    public override DateTimeOffset GetUtcNow() => Epoch + Elapsed;

    public override long GetTimestamp() => now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Alarm alarm = new(this, callback, state);
        alarm.Change(dueTime, period);
        return alarm;
    }

    /// <summary>Fires the timer that is due next; false when none is set at or before the end.</summary>
    public bool Advance(TimeSpan end)
    {
        while (alarms.TryPeek(out (Alarm Alarm, int Setting) next, out (long Due, long Order) at))
        {
            if (at.Due > end.Ticks)
            {
                return false;
            }

            alarms.Dequeue();
            if (next.Alarm.Setting == next.Setting)
            {
                now = Math.Max(now, at.Due);
                next.Alarm.Fire();
                return true;
            }
        }

        return false;
    }

    private void Set(Alarm alarm, long delay) => alarms.Enqueue((alarm, alarm.Setting), (now + delay, order++));

    private sealed class Alarm(SimulatedTime time, TimerCallback callback, object? state) : ITimer
    {
        private long period;

        /// <summary>Counts how often it was set: an entry in the queue with another number is void.</summary>
        public int Setting { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Setting++;
            this.period = period == Timeout.InfiniteTimeSpan ? 0 : period.Ticks;
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                time.Set(this, dueTime.Ticks);
            }

            return true;
        }

        public void Fire()
        {
            if (period > 0)
            {
                time.Set(this, period);
            }
            else
            {
                Setting++;
            }

            callback(state);
        }

        public void Dispose() => Setting++;

        public ValueTask DisposeAsync()
        {
            Setting++;
            return ValueTask.CompletedTask;
        }
    }
}
