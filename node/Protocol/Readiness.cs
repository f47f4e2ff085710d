namespace Athens.Federation.Node.Protocol;

/// <summary>Runs the readiness checks, at most once a second however often it is asked.</summary>
internal sealed class Readiness(IEnumerable<IReadinessCheck> checks, TimeProvider clock)
{
    /// <summary>A check may start a process or write a file: the result serves everybody for this long.</summary>
    public static readonly TimeSpan ResultLifetime = TimeSpan.FromSeconds(1);

    /// <summary>A check that has not answered by then has failed: orchestrators give up after some seconds themselves.</summary>
    public static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(5);

    private readonly IReadinessCheck[] checks = [.. checks];

    // Guards the two fields below.
    private readonly Lock gate = new();
    private Task<Result>? current;
    private long startedAt;

    public Task<Result> CheckAsync()
    {
        lock (gate)
        {
            bool usable = current is { } running
                && (!running.IsCompleted || clock.GetElapsedTime(startedAt) < ResultLifetime);
            if (!usable)
            {
                startedAt = clock.GetTimestamp();
                current = Task.Run(RunAsync);
            }

            return current!;
        }
    }

    private async Task<Result> RunAsync()
    {
        var results = await Task.WhenAll(checks.Select(RunAsync));
        var lines = checks.Zip(results, (check, problem) => $"{check.Name}: {problem ?? "ok"}");
        return new Result(results.All(problem => problem is null), string.Join('\n', lines));
    }

    private async Task<string?> RunAsync(IReadinessCheck check)
    {
        using var deadline = new CancellationTokenSource(CheckTimeout, clock);
        try
        {
            return await check.CheckAsync(deadline.Token).AsTask().WaitAsync(CheckTimeout, clock, CancellationToken.None);
        }
        catch (Exception exception)
        {
            return exception is OperationCanceledException or TimeoutException ? "no answer in time" : exception.Message;
        }
    }

    /// <param name="IsReady">Every check holds.</param>
    /// <param name="Text">One line for each check.</param>
    public sealed record Result(bool IsReady, string Text);
}
