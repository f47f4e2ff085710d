using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Tests.Retrieval;

public sealed class SingleFlightTests
{
    private static readonly AsyncLocal<string?> Ambient = new();
    private readonly ManualTime time = new();
    private readonly TaskCompletionSource release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int flown;

    [Fact]
    public async Task Two_hundred_callers_share_one_flight()
    {
        await using SingleFlight<string, string> flights = Flights();
        Task<FlightEnd<string>>[] callers = [.. Enumerable.Range(0, 200).Select(_ => Join(flights, "a"))];
        release.SetResult();

        FlightEnd<string>[] ends = await Task.WhenAll(callers);

        Assert.All(ends, end => Assert.Equal(new(FlightState.Landed, "a done"), end));
        Assert.Equal(1, flown);
    }

    [Fact]
    public async Task Different_keys_fly_separately_and_a_landed_key_flies_again()
    {
        release.SetResult();
        await using SingleFlight<string, string> flights = Flights();

        await Join(flights, "a");
        await Join(flights, "b");
        await Join(flights, "a");

        Assert.Equal(3, flown);
    }

    [Fact]
    public async Task A_caller_that_leaves_ends_only_its_own_wait()
    {
        await using SingleFlight<string, string> flights = Flights();
        using CancellationTokenSource leaving = new();
        Task<FlightEnd<string>> first = flights.JoinAsync("a", Timeout.InfiniteTimeSpan, leaving.Token).AsTask();
        Task<FlightEnd<string>> second = Join(flights, "a");

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        release.SetResult();

        Assert.Equal("a done", (await second).Result);
        Assert.Equal(1, flown);
    }

    [Fact]
    public async Task A_flight_goes_on_when_all_callers_have_left()
    {
        await using SingleFlight<string, string> flights = Flights();
        using CancellationTokenSource leaving = new();
        Task<FlightEnd<string>> only = flights.JoinAsync("a", Timeout.InfiniteTimeSpan, leaving.Token).AsTask();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => only);

        Task<FlightEnd<string>> late = Join(flights, "a");
        release.SetResult();

        Assert.Equal(FlightState.Landed, (await late).State);
        Assert.Equal(1, flown);
    }

    [Fact]
    public async Task The_deadline_ends_the_flight_for_everyone()
    {
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using SingleFlight<string, string> flights = Flights(begun: begun);
        Task<FlightEnd<string>>[] callers = [Join(flights, "a"), Join(flights, "a")];
        await begun.Task;

        time.Advance(TimeSpan.FromMinutes(1));

        Assert.All(await Task.WhenAll(callers), end => Assert.StartsWith("broken: ", end.Result, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Patience_counts_from_the_flights_start()
    {
        await using SingleFlight<string, string> flights = Flights();
        TimeSpan patience = TimeSpan.FromSeconds(5);
        Task<FlightEnd<string>> first = flights.JoinAsync("a", patience, CancellationToken.None).AsTask();
        time.Advance(patience);

        Assert.Equal(FlightState.StillFlying, (await first).State);
        ValueTask<FlightEnd<string>> late = flights.JoinAsync("a", patience, CancellationToken.None);
        Assert.True(late.IsCompletedSuccessfully);
        Assert.Equal(FlightState.StillFlying, (await late).State);
    }

    [Fact]
    public async Task More_flights_or_waiters_than_the_bounds_are_turned_away_at_once()
    {
        await using SingleFlight<string, string> flights = Flights(maxFlights: 2, maxWaiters: 3);
        Task<FlightEnd<string>>[] flying = [Join(flights, "a"), Join(flights, "b")];

        Assert.Equal(FlightState.Full, (await Join(flights, "c")).State);
        Task<FlightEnd<string>> third = Join(flights, "a");
        Assert.Equal(FlightState.Full, (await Join(flights, "a")).State);

        release.SetResult();
        Assert.All(await Task.WhenAll([.. flying, third]), end => Assert.Equal(FlightState.Landed, end.State));
        Assert.Equal(FlightState.Landed, (await Join(flights, "c")).State);
    }

    [Fact]
    public async Task The_first_callers_ambient_values_do_not_reach_the_flight()
    {
        string? seen = "not run";
        await using SingleFlight<string, string> flights = new(
            new FlightRules("test", 1, 1, TimeSpan.FromMinutes(1)),
            (_, _) => Task.FromResult(seen = Ambient.Value ?? "none"),
            static (_, exception) => exception.Message,
            time);
        Ambient.Value = "the first caller's";

        await Join(flights, "a");

        Assert.Equal("none", seen);
    }

    [Fact]
    public async Task Work_that_throws_becomes_a_result_and_leaves_no_flight_behind()
    {
        await using SingleFlight<string, string> flights = new(
            new FlightRules("test", 1, 10, TimeSpan.FromMinutes(1)),
            (_, _) => throw new InvalidOperationException("a bug"),
            static (key, exception) => $"{key}: {exception.Message}",
            time);

        Assert.Equal("a: a bug", (await Join(flights, "a")).Result);
        Assert.Equal("b: a bug", (await Join(flights, "b")).Result);
    }

    [Fact]
    public async Task Disposing_cancels_the_flights_and_starts_no_more()
    {
        SingleFlight<string, string> flights = Flights();
        Task<FlightEnd<string>> caller = Join(flights, "a");

        await flights.DisposeAsync();

        Assert.StartsWith("broken: ", (await caller).Result, StringComparison.Ordinal);
        Assert.Equal(FlightState.Full, (await Join(flights, "b")).State);
    }

    private static Task<FlightEnd<string>> Join(SingleFlight<string, string> flights, string key) =>
        flights.JoinAsync(key, Timeout.InfiniteTimeSpan, CancellationToken.None).AsTask();

    private SingleFlight<string, string> Flights(
        int maxFlights = 10, int maxWaiters = 1000, TaskCompletionSource? begun = null) => new(
        new FlightRules("test", maxFlights, maxWaiters, TimeSpan.FromMinutes(1)),
        async (key, cancellationToken) =>
        {
            Interlocked.Increment(ref flown);
            begun?.SetResult();
            await release.Task.WaitAsync(cancellationToken);
            return key + " done";
        },
        static (_, exception) => "broken: " + exception.GetType().Name,
        time);
}
