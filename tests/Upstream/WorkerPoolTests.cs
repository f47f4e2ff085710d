using Athens.Federation.Node.Upstream;

namespace Athens.Federation.Tests.Upstream;

public sealed class WorkerPoolTests
{
    [Fact]
    public async Task Fetches_leave_one_place_for_a_list()
    {
        using WorkerPool pool = new(3, TimeSpan.FromMinutes(1), TimeProvider.System);
        using IDisposable? first = await pool.EnterAsync(isFetch: true, CancellationToken.None);
        using IDisposable? second = await pool.EnterAsync(isFetch: true, CancellationToken.None);
        Task<IDisposable?> third = pool.EnterAsync(isFetch: true, CancellationToken.None);
        Assert.False(third.IsCompleted);
        using (IDisposable? list = await pool.EnterAsync(isFetch: false, CancellationToken.None))
        {
            Assert.NotNull(list);
            Assert.False(third.IsCompleted);
        }

        first!.Dispose();
        using IDisposable? entered = await third;
        Assert.NotNull(entered);
    }

    [Fact]
    public async Task One_worker_serves_both_in_turn()
    {
        using WorkerPool pool = new(1, TimeSpan.FromMinutes(1), TimeProvider.System);
        IDisposable? fetch = await pool.EnterAsync(isFetch: true, CancellationToken.None);
        Task<IDisposable?> list = pool.EnterAsync(isFetch: false, CancellationToken.None);
        Assert.False(list.IsCompleted);
        fetch!.Dispose();
        fetch.Dispose();
        Assert.NotNull(await list);
        Assert.False(pool.EnterAsync(isFetch: false, CancellationToken.None).IsCompleted);
    }

    [Fact]
    public async Task Who_finds_the_queue_full_is_turned_away_at_once()
    {
        WorkerPool pool = new(1, TimeSpan.FromMinutes(1), TimeProvider.System);
        using IDisposable? only = await pool.EnterAsync(isFetch: false, CancellationToken.None);
        using CancellationTokenSource end = new();
        List<Task<IDisposable?>> waiting =
            [.. Enumerable.Range(0, WorkerPool.MaxWaiting).Select(n => pool.EnterAsync(n % 2 == 0, end.Token))];
        Assert.Equal(WorkerPool.MaxWaiting, pool.Waiting);
        Assert.Null(await pool.EnterAsync(isFetch: false, CancellationToken.None));
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(waiting));
        Assert.Equal(0, pool.Waiting);
    }

    [Fact]
    public async Task Patience_has_an_end_and_gives_back_what_was_taken()
    {
        using WorkerPool pool = new(2, TimeSpan.FromMilliseconds(20), TimeProvider.System);
        IDisposable? list = await pool.EnterAsync(isFetch: false, CancellationToken.None);
        IDisposable? other = await pool.EnterAsync(isFetch: false, CancellationToken.None);
        Assert.Null(await pool.EnterAsync(isFetch: true, CancellationToken.None));
        list!.Dispose();
        other!.Dispose();
        Assert.NotNull(await pool.EnterAsync(isFetch: true, CancellationToken.None));
    }
}
