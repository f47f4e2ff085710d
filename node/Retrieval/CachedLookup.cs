namespace Athens.Federation.Node.Retrieval;

/// <summary>What a <see cref="CachedLookup{TKey,TValue}"/> does, as its owner defines it.</summary>
/// <param name="What">What is looked up, for log lines and reasons.</param>
/// <param name="Ask">Asks the sources. Runs at most once per key at a time.</param>
/// <param name="Complete">Adds to a source's answer what is held; may run again when something comes into the store meanwhile.</param>
/// <param name="Held">The answer out of what is held; null when nothing held can answer.</param>
/// <param name="Weigh">Bytes that an answer takes.</param>
/// <param name="MaxBytes">Bytes that all answers may take.</param>
internal sealed record LookupRules<TKey, TValue>(
    Func<TKey, string> What,
    Func<TKey, CancellationToken, Task<Outcome<TValue>>> Ask,
    Func<TKey, TValue, CancellationToken, ValueTask<TValue>> Complete,
    Func<TKey, CancellationToken, ValueTask<TValue?>> Held,
    Func<TKey, TValue, long> Weigh,
    long MaxBytes)
    where TValue : class;

/// <summary>
/// Answers that can change: fresh for <c>list_ttl</c>; for as long again served at once while they are refreshed behind
/// the caller's back; after that a caller waits for the refresh. So a tag pushed just now is seen after one
/// <c>list_ttl</c> on a path that is rarely asked, after two at most on a busy one, and busy paths never wait. When
/// upstream cannot be asked, an answer of up to <c>stale_for</c> is given, then what is held.
/// </summary>
internal sealed class CachedLookup<TKey, TValue> : IAsyncDisposable
    where TKey : notnull
    where TValue : class
{
    /// <summary>Served while being refreshed until list_ttl × this. A list_ttl of 0 thus means: always ask.</summary>
    public const int RefreshFactor = 2;

    /// <summary>
    /// Who has something to fall back on waits this long for something newer: a look-up takes 1 to 3 s from a healthy
    /// upstream, and a hanging one must not hang the developer.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>After a failed refresh, callers with something to fall back on do not wait at all for this long.</summary>
    public static readonly TimeSpan TroubleWindow = TimeSpan.FromMinutes(1);

    /// <summary>Each is a task and, when its turn comes, a child process; <c>go get</c> asks for a path and its parents.</summary>
    public const int MaxFlights = 1024;

    public const int MaxWaiters = 8192;

    /// <summary>
    /// An answer that was being put together while something came into the store is put together again at most this
    /// often: then it may lack what came last, until it is next refreshed.
    /// </summary>
    private const int MaxRounds = 5;

    private readonly LookupRules<TKey, TValue> rules;
    private readonly RetrievalOptions options;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly AnswerCache<TKey, Answer> answers;
    private readonly FailureMemory<TKey> failures;
    private readonly SingleFlight<TKey, Outcome<TValue>> flights;

    /// <summary>Counts <see cref="Amend"/>: who reads the store, then sets an answer, sees whether it has missed one.</summary>
    private long amendments;

    public CachedLookup(
        LookupRules<TKey, TValue> rules, RetrievalOptions options, TimeProvider time, ILogger logger)
    {
        this.rules = rules;
        this.options = options;
        this.time = time;
        this.logger = logger;
        answers = new(rules.MaxBytes, (key, answer) => rules.Weigh(key, answer.Value));
        // What a name means can change with the next release, so even a conflict is asked for again.
        failures = new(options.AbsentTtl, options.AbsentTtl, time);
        flights = new(
            new FlightRules("retrieval.lookup", MaxFlights, MaxWaiters, options.FetchDeadline), RefreshAsync, Broken, time);
    }

    public async ValueTask<Outcome<TValue>> AskAsync(TKey key, CancellationToken cancellationToken)
    {
        Answer? answer = answers.Find(key);
        if (IsFresh(answer, 1))
        {
            return Outcome<TValue>.Found(answer!.Value, AnswerSource.Store);
        }

        Failure? failure = failures.Recall(key);
        if (failure is null && IsFresh(answer, RefreshFactor))
        {
            flights.Start(key);
            return Outcome<TValue>.Found(answer!.Value, AnswerSource.Store);
        }

        return failure is null
            ? await RefreshedAsync(key, cancellationToken)
            : await RememberedAsync(key, failure, cancellationToken);
    }

    /// <summary>Replaces a cached answer by one that tells more; its age stays.</summary>
    public void Amend(TKey key, Func<TValue, TValue> amend)
    {
        Interlocked.Increment(ref amendments);
        // A refresh may put a newer answer in its place meanwhile; each round means that another one did.
        while (answers.Find(key) is { } answer
            && !answers.Replace(key, answer, answer with { Value = amend(answer.Value) }))
        {
        }
    }

    /// <summary>Drops a remembered failure that has just been proven wrong.</summary>
    public void ForgetFailure(TKey key) => failures.Forget(key);

    public ValueTask DisposeAsync() => flights.DisposeAsync();

    private async ValueTask<Outcome<TValue>> RefreshedAsync(TKey key, CancellationToken cancellationToken)
    {
        TValue? spare = await SpareAsync(key, cancellationToken);
        TimeSpan patience = spare is null ? Timeout.InfiniteTimeSpan
            : failures.FailedLately(key, TroubleWindow) ? TimeSpan.Zero
            : Patience;
        FlightEnd<Outcome<TValue>> end = await flights.JoinAsync(key, patience, cancellationToken);
        return end.State switch
        {
            // The cached answer, because it may have been amended since the flight put it there.
            FlightState.Landed when end.Result.IsFound =>
                end.Result with { Value = answers.Find(key)?.Value ?? end.Result.Value },
            FlightState.Landed => await FallBackAsync(key, end.Result, cancellationToken),
            _ when spare is not null => Outcome<TValue>.Found(spare, AnswerSource.Store),
            _ => Outcome<TValue>.Unavailable(
                $"this node is looking up {MaxFlights} names already; try {rules.What(key)} again in a moment"),
        };
    }

    /// <summary>
    /// "Absent" of parent paths is what <c>go get</c> asks for most: once it is known that nothing is held either, such an
    /// answer costs no look into the store.
    /// </summary>
    private async ValueTask<Outcome<TValue>> RememberedAsync(
        TKey key, Failure failure, CancellationToken cancellationToken)
    {
        if (failure.NothingHeld)
        {
            return failure.As<TValue>();
        }

        Outcome<TValue> outcome = await FallBackAsync(key, failure.As<TValue>(), cancellationToken);
        if (!outcome.IsFound)
        {
            failures.NoteNothingHeld(key, failure);
        }

        return outcome;
    }

    private async ValueTask<Outcome<TValue>> FallBackAsync(
        TKey key, Outcome<TValue> failed, CancellationToken cancellationToken)
    {
        if (failed.Kind == OutcomeKind.Conflicting)
        {
            return failed;
        }

        return await SpareAsync(key, cancellationToken) is { } spare
            ? Outcome<TValue>.Found(spare, AnswerSource.Store)
            : failed;
    }

    /// <summary>The best answer that needs no source: an old one of upstream's, else one out of what is held.</summary>
    private async ValueTask<TValue?> SpareAsync(TKey key, CancellationToken cancellationToken)
    {
        Answer? answer = answers.Find(key);
        if (answer is not null)
        {
            // What is held is read again now and then, since things come into the store by other ways too.
            TimeSpan limit = answer.OfHeld ? TroubleWindow : options.StaleFor;
            if (time.GetElapsedTime(answer.At) < limit)
            {
                return answer.Value;
            }
        }

        return await SetWholeAsync(
            key,
            () => rules.Held(key, cancellationToken),
            (value, at) =>
            {
                // A refresh may have landed meanwhile: what upstream said is not put away for what is held.
                Answer held = new(value, at, OfHeld: true);
                bool isSet = answers.Replace(key, answer, held);
                answer = held;
                return isSet;
            });
    }

    /// <summary>Makes an answer out of the store and sets it, again when something came into the store meanwhile.</summary>
    /// <param name="key">What was asked.</param>
    /// <param name="make">Reads the store.</param>
    /// <param name="set">Gets the answer and its time; false: there is a better one by now.</param>
    private async ValueTask<TValue?> SetWholeAsync(TKey key, Func<ValueTask<TValue?>> make, Func<TValue, long, bool> set)
    {
        TValue? value = null;
        for (int round = 0; round < MaxRounds; round++)
        {
            long before = Interlocked.Read(ref amendments);
            value = await make();
            if (value is not null && !set(value, time.GetTimestamp()))
            {
                return answers.Find(key)?.Value ?? value;
            }

            if (Interlocked.Read(ref amendments) == before)
            {
                break;
            }
        }

        return value;
    }

    private bool IsFresh(Answer? answer, int factor) =>
        answer is { OfHeld: false } && time.GetElapsedTime(answer.At) < options.ListTtl * factor;

    private async Task<Outcome<TValue>> RefreshAsync(TKey key, CancellationToken cancellationToken)
    {
        // Who looked before another flight landed and boards after it needs no second one.
        if (failures.Recall(key) is { } failure)
        {
            return failure.As<TValue>();
        }

        if (answers.Find(key) is { } answer && IsFresh(answer, 1))
        {
            return Outcome<TValue>.Found(answer.Value, AnswerSource.Store);
        }

        Outcome<TValue> outcome = await rules.Ask(key, cancellationToken);
        if (outcome.Value is not { } found)
        {
            return Failed(key, outcome);
        }

        TValue? whole = await SetWholeAsync(
            key,
            async () => await rules.Complete(key, found, cancellationToken),
            (value, at) =>
            {
                answers.Set(key, new Answer(value, at, OfHeld: false));
                return true;
            });
        failures.Forget(key);
        return outcome with { Value = whole };
    }

    private Outcome<TValue> Failed(TKey key, Outcome<TValue> outcome)
    {
        failures.Remember(key, outcome.Kind, outcome.Reason);
        if (outcome.Kind == OutcomeKind.Absent)
        {
            // Upstream knows better than our memory: an old answer must not come back when it is next unreachable.
            answers.Remove(key);
        }
        else
        {
            logger.NotRefreshed(rules.What(key), outcome.Kind, outcome.Reason);
        }

        return outcome;
    }

    private Outcome<TValue> Broken(TKey key, Exception exception)
    {
        string what = rules.What(key);
        if (exception is OperationCanceledException)
        {
            return Failed(key, Outcome<TValue>.Unavailable($"looking up {what} took too long and was given up; try again"));
        }

        logger.Fault($"Looking up {what}", exception);
        return Failed(key, Outcome<TValue>.Faulty($"looking up {what} failed by a fault of this node; its log says more"));
    }

    /// <summary>An answer and when it was got (a timestamp of the TimeProvider).</summary>
    private sealed record Answer(TValue Value, long At, bool OfHeld);
}
