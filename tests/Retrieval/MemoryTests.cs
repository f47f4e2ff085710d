using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Tests.Retrieval;

public sealed class MemoryTests
{
    private static readonly TimeSpan AbsentTtl = TimeSpan.FromSeconds(30);
    private readonly ManualTime time = new();

    [Fact]
    public async Task An_answer_that_is_set_anew_is_never_missing_meanwhile()
    {
        AnswerCache<int, string> cache = new(1000, static (_, value) => value.Length);
        cache.Set(1, "first");
        using CancellationTokenSource over = new();
        Task<bool> reader = Task.Run(() =>
        {
            bool isThere = true;
            while (!over.IsCancellationRequested)
            {
                isThere &= cache.Find(1) is not null;
            }

            return isThere;
        });
        for (int i = 0; i < 300_000; i++)
        {
            cache.Set(1, "another");
        }

        await over.CancelAsync();
        Assert.True(await reader);
        Assert.Equal("another".Length, cache.Bytes);
    }

    [Fact]
    public void An_answer_takes_only_the_place_of_the_one_it_was_made_for()
    {
        AnswerCache<int, string> cache = new(1000, static (_, value) => value.Length);
        string first = "first";
        Assert.True(cache.Replace(1, null, first));
        Assert.False(cache.Replace(1, null, "second"));
        Assert.False(cache.Replace(2, first, "second"));
        Assert.True(cache.Replace(1, first, "second"));
        Assert.Equal(("second", null), (cache.Find(1), cache.Find(2)));
    }

    [Fact]
    public void A_cache_never_takes_more_than_its_bytes()
    {
        AnswerCache<int, string> cache = new(1000, static (_, value) => value.Length);
        for (int i = 0; i < 5000; i++)
        {
            cache.Set(i % 300, new string('x', i * 7 % 90));
            Assert.InRange(cache.Bytes, 0, 1000);
        }
    }

    [Fact]
    public void What_is_read_survives_a_flood_of_names_asked_once()
    {
        AnswerCache<int, string> cache = new(1000, static (_, _) => 10);
        cache.Set(-1, "popular");
        for (int i = 0; i < 10_000; i++)
        {
            cache.Set(i, "once");
            Assert.Equal("popular", cache.Find(-1));
        }
    }

    [Fact]
    public void A_value_over_the_bound_is_not_kept_and_takes_the_old_one_with_it()
    {
        AnswerCache<int, string> cache = new(10, static (_, value) => value.Length);
        cache.Set(1, "small");
        cache.Set(1, "far too large");

        Assert.Null(cache.Find(1));
        Assert.Equal(0, cache.Bytes);
    }

    [Fact]
    public void Replacing_and_removing_keep_the_count_right()
    {
        AnswerCache<int, string> cache = new(100, static (_, value) => value.Length);
        cache.Set(1, "four");
        cache.Set(1, "sixsix");
        Assert.Equal(6, cache.Bytes);
        cache.Remove(1);
        cache.Remove(1);
        Assert.Equal(0, cache.Bytes);
    }

    [Fact]
    public void A_value_is_replaced_only_where_the_expected_one_stands()
    {
        AnswerCache<int, string> cache = new(100, static (_, value) => value.Length);
        string first = new('a', 3);
        cache.Set(1, first);
        cache.Set(1, "newer");
        Assert.False(cache.Replace(1, first, "amended"));
        Assert.Equal("newer", cache.Find(1));
        Assert.True(cache.Replace(1, "newer", "amended"));
        Assert.Equal(("amended", 7), (cache.Find(1), cache.Bytes));
        cache.Remove(1);
        Assert.False(cache.Replace(1, "amended", "too late"));
    }

    [Theory]
    [InlineData((int)OutcomeKind.Absent, 30.0)]
    [InlineData((int)OutcomeKind.Forbidden, 30.0)]
    [InlineData((int)OutcomeKind.Unavailable, 1.5)]
    [InlineData((int)OutcomeKind.Faulty, 1.5)]
    [InlineData((int)OutcomeKind.OutOfSpace, 1.5)]
    public void A_failure_is_believed_for_its_own_time(int kind, double seconds)
    {
        FailureMemory<string> memory = new(AbsentTtl, Timeout.InfiniteTimeSpan, time);
        memory.Remember("a", (OutcomeKind)kind, "why");
        time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
        Assert.Equal("why", memory.Recall("a")?.Reason);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(memory.Recall("a"));
    }

    [Fact]
    public void A_conflict_outlives_time_lesser_failures_and_a_flood()
    {
        FailureMemory<string> memory = new(AbsentTtl, Timeout.InfiniteTimeSpan, time);
        memory.Remember("a", OutcomeKind.Conflicting, "hashes disagree");
        memory.Remember("a", OutcomeKind.Absent, "gone");
        for (int i = 0; i < 50_000; i++)
        {
            memory.Remember($"flood/{i}", OutcomeKind.Absent, "no such module");
        }

        time.Advance(TimeSpan.FromDays(100));
        Assert.Equal(OutcomeKind.Conflicting, memory.Recall("a")?.Kind);
    }
}
