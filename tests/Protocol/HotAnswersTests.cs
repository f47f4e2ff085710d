using Athens.Federation.Node.Protocol;

namespace Athens.Federation.Tests.Protocol;

public sealed class HotAnswersTests
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(1);
    private readonly Clock clock = new();

    [Fact]
    public void An_answer_is_kept_for_its_lifetime()
    {
        var hot = new HotAnswers(clock);
        var answer = Of(10);
        hot.Keep("/a", answer, Lifetime);
        Assert.Same(answer, hot.Find("/a", clock.GetTimestamp()));
        clock.Advance(TimeSpan.FromSeconds(0.99));
        Assert.Same(answer, hot.Find("/a", clock.GetTimestamp()));
        clock.Advance(TimeSpan.FromSeconds(0.02));
        Assert.Null(hot.Find("/a", clock.GetTimestamp()));
        var next = Of(20);
        hot.Keep("/a", next, Lifetime);
        Assert.Same(next, hot.Find("/a", clock.GetTimestamp()));
        Assert.Equal(1, hot.Count);
    }

    [Fact]
    public void What_is_asked_for_stays_when_room_runs_out()
    {
        var hot = new HotAnswers(clock, 100 << 10);
        for (int i = 0; i < 1000; i++)
        {
            hot.Keep($"/{i}", Of(1000), Lifetime);
            Assert.True(i == 0 || hot.Find("/0", clock.GetTimestamp()) is not null, $"lost after {i}");
        }

        Assert.InRange(hot.Count, 40, 52);
    }

    [Fact]
    public void Nothing_outgrows_the_budget_even_when_everything_is_asked_for()
    {
        var hot = new HotAnswers(clock, 100 << 10);
        for (int i = 0; i < 1000; i++)
        {
            hot.Keep($"/{i % 90}", Of(100 * (i % 37)), Lifetime);
            for (int j = 0; j < 90; j++)
            {
                hot.Find($"/{j}", clock.GetTimestamp());
            }

            Assert.InRange(hot.Count, 1, 100);
        }
    }

    [Fact]
    public void Large_answers_and_lifetimes_of_nothing_are_not_kept()
    {
        var hot = new HotAnswers(clock);
        hot.Keep("/large", Of(HotAnswers.MaxBody + 1), Lifetime);
        hot.Keep("/never", Of(1), TimeSpan.Zero);
        Assert.Equal(0, hot.Count);
    }

    private static Answer Of(int length) => new() { Status = 200, Outcome = "found", Body = new byte[length] };

    private sealed class Clock : TimeProvider
    {
        private long now = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now;

        public void Advance(TimeSpan by) => now += by.Ticks;
    }
}
