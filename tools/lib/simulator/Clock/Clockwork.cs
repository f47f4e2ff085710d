using System.Collections.Concurrent;

namespace Athens.Federation.Simulator.Clock;

/// <summary>
/// Runs the simulation: whenever nothing is left to do at this instant, the clock moves to the next timer. The thread pool has one thread (see the project's file and
/// tools/simulate), so "nothing left" is an empty queue, and everything happens one after the other in an order that does not depend on the machine.
/// </summary>
internal sealed class Clockwork(SimulatedTime time) : IThreadPoolWorkItem
{
    private BlockingCollection<Action> work = null!;
    private TimeSpan end;
    private volatile bool isOver;
    private volatile int held;

    /// <summary>Whether the process was started as this needs it.</summary>
    public static bool IsPossible
    {
        get
        {
            ThreadPool.GetMaxThreads(out int workers, out _);
            return workers == 1;
        }
    }

    /// <summary>Runs until a moment of the simulated time. Called from a thread that is not the pool's, which does meanwhile what is to be done outside.</summary>
    public void RunUntil(TimeSpan moment)
    {
        using BlockingCollection<Action> outside = [];
        (work, end, isOver) = (outside, moment, false);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        while (!isOver)
        {
            outside.Take()();
        }
    }

    /// <summary>
    /// Has something done by another thread than the pool's, and holds the clock meanwhile: what waits for a task where it stands would wait for itself here.
    /// </summary>
    public Task DoOutsideAsync(Action what)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Increment(ref held);
        work.Add(() =>
        {
            try
            {
                what();
                done.SetResult();
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
            finally
            {
                Interlocked.Decrement(ref held);
            }
        });
        return done.Task;
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (held > 0)
        {
            Thread.Yield();
        }
        else if (ThreadPool.PendingWorkItemCount == 0 && !time.Advance(end))
        {
            work.Add(() => isOver = true);
            return;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }
}
