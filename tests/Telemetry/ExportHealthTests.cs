using Athens.Federation.Node.Telemetry;
using Microsoft.Extensions.Logging;

namespace Athens.Federation.Tests.Telemetry;

public sealed class ExportHealthTests : IDisposable
{
    private readonly HandClock clock = new();
    private readonly LogCapture log = new();
    private readonly ExportHealth health;

    public ExportHealthTests() =>
        health = new("Zipkin", new Uri("http://user:secret@zipkin:9411/api/v2/spans?key=1"), log.CreateLogger("t"), clock);

    public void Dispose() => log.Dispose();

    [Fact]
    public void Many_failures_are_one_line_without_credentials()
    {
        for (var i = 0; i < 50; i++)
        {
            health.Failed("it answers 500");
        }

        var line = Assert.Single(log.Lines);
        Assert.Equal(LogLevel.Information, line.Level);
        Assert.Contains("http://zipkin:9411/api/v2/spans ", line.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", line.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_endpoint_that_answers_now_and_then_stays_failing()
    {
        for (var i = 0; i < 20; i++)
        {
            health.Failed("it answers 500");
            health.Succeeded();
            health.Succeeded();
        }

        Assert.Single(log.Lines);
        health.Succeeded();
        Assert.Equal(2, log.Lines.Count);
        health.Failed("it answers 500");
        Assert.Equal(3, log.Lines.Count);
    }

    [Fact]
    public void A_failing_endpoint_is_left_alone_for_growing_pauses_up_to_a_limit()
    {
        var pauses = new List<double>();
        for (var i = 0; i < 7; i++)
        {
            health.Failed("down");
            var waited = TimeSpan.Zero;
            while (!health.MayTry())
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                waited += TimeSpan.FromSeconds(1);
            }

            pauses.Add(waited.TotalSeconds);
        }

        Assert.Equal([1, 2, 4, 8, 16, 16, 16], pauses);
        health.Succeeded();
        Assert.True(health.MayTry());
    }

    [Fact]
    public void Nothing_is_tried_or_told_after_the_end()
    {
        health.Close();
        health.Failed("canceled");
        Assert.False(health.MayTry());
        Assert.Empty(log.Lines);
    }
}
