using Athens.Federation.Node.Federation.Serving;
using Athens.Federation.Tests.Retrieval;

namespace Athens.Federation.Tests.Federation.Serving;

public sealed class ScarceLinesTests
{
    private readonly ManualTime time = new();

    [Fact]
    public void Who_comes_again_and_again_does_not_hide_who_comes_for_the_first_time()
    {
        ScarceLines lines = new(time);
        Assert.Equal(1 + ScarceLines.LinesAMinute, Enumerable.Range(0, 100).Count(_ => lines.Allow("a", out long _)));
        Assert.True(lines.Allow("b", out long _));
        Assert.False(lines.Allow("b", out long _));
    }

    [Fact]
    public void A_crowd_of_strangers_is_told_of_by_a_few_lines_a_minute_and_the_number_of_the_others()
    {
        ScarceLines lines = new(time);
        for (int minute = 0; minute < 3; minute++)
        {
            long missed = 0;
            int told = Enumerable.Range(0, 1000).Count(stranger =>
            {
                bool isTold = lines.Allow($"{minute}/{stranger}", out long more);
                missed += more;
                return isTold;
            });
            Assert.Equal(ScarceLines.NewAMinute + ScarceLines.LinesAMinute, told);
            Assert.Equal(minute == 0 ? 0 : 1000 - told, missed);
            time.Advance(TimeSpan.FromMinutes(1));
        }
    }
}
