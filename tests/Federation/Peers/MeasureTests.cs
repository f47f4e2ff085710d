using System.Net;
using Athens.Federation.Node.Federation.Peers;

namespace Athens.Federation.Tests.Federation.Peers;

public sealed class MeasureTests
{
    [Fact]
    public void Small_answers_make_up_latency_and_large_ones_throughput()
    {
        PeerMeasures measures = new();
        Assert.Equal(PeerMeasures.AssumedLatency, measures.Latency);
        Assert.Equal(0, measures.Throughput);
        measures.Add(TimeSpan.FromMilliseconds(10), 0);
        measures.Add(TimeSpan.FromSeconds(2), 100 << 20);
        Assert.Equal(TimeSpan.FromMilliseconds(10), measures.Latency);
        Assert.Equal(50 << 20, measures.Throughput, 1.0);
        for (int i = 0; i < 50; i++)
        {
            measures.Add(TimeSpan.FromMilliseconds(100), 0);
        }

        Assert.InRange(measures.Latency.TotalMilliseconds, 99, 100);
        measures.Add(TimeSpan.Zero, 1 << 20);
        Assert.True(double.IsFinite(measures.Throughput));
    }

    [Fact]
    public void The_hedge_delay_is_50_ms_at_first_and_then_the_90th_percentile_of_the_last_answers()
    {
        LatencyQuantile quantile = new();
        for (int i = 0; i < 15; i++)
        {
            quantile.Add(TimeSpan.FromMilliseconds(8));
        }

        Assert.Equal(TimeSpan.FromMilliseconds(50), quantile.HedgeDelay);
        quantile.Add(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromMilliseconds(8), quantile.HedgeDelay);
        for (int i = 1; i <= 128; i++)
        {
            quantile.Add(TimeSpan.FromMilliseconds(i));
        }

        Assert.Equal(TimeSpan.FromMilliseconds(116), quantile.HedgeDelay);
    }

    [Fact]
    public void The_hedge_delay_stays_within_bounds()
    {
        LatencyQuantile quick = new();
        LatencyQuantile slow = new();
        for (int i = 0; i < 16; i++)
        {
            quick.Add(TimeSpan.FromTicks(10));
            slow.Add(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(LatencyQuantile.Least, quick.HedgeDelay);
        Assert.Equal(LatencyQuantile.Most, slow.HedgeDelay);
    }

    [Fact]
    public void Second_questions_are_five_percent_of_the_first_ones()
    {
        HedgeBudget budget = new();
        int spent = 0;
        while (budget.TrySpend())
        {
            spent++;
        }

        Assert.Equal(HedgeBudget.MostSaved, spent);
        Parallel.For(0, 2000, _ =>
        {
            budget.Called();
            if (budget.TrySpend())
            {
                Interlocked.Increment(ref spent);
            }
        });
        Assert.Equal(HedgeBudget.MostSaved + 100, spent);
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("::1", true)]
    [InlineData("192.168.7.200", true)]
    [InlineData("::ffff:192.168.7.200", true)]
    [InlineData("192.168.8.1", false)]
    [InlineData("fd00:1::99", true)]
    [InlineData("2001:db8::1", false)]
    public void Near_is_this_machine_and_its_own_networks(string address, bool isNear)
    {
        IPNetwork[] own = [IPNetwork.Parse("192.168.7.0/24"), IPNetwork.Parse("fd00:1::/64")];
        Assert.Equal(isNear, LocalNetworks.Contains(IPAddress.Parse(address), own));
    }

    [Fact]
    public void This_machines_own_networks_can_be_read() => Assert.True(LocalNetworks.Contains(IPAddress.Loopback));
}
