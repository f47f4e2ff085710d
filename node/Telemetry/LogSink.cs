namespace Athens.Federation.Node.Telemetry;

/// <summary>
/// Takes finished lines from any thread and writes them, in order, from one thread of its own. Nobody waits for the
/// reader at the other end: two buffers of a fixed size are all that is held. When they are full (a stopped terminal,
/// a stuck pipe) lines are dropped and counted, and one line tells how many.
/// </summary>
internal sealed class LogSink : IDisposable
{
    /// <summary>Of each of the two buffers: about 5,000 request lines, what a node at its limit writes in 60 ms.</summary>
    public const int Capacity = 1 << 20;

    /// <summary>The end of a buffer that only warnings and errors may use, so that a flood of requests cannot hide them.</summary>
    public const int Reserve = 128 << 10;

    /// <summary>How long a line may rest before it is written: one wake-up and one write serve all that came meanwhile.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(5);

    /// <summary>How long an error waits for room. Once one has waited in vain no other waits until something moves.</summary>
    private static readonly TimeSpan BlockLimit = TimeSpan.FromMilliseconds(50);

    /// <summary>A reader that is too slow all the time is told so no more often than this.</summary>
    private static readonly TimeSpan NoticeInterval = TimeSpan.FromSeconds(1);

    /// <summary>How long shutdown waits for the last lines.</summary>
    private static readonly TimeSpan FlushLimit = TimeSpan.FromSeconds(2);

    private readonly Stream stream;
    private readonly Func<long, ReadOnlyMemory<byte>> droppedNotice;
    private readonly TimeProvider time;
    private readonly Thread writer;

    /// <summary>Guards all fields below. The writer waits on it for lines, errors wait on it for room.</summary>
    private readonly object gate = new();
    private byte[] filling = new byte[Capacity];
    private byte[] writing = new byte[Capacity];
    private int filled;
    private long lines;
    private long dropped;
    private long? lastNotice;
    private bool idle;
    private bool lingering;
    private bool urgentWaiting;
    private bool stuck;
    private bool stopping;

    public LogSink(Stream stream, Func<long, ReadOnlyMemory<byte>> droppedNotice, TimeProvider time)
    {
        this.time = time;
        this.stream = stream;
        this.droppedNotice = droppedNotice;
        writer = new Thread(Run) { IsBackground = true, Name = "athens log" };
        writer.Start();
    }

    /// <summary>
    /// Takes a line, its LF included. An urgent one is written at once and may wait up to 50 ms for room; any other
    /// never waits.
    /// </summary>
    public void Post(ReadOnlySpan<byte> line, bool urgent)
    {
        lock (gate)
        {
            if (stopping)
            {
                return;
            }

            if (!HasRoom(line.Length, urgent) && !(urgent && WaitForRoom(line.Length)))
            {
                dropped++;
                return;
            }

            line.CopyTo(filling.AsSpan(filled));
            filled += line.Length;
            lines++;
            urgentWaiting |= urgent;
            if (idle || urgent || (lingering && filled >= Capacity / 2))
            {
                idle = false;
                lingering = false;
                Monitor.PulseAll(gate);
            }
        }
    }

    /// <summary>Writes what was posted, within two seconds; later lines are dropped. The stream stays open.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            stopping = true;
            Monitor.PulseAll(gate);
        }

        writer.Join(FlushLimit);
    }

    private bool HasRoom(int length, bool urgent) => filled + length <= (urgent ? Capacity : Capacity - Reserve);

    private bool WaitForRoom(int length)
    {
        if (stuck || length > Capacity)
        {
            return false;
        }

        if (!Monitor.Wait(gate, BlockLimit))
        {
            stuck = true;
        }

        return !stopping && HasRoom(length, urgent: true);
    }

    private void Run()
    {
        while (Take() is { } batch)
        {
            try
            {
                stream.Write(batch.Bytes.Span);
                if (batch.Dropped > 0)
                {
                    stream.Write(droppedNotice(batch.Dropped).Span);
                }

                stream.Flush();
            }
            catch (Exception)
            {
                // A full disk or a closed pipe: there is nowhere else to tell it. The next success tells the count.
                lock (gate)
                {
                    dropped += stopping ? 0 : batch.Dropped + batch.Lines;
                }
            }
        }
    }

    /// <summary>Waits for lines or a due notice; null when stopping and all is written.</summary>
    private Batch? Take()
    {
        lock (gate)
        {
            while (filled == 0 && !NoticeIsDue() && !stopping)
            {
                idle = true;
                Monitor.Wait(gate, dropped > 0 ? NoticeInterval : Timeout.InfiniteTimeSpan);
            }

            idle = false;
            if (filled == 0 && dropped == 0)
            {
                return null;
            }

            if (!urgentWaiting && !stopping && filled < Capacity / 2)
            {
                lingering = true;
                Monitor.Wait(gate, Linger);
                lingering = false;
            }

            return Swap();
        }
    }

    private Batch Swap()
    {
        var told = stopping || NoticeIsDue() ? dropped : 0;
        if (told > 0)
        {
            lastNotice = time.GetTimestamp();
        }

        (filling, writing) = (writing, filling);
        var batch = new Batch(writing.AsMemory(0, filled), lines, told);
        (filled, lines, dropped) = (0, 0, dropped - told);
        urgentWaiting = false;
        stuck = false;
        Monitor.PulseAll(gate);
        return batch;
    }

    private bool NoticeIsDue() =>
        dropped > 0 && (lastNotice is not { } last || time.GetElapsedTime(last) >= NoticeInterval);

    private readonly record struct Batch(ReadOnlyMemory<byte> Bytes, long Lines, long Dropped);
}
