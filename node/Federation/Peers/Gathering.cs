namespace Athens.Federation.Node.Federation.Peers;

/// <summary>Answers of several peers to one question.</summary>
internal static class Gathering
{
    /// <summary>
    /// Waits for all, but after the first good one only <paramref name="grace"/> longer: who is silent must not hold up those
    /// who have answered. Gives what has come by then, in the order of the tasks. The tasks must not throw.
    /// </summary>
    public static async Task<IReadOnlyList<T>> GatherAsync<T>(
        IReadOnlyList<Task<T>> answers, Func<T, bool> isGood, TimeSpan grace, TimeProvider time, CancellationToken cancellationToken)
    {
        List<Task<T>> pending = [.. answers];
        bool isAnyGood = false;
        while (pending.Count > 0 && !isAnyGood)
        {
            Task<T> done = await Task.WhenAny(pending).WaitAsync(cancellationToken);
            pending.Remove(done);
            isAnyGood = isGood(await done);
        }

        if (pending.Count > 0)
        {
            try
            {
                await Task.WhenAll(pending).WaitAsync(grace, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                // The others have had their time.
            }
        }

        return [.. answers.Where(static answer => answer.IsCompletedSuccessfully).Select(static answer => answer.Result)];
    }
}
