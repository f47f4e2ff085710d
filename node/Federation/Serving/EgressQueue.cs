namespace Athens.Federation.Node.Federation.Serving;

/// <summary>Frames of one peer that wait to be sent. Guarded by the lock of <see cref="EgressPacer"/>.</summary>
internal sealed class EgressQueue
{
    private readonly LinkedList<EgressFrame> frames = [];

    /// <summary>Bytes given to it, counted from where the others were when it came.</summary>
    public long Given { get; set; }

    public bool IsInTurns { get; set; }

    public void Add(EgressFrame frame) => frame.Place = frames.AddLast(frame);

    /// <summary>Takes the frame that has waited longest; null when none waits.</summary>
    public EgressFrame? Next()
    {
        EgressFrame? next = frames.First?.Value;
        next?.Leave();
        return next;
    }
}

/// <summary>One frame that waits. Guarded like its queue, by <paramref name="gate"/>.</summary>
internal sealed class EgressFrame(int bytes, Lock gate)
{
    private readonly TaskCompletionSource turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenRegistration givingUp;

    public int Bytes => bytes;

    /// <summary>Completes when it may be sent.</summary>
    public Task Turn => turn.Task;

    public LinkedListNode<EgressFrame>? Place { get; set; }

    public void GiveUpOn(CancellationToken cancellationToken) =>
        givingUp = cancellationToken.UnsafeRegister(static (frame, token) => ((EgressFrame)frame!).GiveUp(token), this);

    public void Begin()
    {
        // Not Dispose, which would wait for a callback that waits for the lock.
        givingUp.Unregister();
        turn.TrySetResult();
    }

    /// <summary>It does not wait any more.</summary>
    public void Leave()
    {
        Place?.List?.Remove(Place);
        Place = null;
    }

    private void GiveUp(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            Leave();
            turn.TrySetCanceled(cancellationToken);
        }
    }
}
