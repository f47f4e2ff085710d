using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Athens.Federation.Node.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Athens.Federation.Tests.Telemetry;

public sealed partial class AthensLoggerTests
{
    private const string Room = "Athens.Federation.Node.Upstream.GoCommand";
    private readonly HandClock clock = new();

    [Fact]
    public void People_get_time_level_room_and_message() => Assert.Equal(
        "2026-11-20T16:56:00.000Z info  Upstream   go fetched example.org/a in 1.5 s\n",
        Written(LogFormat.Console, logger => Fetched(logger, "example.org/a", 1.5)));

    [Fact]
    public void Fields_that_the_message_does_not_show_follow_it() => Assert.Equal(
        "2026-11-20T16:56:00.000Z warn  Upstream   Slow module=example.org/a reason=\"two words\" empty=\"\"\n",
        Written(LogFormat.Console, logger => Slow(logger, "example.org/a", "two words", "")));

    [Fact]
    public void Machines_get_one_valid_object_a_line()
    {
        using var activity = new Activity("a").Start();
        var json = Json(logger => Mixed(logger, "a \"b\"\n", 7, true, 1.5, double.NaN, LogLevel.Error, null));

        Assert.Equal("2026-11-20T16:56:00Z", json.GetProperty("time").GetString());
        Assert.Equal("warn", json.GetProperty("level").GetString());
        Assert.Equal(9003, json.GetProperty("id").GetInt32());
        Assert.Equal("Mixed", json.GetProperty("event").GetString());
        Assert.Equal(Room, json.GetProperty("category").GetString());
        Assert.Equal("Mixed a \"b\"\n 7 True", json.GetProperty("message").GetString());
        Assert.Equal(
            """{"text":"a \"b\"\n","count":7,"flag":true,"time":1.5,"odd":"NaN","level":"Error","none":null}""",
            json.GetProperty("fields").GetRawText());
        Assert.Equal(activity.TraceId.ToHexString(), json.GetProperty("trace").GetString());
        Assert.Equal(activity.SpanId.ToHexString(), json.GetProperty("span").GetString());
    }

    [Fact]
    public void An_exception_is_told_in_full()
    {
        var error = new InvalidOperationException("bad\r\n2026-11-20T16:56:00.000Z info  Host forged\u001b[2J");
        var text = Written(LogFormat.Console, logger => Broken(logger, error));
        Assert.All(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1), row => Assert.StartsWith("    ", row, StringComparison.Ordinal));
        Assert.DoesNotContain('\u001b', text);
        Assert.Contains("System.InvalidOperationException: bad", text, StringComparison.Ordinal);
        Assert.Equal(error.ToString(), Json(logger => Broken(logger, error)).GetProperty("exception").GetString());
    }

    [Theory]
    [InlineData("a\nfatal Host forged", "a\\nfatal Host forged")]
    [InlineData("a\r\tb", "a\\r\\tb")]
    [InlineData("\u001b]0;title\u0007", "\\u{1b}]0;title\\u{7}")]
    [InlineData("\u0085\u2028\u202Egnp.exe\u200b\u007f\0", "\\u{85}\\u{2028}\\u{202e}gnp.exe\\u{200b}\\u{7f}\\u{0}")]
    [InlineData("Zürich 漢字 🧪", "Zürich 漢字 🧪")]
    public void No_value_can_forge_a_line_or_steer_a_terminal(string hostile, string shown)
    {
        var text = Written(LogFormat.Console, logger => Fetched(logger, hostile, 1));
        Assert.Contains($" go fetched {shown} in 1 s\n", text, StringComparison.Ordinal);
        Assert.Equal(text.Length - 1, text.IndexOf('\n', StringComparison.Ordinal));
        Assert.Equal(
            hostile,
            Json(logger => Fetched(logger, hostile, 1)).GetProperty("fields").GetProperty("module").GetString());
    }

    [Fact]
    public void Half_a_character_is_replaced()
    {
        Assert.Contains(
            "lone \uFFFD half", Written(LogFormat.Console, logger => Fetched(logger, "lone \uD800 half", 1)), StringComparison.Ordinal);
        Assert.Equal(
            "lone \uFFFD half",
            Json(logger => Fetched(logger, "lone \uD800 half", 1)).GetProperty("fields").GetProperty("module").GetString());
    }

    [Fact]
    public void A_quoted_field_cannot_be_left() => Assert.Contains(
        """ reason="a\" Level=\"fatal\\" empty""",
        Written(LogFormat.Console, logger => Slow(logger, "m", "a\" Level=\"fatal\\", "")),
        StringComparison.Ordinal);

    [Fact]
    public void A_long_value_is_cut()
    {
        var text = Written(LogFormat.Console, logger => Fetched(logger, new string('m', 9000), 1));
        Assert.Contains(new string('m', LogValue.MaxLength) + "… in", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_that_cannot_be_written_do_not_fail_the_caller()
    {
        var json = Json(logger => Odd(logger, new Unwritable(), [1, null, "c"], new Uri("http://a/b")));
        Assert.Equal("(Unwritable without text: NotSupportedException)", json.GetProperty("fields").GetProperty("value").GetString());
        Assert.Equal("1, (null), c", json.GetProperty("fields").GetProperty("items").GetString());
        Assert.Equal("http://a/b", json.GetProperty("fields").GetProperty("address").GetString());
    }

    [Fact]
    public void A_value_that_logs_while_it_is_written_spoils_neither_line()
    {
        ILogger? inner = null;
        var text = Written(LogFormat.Console, logger =>
        {
            inner = logger;
            Odd(logger, new Talkative(() => Fetched(inner, "inside", 1)), [], new Uri("http://a/"));
        });
        Assert.Equal(2, text.Count(c => c == '\n'));
        Assert.Contains("go fetched inside in 1 s\n", text, StringComparison.Ordinal);
        Assert.Contains("Odd talkative", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Templates_of_other_makers_are_rendered_too()
    {
#pragma warning disable CA2254, CA1848, CA1727 // The callers here are the framework's: any template may come.
        var text = Written(LogFormat.Console, logger =>
        {
            logger.LogWarning("{{literal}} {a,10} {b:0.00}", "x", 1.234);
            logger.LogWarning("{n:x4} {n2}", 255, null);
            logger.Log(LogLevel.Information, default, 42, null, (state, _) => $"state {state}");
        });
#pragma warning restore CA2254, CA1848, CA1727
        Assert.Equal(
            ["{literal} x 1.23", "00ff (null)", "state 42"],
            text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(row => row[42..]));
    }

    [Fact]
    public void A_request_line_allocates_nothing_but_its_boxed_numbers()
    {
        using var provider = new AthensLoggerProvider(LogFormat.Json, Stream.Null, clock);
        var logger = provider.CreateLogger(Room);
        for (var i = 0; i < 2000; i++)
        {
            Request(logger);
        }

        // The least of several: code that is compiled anew on the way allocates once.
        var least = Enumerable.Range(0, 5).Min(_ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 1000; i++)
            {
                Request(logger);
            }

            return (GC.GetAllocatedBytesForCurrentThread() - before) / 1000;
        });

        // Two boxes of 24 bytes: the status and the time.
        Assert.InRange(least, 0, 48);
    }

    [Fact]
    public void The_options_say_what_is_written()
    {
        using var stream = new MemoryStream();
        var services = new ServiceCollection().AddLogging(logging => logging.AddConsoleLike().AddAthensLogging(
            new() { LogLevel = LogLevel.Debug }, stream));
        using (var provider = services.BuildServiceProvider())
        {
            var loggers = provider.GetRequiredService<ILoggerFactory>();
            Fetched(loggers.CreateLogger("Microsoft.Hosting.Lifetime"), "quiet", 1);
            Slow(loggers.CreateLogger("Microsoft.AspNetCore.Server.Kestrel"), "loud", "r", "e");
            Fetched(loggers.CreateLogger(Room), "ours", 1);
            Assert.False(loggers.CreateLogger("Microsoft.AspNetCore.Hosting.Diagnostics").IsEnabled(LogLevel.Critical));
            Assert.Single(provider.GetServices<ILoggerProvider>());
        }

        var text = Encoding.UTF8.GetString(stream.ToArray());
        Assert.DoesNotContain("quiet", text, StringComparison.Ordinal);
        Assert.Contains("warn  Kestrel    Slow module=loud", text, StringComparison.Ordinal);
        Assert.Contains("ours", text, StringComparison.Ordinal);
    }

    private static void Request(ILogger logger) =>
        Answered(logger, "0HN7", "github.com/pkg/errors", 200, 0.123);

    private string Written(LogFormat format, Action<ILogger> log)
    {
        using var stream = new MemoryStream();
        using (var provider = new AthensLoggerProvider(format, stream, clock))
        {
            log(provider.CreateLogger(Room));
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private JsonElement Json(Action<ILogger> log)
    {
        var text = Written(LogFormat.Json, log);
        Assert.EndsWith("}\n", text, StringComparison.Ordinal);
        Assert.Equal(1, text.Count(c => c == '\n'));
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    [LoggerMessage(9001, LogLevel.Information, "go fetched {Module} in {Seconds} s")]
    private static partial void Fetched(ILogger logger, string module, double seconds);

#pragma warning disable SYSLIB1015 // Fields that the message does not show are what is tested.
    [LoggerMessage(9002, LogLevel.Warning, "Slow")]
    private static partial void Slow(ILogger logger, string module, string reason, string empty);

    [LoggerMessage(9003, LogLevel.Warning, "Mixed {Text} {Count} {Flag}")]
    private static partial void Mixed(
        ILogger logger, string text, int count, bool flag, double time, double odd, LogLevel level, string? none);
#pragma warning restore SYSLIB1015

    [LoggerMessage(9004, LogLevel.Error, "Broken")]
    private static partial void Broken(ILogger logger, Exception exception);

    [LoggerMessage(9005, LogLevel.Information, "Odd {Value} {Items} {Address}")]
    private static partial void Odd(ILogger logger, object value, object?[] items, Uri address);

    [LoggerMessage(9006, LogLevel.Information, "Answered {Request} {Module} {Status} in {Ms} ms")]
    private static partial void Answered(ILogger logger, string request, string module, int status, double ms);

    private sealed class Unwritable
    {
        public override string ToString() => throw new NotSupportedException("no");
    }

    private sealed class Talkative(Action talk)
    {
        public override string ToString()
        {
            talk();
            return "talkative";
        }
    }
}

internal static class ForeignProvider
{
    /// <summary>Such as a web application's builder brings along.</summary>
    public static ILoggingBuilder AddConsoleLike(this ILoggingBuilder logging)
    {
        logging.Services.AddSingleton<ILoggerProvider, LogCapture>();
        return logging;
    }
}
