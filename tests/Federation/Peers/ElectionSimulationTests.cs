namespace Athens.Federation.Tests.Federation.Peers;

/// <summary>A failure names its seed: the same seed gives the same course of events.</summary>
public sealed class ElectionSimulationTests
{
    private const int Seeds = 1_000;

    [Fact]
    public void While_no_message_is_lost_one_node_goes_upstream_for_all()
    {
        ForEachSeed(seed => new LanWeather(2 + (seed % 6), MostDelay: 1 + (seed % 70), Loss: 0, UpstreamFailure: 0), run =>
        {
            Assert.Equal(1, run.Fetches);
            Assert.Equal(0, run.Stuck);
        });
    }

    [Fact]
    public void When_the_one_that_went_fails_the_next_goes_and_never_two_at_once()
    {
        ForEachSeed(seed => new LanWeather(2 + (seed % 6), MostDelay: 1 + (seed % 70), Loss: 0, UpstreamFailure: 0.6), run =>
        {
            Assert.Equal(1, run.MostAtOnce);
            Assert.Equal(0, run.Stuck);
        });
    }

    [Fact]
    public void Whatever_is_lost_or_late_everybody_gets_on_within_the_lan_wait()
    {
        ForEachSeed(seed => new LanWeather(2 + (seed % 6), MostDelay: 1 + (seed % 900), Loss: seed % 10 / 10.0, UpstreamFailure: 0.3), run =>
        {
            Assert.Equal(0, run.Stuck);
            // The wait itself, the last question in it with its patience, and an upstream fetch.
            Assert.InRange(run.Ended, 0, 20_000 + 1_250 + 3_500);
        });
    }

    private static void ForEachSeed(Func<int, LanWeather> weather, Action<ElectionSimulation> check)
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            ElectionSimulation run = new(seed, weather(seed));
            run.Run();
            try
            {
                check(run);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"seed {seed}, {weather(seed)}: {exception.Message}", exception);
            }
        }
    }
}
