using Grpc.Core;

namespace Grpc.Net.Client.Calls;

/// <summary>When a call must have ended, kept by a timer of this side: the server may be the one that hangs.</summary>
internal sealed class CallDeadline : IDisposable
{
    /// <summary>A timer takes no more than 49 days; one that goes off earlier than the deadline is set again.</summary>
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(40);

    private readonly DateTime? at;
    private readonly GrpcCall call;
    private readonly ITimer? timer;

    public CallDeadline(DateTime? at, GrpcCall call)
    {
        if (at is { Kind: not DateTimeKind.Utc } local && local != DateTime.MaxValue && local != DateTime.MinValue)
        {
            throw new InvalidOperationException("A deadline is a UTC time, DateTime.MaxValue or DateTime.MinValue.");
        }

        this.at = at == DateTime.MaxValue ? null : at;
        this.call = call;
        timer = this.at is null
            ? null
            : TimeProvider.System.CreateTimer(
                static deadline => ((CallDeadline)deadline!).Start(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What is left, for the server to know; null without a deadline. Never negative.</summary>
    public TimeSpan? Remaining => at is not { } time ? null : Left(time) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    public bool HasPassed => at is { } time && Left(time) <= TimeSpan.Zero;

    /// <summary>Sets the timer, or ends the call when its time has come.</summary>
    public void Start()
    {
        if (at is not { } time)
        {
            return;
        }

        TimeSpan left = Left(time);
        if (left <= TimeSpan.Zero)
        {
            call.ExceedDeadline();
            return;
        }

        // Timers count whole milliseconds: rounded up, so as not to go off before the time.
        TimeSpan wait = left < LongestTimer ? TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)) : LongestTimer;
        timer!.Change(wait, Timeout.InfiniteTimeSpan);
    }

    public static CallEnd Exceeded() => new(new Status(StatusCode.DeadlineExceeded, string.Empty), [], Canceled: true);

    public void Dispose() => timer?.Dispose();

    private static TimeSpan Left(DateTime time) => time - TimeProvider.System.GetUtcNow().UtcDateTime;
}
