using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Tests.Retrieval;

namespace Athens.Federation.Tests.Federation.Peers;

public sealed class SetAsideTests
{
    private readonly ManualTime time = new();
    private readonly SetAside aside;

    public SetAsideTests() => aside = new SetAside(time);

    [Theory]
    [InlineData(PeerFault.Unreachable, 250, 30_000)]
    [InlineData(PeerFault.Slow, 500, 60_000)]
    [InlineData(PeerFault.Busy, 200, 10_000)]
    [InlineData(PeerFault.Protocol, 5_000, 300_000)]
    [InlineData(PeerFault.Lied, 900_000, 86_400_000)]
    public void Each_fault_of_a_kind_doubles_the_time_up_to_a_bound(object kind, int firstMs, int mostMs)
    {
        var fault = (PeerFault)kind;
        TimeSpan expected = TimeSpan.FromMilliseconds(firstMs);
        for (int i = 0; i < 40; i++)
        {
            Assert.Equal(expected, aside.Add(fault));
            time.Advance(expected);
            Assert.Equal(TimeSpan.Zero, aside.Left);
            expected = TimeSpan.FromTicks(Math.Min(expected.Ticks * 2, TimeSpan.FromMilliseconds(mostMs).Ticks));
        }
    }

    [Fact]
    public void Calls_that_fail_together_are_one_fault()
    {
        for (int i = 0; i < 50; i++)
        {
            aside.Add(PeerFault.Slow);
            time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(TimeSpan.FromMilliseconds(450), aside.Left);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(1), aside.Add(PeerFault.Slow));
    }

    [Fact]
    public void A_graver_fault_prolongs_and_a_lesser_one_does_not_shorten()
    {
        aside.Add(PeerFault.Slow);
        Assert.Equal(TimeSpan.FromMinutes(15), aside.Add(PeerFault.Lied));
        Assert.Equal(TimeSpan.FromMinutes(15), aside.Add(PeerFault.Unreachable));
        Assert.False(aside.IsBusy);
    }

    [Fact]
    public void A_success_makes_the_next_fault_a_first_one_again_but_never_the_next_lie()
    {
        aside.Add(PeerFault.Unreachable);
        time.Advance(TimeSpan.FromSeconds(1));
        aside.Add(PeerFault.Lied);
        time.Advance(TimeSpan.FromHours(1));
        aside.Succeeded();
        Assert.Equal(TimeSpan.FromMilliseconds(250), aside.Add(PeerFault.Unreachable));
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(TimeSpan.FromMinutes(30), aside.Add(PeerFault.Lied));
    }

    [Fact]
    public void An_answer_to_an_old_call_does_not_end_a_set_aside()
    {
        aside.Add(PeerFault.Slow);
        aside.Succeeded();
        Assert.Equal(TimeSpan.FromMilliseconds(500), aside.Left);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(1), aside.Add(PeerFault.Slow));
    }

    [Theory]
    [InlineData(0, 200)]
    [InlineData(1_500, 1_500)]
    [InlineData(3_600_000, 60_000)]
    public void A_peers_pushback_is_honoured_within_a_bound(int toldMs, int leftMs)
    {
        Assert.Equal(TimeSpan.FromMilliseconds(leftMs), aside.Add(PeerFault.Busy, TimeSpan.FromMilliseconds(toldMs)));
        Assert.True(aside.IsBusy);
        time.Advance(TimeSpan.FromMilliseconds(leftMs));
        Assert.False(aside.IsBusy);
    }
}
