using Athens.Federation.Node.Federation.Fetching;
using Athens.Federation.Tests.Retrieval;

namespace Athens.Federation.Tests.Federation.Fetching;

public sealed class PaceTests
{
    private readonly ManualTime time = new();

    [Fact]
    public void No_first_bytes_for_too_long_is_a_fault()
    {
        Pace pace = new(time, 1000);
        pace.Wait();
        time.Advance(Pace.FirstBytes - TimeSpan.FromMilliseconds(1));
        Assert.Null(pace.Check());
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(pace.Check()!.Value.IsFault);
    }

    [Theory]
    [InlineData(Pace.LeastRate - 1000, true)]
    [InlineData(Pace.LeastRate + 1000, false)]
    public void A_window_under_the_least_rate_is_a_fault(int rate, bool isFault)
    {
        Pace pace = new(time, 100 << 20);
        for (int second = 0; second <= Pace.Window.TotalSeconds; second++)
        {
            pace.Wait();
            time.Advance(TimeSpan.FromSeconds(1));
            pace.Came(second == 0 ? 1 : rate);
        }

        Assert.Equal(isFault, pace.Check() is { IsFault: true });
    }

    [Fact]
    public void Time_that_this_node_takes_for_itself_does_not_count()
    {
        Pace pace = new(time, 1000);
        pace.Wait();
        pace.Came(10);
        time.Advance(TimeSpan.FromHours(1));
        Assert.Null(pace.Check());
        Assert.Equal(TimeSpan.Zero, pace.Waited);
    }

    [Fact]
    public void Staying_just_above_the_least_rate_does_not_go_on_for_ever()
    {
        Pace pace = new(time, 1 << 20);
        int seconds = 0;
        for (; pace.Check() is null && seconds < 3600; seconds++)
        {
            pace.Wait();
            time.Advance(TimeSpan.FromSeconds(1));
            pace.Came((int)Pace.LeastRate + 1);
        }

        Assert.InRange(seconds, 20, 30);
    }

    [Fact]
    public void A_stream_far_slower_than_others_is_given_up_without_a_fault()
    {
        Pace pace = new(time, 100 << 20, static () => 1 << 20);
        pace.Wait();
        pace.Came(1);
        pace.Wait();
        time.Advance(Pace.Window);
        pace.Came(1 << 20);
        Assert.False(pace.Check()!.Value.IsFault);
    }

    [Fact]
    public void That_a_stream_is_cut_does_not_end_its_silence()
    {
        Pace pace = new(time, 100 << 20);
        pace.Wait();
        time.Advance(TimeSpan.FromSeconds(1));
        pace.Came(1);
        pace.Wait();
        Assert.False(pace.IsSilent);
        time.Advance(Pace.Silence);
        pace.Came(0);
        Assert.True(pace.IsSilent);
    }

    [Fact]
    public void A_stream_that_struggles_is_noticed_within_a_second()
    {
        Pace pace = new(time, 100 << 20);
        pace.Wait();
        Assert.False(pace.IsStruggling);
        time.Advance(Pace.StruggleAfter);
        Assert.True(pace.IsStruggling);
    }
}
