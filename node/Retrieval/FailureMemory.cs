namespace Athens.Federation.Node.Retrieval;

/// <summary>A failure that was met before, and when (a timestamp of the TimeProvider).</summary>
internal sealed record Failure(OutcomeKind Kind, string Reason, long At)
{
    /// <summary>Nothing held can answer instead, and nothing has come into the store since.</summary>
    public bool NothingHeld { get; init; }

    /// <summary>As an answer given from memory: it came from no source now.</summary>
    public Outcome<T> As<T>()
        where T : class =>
        new(Kind, null, Reason, "");
}

/// <summary>
/// Negative caching. "Absent" and "forbidden" are believed for <c>absent_ttl</c>; what may pass by itself is damped for
/// a moment, so that a storm of retries does not become a storm upstream; a conflict is kept apart, where no flood of
/// other failures can push it out, and nothing replaces it by a lesser failure.
/// </summary>
internal sealed class FailureMemory<TKey>
    where TKey : notnull
{
    /// <summary>A retry after this long goes upstream again; short enough that a person who retries is never stopped by it.</summary>
    public static readonly TimeSpan Damping = TimeSpan.FromSeconds(1.5);

    /// <summary>About 5,000 failures: a cold <c>go get</c> of a big program leaves a few hundred (parent paths).</summary>
    private const long MaxBytes = 2 << 20;

    /// <summary>About 2,000 conflicts: far more than any honest upstream ever causes.</summary>
    private const long MaxConflictBytes = 1 << 20;

    /// <summary>Entry, list node and dictionary slot, measured roughly; strings come on top at two bytes a character.</summary>
    private const int EntryBytes = 200;

    private readonly AnswerCache<TKey, Failure> failures;
    private readonly AnswerCache<TKey, Failure> conflicts;
    private readonly TimeSpan absentTtl;
    private readonly TimeSpan conflictTtl;
    private readonly TimeProvider time;

    /// <summary><paramref name="conflictTtl"/> may be <see cref="Timeout.InfiniteTimeSpan"/>: for the process's lifetime.</summary>
    public FailureMemory(TimeSpan absentTtl, TimeSpan conflictTtl, TimeProvider time)
    {
        this.absentTtl = absentTtl;
        this.conflictTtl = conflictTtl;
        this.time = time;
        failures = new(MaxBytes, Weigh);
        conflicts = new(MaxConflictBytes, Weigh);
    }

    public void Remember(TKey key, OutcomeKind kind, string reason)
    {
        Failure failure = new(kind, reason, time.GetTimestamp());
        (kind == OutcomeKind.Conflicting ? conflicts : failures).Set(key, failure);
    }

    public void Forget(TKey key)
    {
        failures.Remove(key);
        conflicts.Remove(key);
    }

    /// <summary>What was in conflict may not be so any more: it is looked at again when it is asked for.</summary>
    public void ForgetConflicts() => conflicts.Clear();

    /// <summary>
    /// Notes that nothing held can answer instead. Does nothing when the failure has been forgotten or replaced meanwhile,
    /// so an admission that happens between the look into the store and this call is not missed.
    /// </summary>
    public void NoteNothingHeld(TKey key, Failure failure) =>
        failures.Replace(key, failure, failure with { NothingHeld = true });

    /// <summary>The failure to answer with, as long as it is believed.</summary>
    public Failure? Recall(TKey key)
    {
        if (conflicts.Find(key) is { } conflict && IsYoung(conflict, conflictTtl))
        {
            return conflict;
        }

        return failures.Find(key) is { } failure && IsYoung(failure, TtlOf(failure.Kind)) ? failure : null;
    }

    /// <summary>The last answer for this key was a failure, at most <paramref name="window"/> ago, believed still or not.</summary>
    public bool FailedLately(TKey key, TimeSpan window) => failures.Find(key) is { } failure && IsYoung(failure, window);

    private TimeSpan TtlOf(OutcomeKind kind) => kind is OutcomeKind.Absent or OutcomeKind.Forbidden ? absentTtl : Damping;

    private bool IsYoung(Failure failure, TimeSpan ttl) =>
        ttl == Timeout.InfiniteTimeSpan || time.GetElapsedTime(failure.At) < ttl;

    private static long Weigh(TKey key, Failure failure) =>
        EntryBytes + (2L * (key.ToString()?.Length ?? 0)) + (2L * failure.Reason.Length);
}
