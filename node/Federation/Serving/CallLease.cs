namespace Athens.Federation.Node.Federation.Serving;

/// <summary>A call's place among those that its peer may have at once; given back by disposing.</summary>
internal sealed class CallLease(Action giveBack) : IDisposable
{
    private Action? giveBack = giveBack;

    public void Dispose() => Interlocked.Exchange(ref giveBack, null)?.Invoke();
}

/// <summary>Whether a call may begin.</summary>
/// <param name="Lease">Null when it may not.</param>
/// <param name="Reason">Then why, for the caller's log.</param>
/// <param name="ComeBack">And when asking again makes sense; <see cref="Timeout.InfiniteTimeSpan"/>: never.</param>
internal readonly record struct CallAdmission(CallLease? Lease, string Reason, TimeSpan ComeBack);
