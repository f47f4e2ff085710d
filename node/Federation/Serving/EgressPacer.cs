using Athens.Federation.Node.Federation.Identity;

namespace Athens.Federation.Node.Federation.Serving;

/// <summary>
/// The ceiling on bytes a second to all peers together. Frames wait for their turn; each time it goes to the peer that was
/// given least (start-time fair queueing), so a peer with sixty streams gets no more than one with a single stream.
/// </summary>
internal sealed class EgressPacer : IDisposable
{
    /// <summary>How long an idle line gathers: short, so that the ceiling holds within any second.</summary>
    private static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(100);

    /// <summary>Frames a second under a low ceiling: smaller frames, so that a reader never waits long for a sign of life.</summary>
    private const int LeastFrames = 20;

    /// <summary>Below this a frame's own overhead would be felt.</summary>
    private const int LeastFrame = 1 << 10;

    // Guards everything below but what is read-only. A peer has no more frames here than calls.
    private readonly Lock gate = new();
    private readonly Dictionary<PeerKey, EgressQueue> queues = [];
    private readonly PriorityQueue<EgressQueue, long> turns = new();
    private readonly long bytesPerSecond;
    private readonly TimeProvider time;
    private readonly long begin;
    private readonly ITimer timer;
    private TimeSpan freeAt;
    private long given;

    /// <param name="bytesPerSecond">0: no ceiling.</param>
    /// <param name="time">The clock.</param>
    public EgressPacer(long bytesPerSecond, TimeProvider time)
    {
        this.bytesPerSecond = bytesPerSecond;
        this.time = time;
        begin = time.GetTimestamp();
        timer = time.CreateTimer(static pacer => ((EgressPacer)pacer!).GoOn(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The largest frame to send under this ceiling.</summary>
    public int FrameSize(int most) =>
        bytesPerSecond == 0 ? most : (int)Math.Clamp(bytesPerSecond / LeastFrames, LeastFrame, most);

    /// <summary>Returns when so many bytes may be sent to the peer. What is cancelled before takes nothing of the line.</summary>
    public ValueTask WaitAsync(PeerKey peer, int bytes, CancellationToken cancellationToken)
    {
        if (bytesPerSecond == 0)
        {
            return ValueTask.CompletedTask;
        }

        lock (gate)
        {
            if (turns.Count == 0 && freeAt <= Now)
            {
                Take(bytes);
                return ValueTask.CompletedTask;
            }

            EgressFrame frame = new(bytes, gate);
            Queue(peer, frame);
            frame.GiveUpOn(cancellationToken);
            return new ValueTask(frame.Turn);
        }
    }

    public void Dispose() => timer.Dispose();

    private TimeSpan Now => time.GetElapsedTime(begin);

    private void Queue(PeerKey peer, EgressFrame frame)
    {
        if (!queues.TryGetValue(peer, out EgressQueue? queue))
        {
            queues[peer] = queue = new EgressQueue();
        }

        queue.Add(frame);
        if (!queue.IsInTurns)
        {
            // Nobody saves up for later: who comes back begins where the others are.
            queue.Given = Math.Max(queue.Given, given);
            queue.IsInTurns = true;
            turns.Enqueue(queue, queue.Given);
        }

        if (turns.Count == 1)
        {
            Arm();
        }
    }

    private void GoOn()
    {
        lock (gate)
        {
            while (turns.Count > 0 && freeAt <= Now)
            {
                EgressQueue queue = turns.Dequeue();
                given = Math.Max(given, queue.Given);
                if (queue.Next() is { } frame)
                {
                    Take(frame.Bytes);
                    queue.Given += frame.Bytes;
                    turns.Enqueue(queue, queue.Given);
                    frame.Begin();
                }
                else
                {
                    queue.IsInTurns = false;
                }
            }

            if (turns.Count > 0)
            {
                Arm();
            }
            else
            {
                // Nobody waits: all begin anew, and peers that are gone are forgotten.
                queues.Clear();
                given = 0;
            }
        }
    }

    private void Take(int bytes)
    {
        TimeSpan earliest = Now - Burst;
        freeAt = (freeAt > earliest ? freeAt : earliest) + TimeSpan.FromSeconds((double)bytes / bytesPerSecond);
    }

    // Timers count whole milliseconds and come late rather than early; what the line gathers meanwhile makes up for it.
    private void Arm()
    {
        TimeSpan wait = freeAt - Now;
        timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
