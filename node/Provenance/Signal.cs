namespace Athens.Federation.Node.Provenance;

/// <summary>Wakes whoever waits for the next change. <see cref="Next"/>, taken before what may change is read, misses nothing. Thread safe.</summary>
internal sealed class Signal
{
    private TaskCompletionSource next = New();

    /// <summary>Completes with the next <see cref="Tell"/>.</summary>
    public Task Next => Volatile.Read(ref next).Task;

    /// <summary>Something has changed. Runs nothing of those who wait.</summary>
    public void Tell() => Interlocked.Exchange(ref next, New()).TrySetResult();

    /// <summary>Until a change, or for so long at most. Returns, and does not throw, when cancelled.</summary>
    /// <param name="next">A <see cref="Next"/>.</param>
    /// <param name="atMost">May be infinite.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task WaitAsync(Task next, TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(next, Task.Delay(atMost, time, ending.Token));
        await ending.CancelAsync();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
