using System.Diagnostics;
using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Retrieval;

/// <summary>How waiting for a flight ended.</summary>
internal enum FlightState
{
    /// <summary>The flight is over; its result is there.</summary>
    Landed,

    /// <summary>A bound was reached; nothing was started and nobody waits.</summary>
    Full,

    /// <summary>The caller's patience is over; the flight goes on.</summary>
    StillFlying,
}

/// <summary>How waiting ended, with the result when it is <see cref="FlightState.Landed"/>.</summary>
internal readonly record struct FlightEnd<TResult>(FlightState State, TResult? Result);

/// <summary>Bounds of a <see cref="SingleFlight{TKey,TResult}"/>.</summary>
/// <param name="SpanName">Name of each flight's span.</param>
/// <param name="MaxFlights">Flights in progress at once.</param>
/// <param name="MaxWaiters">Callers that wait, over all flights.</param>
/// <param name="Deadline">A flight's token is cancelled after this long.</param>
internal sealed record FlightRules(string SpanName, int MaxFlights, int MaxWaiters, TimeSpan Deadline);

/// <summary>
/// One piece of work per key at a time, shared by all who ask for it. The work belongs to no caller: it has a deadline of
/// its own, runs outside the first caller's execution context, and goes on when every caller has left.
/// </summary>
internal sealed class SingleFlight<TKey, TResult> : IAsyncDisposable
    where TKey : notnull
{
    /// <summary>Shutting down waits this long for cancelled flights, so that they can clear away what they staged.</summary>
    private static readonly TimeSpan StopWait = TimeSpan.FromSeconds(10);

    private readonly FlightRules rules;
    private readonly Func<TKey, CancellationToken, Task<TResult>> work;
    private readonly Func<TKey, Exception, TResult> broken;
    private readonly TimeProvider time;
    private readonly CancellationTokenSource stopping = new();

    /// <summary>Guards <see cref="flights"/>; held for a dictionary operation only.</summary>
    private readonly Lock gate = new();
    private readonly Dictionary<TKey, Flight> flights = [];
    private int waiters;

    /// <summary><paramref name="broken"/> makes a result of what <paramref name="work"/> threw, a passed deadline included.</summary>
    public SingleFlight(
        FlightRules rules,
        Func<TKey, CancellationToken, Task<TResult>> work,
        Func<TKey, Exception, TResult> broken,
        TimeProvider time)
    {
        this.rules = rules;
        this.work = work;
        this.broken = broken;
        this.time = time;
    }

    /// <summary>
    /// Joins the key's flight, or starts it. Waits until it lands, but not past <paramref name="patience"/>, counted from
    /// the flight's start: who comes late to a flight that hangs does not wait at all.
    /// </summary>
    public async ValueTask<FlightEnd<TResult>> JoinAsync(TKey key, TimeSpan patience, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Interlocked.Increment(ref waiters) > rules.MaxWaiters)
        {
            Interlocked.Decrement(ref waiters);
            return new(FlightState.Full, default);
        }

        try
        {
            return Board(key, out bool first) is { } flight
                ? await WaitAsync(flight, first, patience, cancellationToken)
                : new(FlightState.Full, default);
        }
        finally
        {
            Interlocked.Decrement(ref waiters);
        }
    }

    /// <summary>Starts the key's flight when none is in progress and the bound allows it; waits for nothing.</summary>
    public void Start(TKey key) => Board(key, out _);

    /// <summary>Cancels all flights and waits, within bounds, until they have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] landings;
        lock (gate)
        {
            landings = [.. flights.Values.Select(static flight => flight.Landing.Task)];
        }

        await stopping.CancelAsync();
        Task all = Task.WhenAll(landings);
        await Task.WhenAny(all, Task.Delay(StopWait, time, CancellationToken.None));
    }

    private async ValueTask<FlightEnd<TResult>> WaitAsync(
        Flight flight, bool first, TimeSpan patience, CancellationToken cancellationToken)
    {
        TimeSpan left = patience;
        if (patience != Timeout.InfiniteTimeSpan && !flight.Landing.Task.IsCompleted)
        {
            left = patience - time.GetElapsedTime(flight.StartedAt);
            if (left <= TimeSpan.Zero)
            {
                return new(FlightState.StillFlying, default);
            }
        }

        try
        {
            TResult result = await flight.Landing.Task.WaitAsync(left, time, cancellationToken);
            if (!first && flight.Span != default)
            {
                Activity.Current?.AddLink(new ActivityLink(flight.Span));
            }

            return new(FlightState.Landed, result);
        }
        catch (TimeoutException)
        {
            return new(FlightState.StillFlying, default);
        }
    }

    private Flight? Board(TKey key, out bool first)
    {
        first = false;
        Flight? flight;
        lock (gate)
        {
            if (flights.TryGetValue(key, out flight))
            {
                return flight;
            }

            if (flights.Count >= rules.MaxFlights || stopping.IsCancellationRequested)
            {
                return null;
            }

            flight = new Flight(Activity.Current?.Context ?? default, time.GetTimestamp());
            flights.Add(key, flight);
        }

        first = true;
        // "Unsafe" is the point: the flight must not keep the first request's ambient values alive or see them change.
        ThreadPool.UnsafeQueueUserWorkItem(
            static start => _ = start.Owner.FlyAsync(start.Key, start.Flight),
            (Owner: this, Key: key, Flight: flight),
            preferLocal: false);
        return flight;
    }

    private async Task FlyAsync(TKey key, Flight flight)
    {
        using CancellationTokenSource deadline = new(rules.Deadline, time);
        using CancellationTokenSource ending =
            CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping.Token);
        TResult result;
        using (Activity? span = Tracing.Source.StartActivity(rules.SpanName, ActivityKind.Internal, flight.Parent))
        {
            flight.Span = span?.Context ?? default;
            try
            {
                result = await work(key, ending.Token);
            }
            catch (Exception exception)
            {
                span?.SetStatus(ActivityStatusCode.Error, exception.Message);
                result = broken(key, exception);
            }
        }

        lock (gate)
        {
            flights.Remove(key);
        }

        flight.Landing.SetResult(result);
    }

    private sealed class Flight(ActivityContext parent, long startedAt)
    {
        public ActivityContext Parent { get; } = parent;

        public long StartedAt { get; } = startedAt;

        /// <summary>Written before <see cref="Landing"/> completes, read after it.</summary>
        public ActivityContext Span { get; set; }

        public TaskCompletionSource<TResult> Landing { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
