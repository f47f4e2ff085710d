using Athens.Federation.Node.Federation.Fetching;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Tests.Retrieval;

namespace Athens.Federation.Tests.Federation.Fetching;

public sealed class ChunkBoardTests
{
    private readonly ManualTime time = new();

    [Fact]
    public void One_worker_gets_everything_in_one_run()
    {
        ChunkBoard board = new(100, 1, time);
        Assert.Equal((0, 100), Range(board.Take(0)!));
    }

    [Fact]
    public void Workers_share_what_is_free_evenly()
    {
        ChunkBoard board = new(100, 3, time);
        Assert.Equal((0, 34), Range(board.Take(0)!));
        Assert.Equal((34, 67), Range(board.Take(0)!));
        Assert.Equal((67, 100), Range(board.Take(0)!));
    }

    [Fact]
    public void Who_is_done_takes_from_the_slowest_in_proportion_to_their_rates()
    {
        ChunkBoard board = new(100, 2, time);
        ChunkRun quick = board.Take(0)!;
        ChunkRun slow = board.Take(0)!;
        time.Advance(TimeSpan.FromSeconds(1));
        Bring(board, quick, 50);
        Bring(board, slow, 10);
        ChunkRun stolen = board.Take(50.0 * ChunkRules.ChunkSize)!;

        // 39 chunks are behind the one on its way; five sixths of them go to who is five times as fast.
        Assert.Equal((68, 100), Range(stolen));
        Assert.Equal(68, slow.End);
    }

    [Fact]
    public void A_returned_run_is_free_again_from_its_first_missing_chunk()
    {
        ChunkBoard board = new(10, 1, time);
        ChunkRun run = board.Take(0)!;
        Bring(board, run, 4);
        board.Return(run);
        Assert.Equal((4, 10), Range(board.Take(0)!));
    }

    [Fact]
    public void A_last_chunk_that_crawls_is_brought_a_second_time_and_the_first_stream_cancelled()
    {
        ChunkBoard board = new(2, 2, time);
        ChunkRun quick = board.Take(0)!;
        ChunkRun crawls = board.Take(0)!;
        time.Advance(TimeSpan.FromMilliseconds(200));
        Bring(board, quick, 1);
        crawls.Came(10);
        ChunkRun copy = board.Take(5.0 * ChunkRules.ChunkSize)!;
        Assert.Equal((1, 2), Range(copy));
        Assert.True(copy.IsCopy);
        Assert.Null(board.Take(5.0 * ChunkRules.ChunkSize));
        Assert.False(board.Done(copy));
        Assert.True(board.IsComplete);
        Assert.True(crawls.Over.IsCancellationRequested);
    }

    [Fact]
    public void A_chunk_in_two_streams_is_not_lost_when_one_of_them_or_both_fail()
    {
        ChunkBoard board = new(1, 2, time);
        ChunkRun first = board.Take(0)!;
        time.Advance(TimeSpan.FromSeconds(5));
        ChunkRun copy = board.Take(1e6)!;
        board.Return(first);
        Assert.Null(board.Take(1e6));
        board.Return(copy);
        Assert.Equal((0, 1), Range(board.Take(1e6)!));
    }

    [Fact]
    public void Whatever_happens_every_chunk_comes_and_idle_workers_are_told()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            Random random = new(seed);
            int chunks = random.Next(1, 60);
            ChunkBoard board = new(chunks, random.Next(1, 5), time);
            List<ChunkRun> running = [];
            HashSet<int> brought = [];
            for (int step = 0; step < 10_000 && !board.IsComplete; step++)
            {
                time.Advance(TimeSpan.FromMilliseconds(random.Next(100)));
                if (running.Count < 4 && random.Next(2) == 0 && board.Take(random.Next(3) * 1e6) is { } taken)
                {
                    running.Add(taken);
                }
                else if (running.Count > 0)
                {
                    ChunkRun run = running[random.Next(running.Count)];
                    if (random.Next(5) == 0 || run.Over.IsCancellationRequested)
                    {
                        Task changed = board.Changed;
                        board.Return(run);
                        running.Remove(run);
                        Assert.True(changed.IsCompleted, $"seed {seed}: nobody was told of a returned run");
                    }
                    else
                    {
                        brought.Add(run.Next);
                        run.Came(ChunkRules.ChunkSize);
                        if (!board.Done(run))
                        {
                            running.Remove(run);
                        }
                    }
                }
            }

            Assert.True(board.IsComplete, $"seed {seed}: chunks were lost");
            Assert.Equal(chunks, brought.Count);
        }
    }

    private static (int First, int End) Range(ChunkRun run) => (run.Next, run.End);

    private static void Bring(ChunkBoard board, ChunkRun run, int chunks)
    {
        for (int i = 0; i < chunks; i++)
        {
            run.Came(ChunkRules.ChunkSize);
            board.Done(run);
        }
    }
}
