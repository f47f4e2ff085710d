using System.Text;
using Athens.Federation.Node.Telemetry;
using Microsoft.Extensions.Logging;

namespace Athens.Federation.Tests.Telemetry;

public sealed partial class LogSinkTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Lines_of_each_thread_keep_their_order_and_none_is_torn()
    {
        using var stream = new MemoryStream();
        using (var sink = new LogSink(stream, Notice, TimeProvider.System))
        {
            await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
            {
                for (var i = 0; i < 5000; i++)
                {
                    sink.Post(Encoding.UTF8.GetBytes($"{thread} {i:d5}\n"), urgent: true);
                }
            })));
        }

        var lines = Encoding.UTF8.GetString(stream.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(20_000, lines.Length);
        foreach (var ofThread in lines.GroupBy(line => line[0]))
        {
            Assert.Equal(ofThread.Order(StringComparer.Ordinal), ofThread);
        }
    }

    [Fact]
    public async Task A_blocked_reader_costs_lines_that_are_counted_and_never_time()
    {
        var stream = new GatedStream();
        using (var provider = new AthensLoggerProvider(LogFormat.Console, stream, TimeProvider.System))
        {
            var logger = provider.CreateLogger("Athens.Federation.Node.Protocol.RequestLog");
            Line(logger, "first", -1);
            await stream.Blocked.WaitAsync(Limit);
            var begun = TimeProvider.System.GetTimestamp();
            for (var i = 0; i < 100_000; i++)
            {
                Line(logger, "request", i);
            }

            Assert.InRange(TimeProvider.System.GetElapsedTime(begun), TimeSpan.Zero, TimeSpan.FromSeconds(30));
            stream.Open();
        }

        var lines = stream.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var dropped = Assert.Single(lines, line => line.Contains("were dropped", StringComparison.Ordinal));
        Assert.Contains(" warn  Telemetry ", dropped, StringComparison.Ordinal);
        var count = int.Parse(dropped.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3]);
        Assert.Equal(100_001, lines.Length - 1 + count);
        Assert.InRange(count, 1, 99_999);
    }

    [Fact]
    public async Task Errors_have_room_of_their_own_and_wait_once_but_briefly_when_it_is_full()
    {
        var stream = new GatedStream();
        using var sink = new LogSink(stream, Notice, TimeProvider.System);
        var line = new byte[1000];
        sink.Post(line, urgent: true);
        await stream.Blocked.WaitAsync(Limit);
        for (var i = 0; i < 2 * LogSink.Capacity / line.Length; i++)
        {
            sink.Post(line, urgent: false);
        }

        for (var i = 0; i < 2 * LogSink.Reserve / line.Length; i++)
        {
            sink.Post(line, urgent: true);
        }

        // One of them has waited in vain: the others do not wait for the same blocked reader again.
        var begun = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < 100; i++)
        {
            sink.Post(line, urgent: true);
        }

        Assert.InRange(TimeProvider.System.GetElapsedTime(begun), TimeSpan.Zero, TimeSpan.FromSeconds(3));
        stream.Open();
        sink.Dispose();
        var kept = stream.Length / line.Length;
        Assert.InRange(kept, LogSink.Capacity / line.Length, (LogSink.Capacity / line.Length) + 2);
    }

    [Fact]
    public async Task Shutdown_does_not_wait_long_for_a_blocked_reader()
    {
        var stream = new GatedStream();
        var sink = new LogSink(stream, Notice, TimeProvider.System);
        sink.Post("a\n"u8, urgent: true);
        await stream.Blocked.WaitAsync(Limit);
        var begun = TimeProvider.System.GetTimestamp();
        sink.Dispose();

        Assert.InRange(TimeProvider.System.GetElapsedTime(begun), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20));
        stream.Open();
    }

    [Fact]
    public async Task A_reader_that_fails_is_tried_again_and_told_what_it_missed()
    {
        var stream = new GatedStream();
        stream.Open();
        stream.FailNext();
        using (var sink = new LogSink(stream, Notice, TimeProvider.System))
        {
            sink.Post("lost\n"u8, urgent: true);
            await stream.Failed.WaitAsync(Limit);
            sink.Post("kept\n"u8, urgent: true);
        }

        // Told at once or with the next line, whichever comes first; the line that failed is not written twice.
        Assert.Equal(["1 dropped", "kept"], stream.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
    }

    private static ReadOnlyMemory<byte> Notice(long count) => Encoding.UTF8.GetBytes($"{count} dropped\n");

    [LoggerMessage(9101, LogLevel.Information, "Line {Name} {Number} with some filling to be as long as a request line")]
    private static partial void Line(ILogger logger, string name, int number);

    /// <summary>A stream whose reader reads nothing until the gate is opened.</summary>
    private sealed class GatedStream : Stream
    {
        private readonly MemoryStream inner = new();
        private readonly ManualResetEventSlim gate = new();
        private readonly TaskCompletionSource blocked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private bool failNext;

        public Task Blocked => blocked.Task;

        public Task Failed => failed.Task;

        public string Text => Encoding.UTF8.GetString(inner.ToArray());

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => inner.Length;

        public override long Position { get => inner.Position; set => throw new NotSupportedException(); }

        public void Open() => gate.Set();

        public void FailNext() => failNext = true;

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            blocked.TrySetResult();
            gate.Wait(Limit);
            if (failNext)
            {
                failNext = false;
                failed.SetResult();
                throw new IOException("no space left on device");
            }

            inner.Write(buffer);
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
