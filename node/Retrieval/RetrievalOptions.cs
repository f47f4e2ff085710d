namespace Athens.Federation.Node.Retrieval;

/// <summary>How long answers that can change are believed. Keys of <c>[upstream]</c>.</summary>
internal sealed record RetrievalOptions
{
    /// <summary>A new version, or a repaired absence, must not stay unseen longer than this.</summary>
    public static readonly TimeSpan MaxTtl = TimeSpan.FromHours(1);

    public static readonly TimeSpan MaxStaleFor = TimeSpan.FromDays(365);

    /// <summary>A list or a query's answer is fresh this long (<c>list_ttl</c>, 0 s to 1 h).</summary>
    public TimeSpan ListTtl { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>"Does not exist" is believed this long (<c>absent_ttl</c>, 0 s to 1 h).</summary>
    public TimeSpan AbsentTtl { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A list or a query's answer may be this old when upstream cannot be asked (<c>stale_for</c>, 0 s to 365 days).</summary>
    public TimeSpan StaleFor { get; init; } = TimeSpan.FromDays(7);

    /// <summary>
    /// One fetch, list or query may take this long, waiting for an upstream worker included; then everyone who waits is
    /// told so. Not a key: Host sets it from <c>[upstream] timeout</c>, and it must be longer than that one.
    /// </summary>
    public TimeSpan FetchDeadline { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Runs the checks of zips, each as a task that takes long: a thread of its own, unless a scheduler does otherwise.</summary>
    public TaskScheduler Checks { get; init; } = TaskScheduler.Default;
}
