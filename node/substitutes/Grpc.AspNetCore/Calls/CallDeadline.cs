using Grpc.Core;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>The moment at which a call must have ended, and the token that says so to its method.</summary>
internal sealed class CallDeadline : IDisposable
{
    public static readonly Status Exceeded = new(StatusCode.DeadlineExceeded, "Deadline Exceeded");

    /// <summary>Longer ones are as good as this: about three years, the most that gRPC's C core writes.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(99_999_999);

    /// <summary>Timers reach not quite 50 days; no connection lives that long, so later deadlines need none.</summary>
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(40);

    private readonly CancellationTokenSource timer;
    private readonly CancellationTokenSource either;
    private readonly TaskCompletionSource passing = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public CallDeadline(TimeSpan timeout, CancellationToken requestAborted)
    {
        timeout = timeout < Longest ? timeout : Longest;
        At = TimeProvider.System.GetUtcNow().UtcDateTime + timeout;
        timer = timeout < LongestTimer ? new CancellationTokenSource(WholeMilliseconds(timeout)) : new CancellationTokenSource();
        timer.Token.UnsafeRegister(static passing => ((TaskCompletionSource)passing!).TrySetResult(), passing);
        either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, requestAborted);
    }

    /// <summary>UTC.</summary>
    public DateTime At { get; }

    /// <summary>Cancelled at the deadline and when the client has gone.</summary>
    public CancellationToken Token => either.Token;

    public bool HasPassed => timer.IsCancellationRequested;

    /// <summary>Ends at the deadline.</summary>
    public Task Passing => passing.Task;

    public void Dispose()
    {
        either.Dispose();
        timer.Dispose();
    }

    /// <summary>Timers cut fractions off; a deadline never comes early.</summary>
    private static TimeSpan WholeMilliseconds(TimeSpan timeout) => TimeSpan.FromMilliseconds(Math.Ceiling(timeout.TotalMilliseconds));
}
