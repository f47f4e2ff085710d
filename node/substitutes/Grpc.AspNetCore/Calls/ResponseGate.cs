namespace Grpc.AspNetCore.Server.Calls;

/// <summary>One write to a response at a time, and none after its end. The deadline may end it while the method still writes.</summary>
internal sealed class ResponseGate
{
    private readonly Lock state = new(); // guards the fields below
    private bool entered;
    private bool closed;
    private TaskCompletionSource? left;

    public void Enter()
    {
        lock (state)
        {
            if (closed)
            {
                throw new InvalidOperationException("Can't write the message because the request is complete.");
            }

            if (entered)
            {
                throw new InvalidOperationException("Can't write the message because the previous write is in progress.");
            }

            entered = true;
        }
    }

    public void Leave()
    {
        lock (state)
        {
            entered = false;
            left?.TrySetResult();
        }
    }

    /// <summary>Closes after the write that is under way; false when it was closed before.</summary>
    public async ValueTask<bool> CloseAsync()
    {
        lock (state)
        {
            if (closed)
            {
                return false;
            }

            closed = true;
            left = entered ? new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) : null;
        }

        if (left is not null)
        {
            await left.Task;
        }

        return true;
    }
}
