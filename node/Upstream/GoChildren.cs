using System.Diagnostics;
using System.Globalization;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Upstream;

/// <summary>One question to <c>go</c>.</summary>
/// <param name="Verb">For traces and logs, e.g. <c>go mod download</c>.</param>
/// <param name="Arguments">The command line; checked by the caller.</param>
/// <param name="Path">The module path asked for.</param>
/// <param name="Version">The version or query; empty for a list.</param>
/// <param name="IsFetch">It may take minutes.</param>
internal sealed record GoQuestion(string Verb, IReadOnlyList<string> Arguments, string Path, string Version, bool IsFetch)
{
    public string Target => Version.Length == 0 ? Path : $"{Path}@{Version}";
}

/// <summary>
/// Asks <c>go</c>: waits for a place, gives the child a scratch folder and the kept clones, and turns whatever happens
/// into an outcome. What a good child printed is read by the caller while its scratch folder still stands.
/// </summary>
internal sealed class GoChildren : IDisposable
{
    private readonly UpstreamLayout layout;
    private readonly GoCommand command;
    private readonly VcsCache cache;
    private readonly WorkerPool pool;
    private readonly TimeProvider time;
    private readonly ILogger logger;

    public GoChildren(UpstreamLayout layout, GoCommand command, VcsCache cache, WorkerPool pool, TimeProvider time, ILogger<GoChildren> logger)
    {
        this.layout = layout;
        this.command = command;
        this.cache = cache;
        this.pool = pool;
        this.time = time;
        this.logger = logger;
    }

    /// <summary>Children that wait for a place.</summary>
    public int Waiting => pool.Waiting;

    /// <param name="question">What to ask.</param>
    /// <param name="read">Reads a good child's answer; what it takes out of the scratch folder stays.</param>
    /// <param name="cancellationToken">Ends the waiting, and kills the child.</param>
    public async Task<Outcome<T>> AskAsync<T>(
        GoQuestion question, Func<ScratchFolder, byte[], Outcome<T>> read, CancellationToken cancellationToken)
        where T : class
    {
        if (command.IsOff)
        {
            // Not forbidden: with 404 the developer's go asks the next proxy of its list.
            return Outcome<T>.NotHeld(
                $"{question.Target} is not held by this node, which does not go upstream (goproxy = off)", AnswerSource.Upstream);
        }

        long started = time.GetTimestamp();
        using Activity? activity = Start(question);
        using IDisposable? place = await EnterAsync(question, cancellationToken);
        long queued = (long)time.GetElapsedTime(started).TotalMilliseconds;
        activity?.SetTag("athens.queued_ms", queued);
        Outcome<T> outcome;
        if (place is null)
        {
            logger.TurnedAway(pool.Waiting, question.Target);
            outcome = Outcome<T>.Unavailable("this node is busy fetching other modules; try again in a minute", AnswerSource.Upstream);
        }
        else
        {
            outcome = await InPlaceAsync(question, read, activity, cancellationToken);
        }

        activity?.SetTag("athens.outcome", outcome.Kind.ToString());
        activity?.SetStatus(
            outcome.Kind is OutcomeKind.Found or OutcomeKind.Absent ? ActivityStatusCode.Ok : ActivityStatusCode.Error, outcome.Reason);
        Log(question, outcome, (long)time.GetElapsedTime(started).TotalMilliseconds);
        return outcome;
    }

    public void Dispose() => pool.Dispose();

    private static Activity? Start(GoQuestion question)
    {
        Activity? activity = Tracing.Source.StartActivity(question.Verb);
        activity?.SetTag("athens.module", question.Path);
        activity?.SetTag("athens.version", question.Version);
        return activity;
    }

    private async Task<IDisposable?> EnterAsync(GoQuestion question, CancellationToken cancellationToken)
    {
        Meters.ChildQueued(1);
        try
        {
            return await pool.EnterAsync(question.IsFetch, cancellationToken);
        }
        finally
        {
            Meters.ChildQueued(-1);
        }
    }

    private async Task<Outcome<T>> InPlaceAsync<T>(
        GoQuestion question, Func<ScratchFolder, byte[], Outcome<T>> read, Activity? activity, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            using IDisposable use = await cache.EnterAsync(cancellationToken);
            using ScratchFolder scratch = new(layout);
            long started = time.GetTimestamp();
            ChildResult? result = await command.RunAsync(scratch, question.Path, question.Arguments, activity, cancellationToken);
            return result switch
            {
                null => Outcome<T>.Faulty(command.GoMissing, AnswerSource.Upstream),
                { End: ChildEnd.Exited, ExitCode: 0 } => read(scratch, result.Output),
                { End: ChildEnd.Exited } => Failure<T>(question, result),
                _ => Killed<T>(question, result, time.GetElapsedTime(started), cancellationToken),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string reason = $"this node cannot write its data folder: {GoWords.Clean(e.Message, layout.Data)}";
            return new(GoFailure.Classify(e.Message) is OutcomeKind.OutOfSpace ? OutcomeKind.OutOfSpace : OutcomeKind.Faulty, null, reason, AnswerSource.Upstream);
        }
    }

    private Outcome<T> Killed<T>(GoQuestion question, ChildResult result, TimeSpan took, CancellationToken cancellationToken)
        where T : class
    {
        if (result.End == ChildEnd.NotStarted)
        {
            return Outcome<T>.Faulty(
                $"this node could not start the go command: {GoWords.Clean(result.Errors, layout.Data)}", AnswerSource.Upstream);
        }

        cache.RepairAfterKill();
        cancellationToken.ThrowIfCancellationRequested();
        if (result.End == ChildEnd.TooMuchOutput)
        {
            return Outcome<T>.Faulty(
                $"the go command printed more than {ChildProcess.MaxOutput >> 20} MiB and was stopped", AnswerSource.Upstream);
        }

        logger.TimedOut(question.Verb, question.Target, (long)took.TotalMilliseconds);
        string seconds = took.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture);
        return Outcome<T>.Unavailable(
            $"upstream did not answer within {seconds} s: {question.Verb} {question.Target} was stopped", AnswerSource.Upstream);
    }

    private Outcome<T> Failure<T>(GoQuestion question, ChildResult result)
        where T : class
    {
        // go mod download says it in its JSON, go list on standard error.
        string said = GoJson.Read(result.Output, GoJson.Default.DownloadAnswer)?.ErrorText ?? "";
        string words = said.Length > 0 ? said : result.Errors;
        const int ShellCannotRun = 126;
        const int ShellNotFound = 127;
        OutcomeKind kind = result.ExitCode is ShellCannotRun or ShellNotFound ? OutcomeKind.Faulty : GoFailure.Classify(words);
        if (kind == OutcomeKind.Conflicting)
        {
            cache.CondemnOf(question.Path);
        }
        else if (GoFailure.SaysDamagedClone(words))
        {
            cache.Condemn(words);
            kind = OutcomeKind.Unavailable;
        }
        else if (kind == OutcomeKind.Absent && command.IsPrivate(question.Path) && !GoFailure.SaysRead(words))
        {
            return Outcome<T>.Forbidden(
                $"{GoWords.Clean(words, layout.Data)}\n{question.Path} is private, and upstream does not tell whether it is missing or may not be read", AnswerSource.Upstream);
        }

        return new Outcome<T>(kind, null, GoWords.Clean(words, layout.Data), AnswerSource.Upstream);
    }

    private void Log<T>(GoQuestion question, Outcome<T> outcome, long milliseconds)
        where T : class
    {
        switch (outcome.Kind)
        {
            case OutcomeKind.Found:
                logger.Done(question.Verb, question.Target, milliseconds);
                break;
            case OutcomeKind.Conflicting:
                logger.Conflict(question.Target, outcome.Reason);
                break;
            case OutcomeKind.Faulty:
                logger.OwnFault(question.Target, outcome.Reason);
                break;
            default:
                logger.Failed(question.Verb, question.Target, outcome.Kind, outcome.Reason);
                break;
        }
    }
}
