namespace Athens.Federation.Simulator.Clock;

/// <summary>Runs tasks on the thread pool also when they ask for a thread of their own, which nobody could wait for here.</summary>
internal sealed class PoolScheduler : TaskScheduler
{
    protected override IEnumerable<Task> GetScheduledTasks() => [];

    protected override void QueueTask(Task task) => ThreadPool.UnsafeQueueUserWorkItem(_ => TryExecuteTask(task), null);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => !taskWasPreviouslyQueued && TryExecuteTask(task);
}
