using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Modules;
using Athens.Federation.Tests.Retrieval;

namespace Athens.Federation.Tests.Federation.Peers;

public sealed class ContestTests
{
    private static readonly ModuleVersion Wanted = ModuleVersion.Create("example.com/wanted", "v1.0.0", out _)!;

    /// <summary>Keys in the order of their ranks for the module version, the lowest first.</summary>
    private static readonly PeerKey[] Ranked = [.. Enumerable.Range(1, 6).Select(Key).OrderBy(key => Rank.Of(key, Wanted))];

    private readonly ManualTime time = new();
    private readonly RivalBoard board;

    public ContestTests() => board = new RivalBoard(new FederationOptions(), time);

    internal static PeerKey Key(int number) => PeerKey.Of(Enumerable.Repeat((byte)number, 32).ToArray());

    internal static PeerOptions Named(PeerKey key) => new(key.Short, "localhost:1", key, "", PeerTrust.Observe);

    [Fact]
    public void The_rank_is_the_one_of_the_proto()
    {
        // SHA-256 of 32 bytes of 0x01, a zero byte and "example.com/wanted@v1.0.0", by Python's hashlib.
        Assert.Equal(0x559153B2E57BD27BUL, Rank.Of(Key(1), Wanted).Value);
    }

    [Fact]
    public void Who_is_alone_goes()
    {
        Contest contest = new(Ranked[0], Wanted, board.Mark);
        Assert.True(contest.Complete.IsCompleted);
        Assert.Null(TryGo(contest));
    }

    [Fact]
    public void Among_those_who_want_it_the_highest_rank_goes_and_the_others_wait_for_it()
    {
        Contest middle = Against(Ranked[2], (Ranked[0], Standing.Wanted), (Ranked[3], Standing.Wanted), (Ranked[4], Standing.Wanted));
        Assert.Equal(Ranked[4], TryGo(middle));
        Contest highest = Against(Ranked[4], (Ranked[0], Standing.Wanted), (Ranked[3], Standing.Wanted));
        Assert.Null(TryGo(highest));
    }

    [Fact]
    public void Who_has_gone_wins_whatever_its_rank()
    {
        Contest highest = Against(Ranked[5], (Ranked[0], Standing.Fetching), (Ranked[4], Standing.Wanted));
        Assert.Equal(Ranked[0], TryGo(highest));
        highest.Heard(Ranked[0], Standing.Out);
        Assert.Null(TryGo(highest));
    }

    [Fact]
    public void It_is_complete_when_all_who_were_asked_have_answered_or_were_given_up()
    {
        Contest contest = new(Ranked[0], Wanted, board.Mark);
        contest.Ask(Ranked[1], 0);
        contest.Ask(Ranked[2], 0);
        contest.Heard(Ranked[1], Standing.Wanted);
        Assert.False(contest.Complete.IsCompleted);
        contest.Heard(Ranked[2], Standing.Out);
        Assert.True(contest.Complete.IsCompleted);
    }

    [Fact]
    public void An_announcement_counts_after_the_question_and_is_outdated_by_a_later_one()
    {
        board.Heard(Named(Ranked[1]), Wanted);
        Contest contest = Against(Ranked[0], (Ranked[1], Standing.Out));
        Assert.Null(TryGo(contest));
        board.Heard(Named(Ranked[1]), Wanted);
        Assert.Equal(Ranked[1], TryGo(contest));
        contest.Ask(Ranked[1], board.Mark);
        contest.Heard(Ranked[1], Standing.Out);
        Assert.Null(TryGo(contest));
    }

    [Fact]
    public void An_announcement_of_one_that_was_not_asked_counts_once_it_is_admitted()
    {
        Contest contest = new(Ranked[0], Wanted, board.Mark);
        board.Heard(Named(Ranked[1]), Wanted);
        Assert.Null(TryGo(contest));
        contest.Admit(Ranked[1], contest.BeganAt);
        Assert.Equal(Ranked[1], TryGo(contest));
    }

    [Fact]
    public void Announcements_are_bounded_for_each_peer_and_expire()
    {
        Contest contest = new(Ranked[0], Wanted, board.Mark);
        contest.Admit(Ranked[1], contest.BeganAt);
        board.Heard(Named(Ranked[1]), Wanted);
        for (int i = 0; i < RivalBoard.MostOfOnePeer; i++)
        {
            board.Heard(Named(Ranked[1]), ModuleVersion.Create($"example.com/m{i}", "v1.0.0", out _)!);
        }

        Assert.Null(TryGo(contest));
        Contest later = new(Ranked[0], Wanted, board.Mark);
        later.Admit(Ranked[2], later.BeganAt);
        board.Heard(Named(Ranked[2]), Wanted);
        time.Advance(TimeSpan.FromMinutes(1));
        board.Heard(Named(Ranked[2]), ModuleVersion.Create("example.com/other", "v1.0.0", out _)!);
        Assert.Null(TryGo(later));
    }

    /// <summary>A contest whose questions were asked after one announcement had been made.</summary>
    private static Contest Against(PeerKey own, params (PeerKey Key, Standing Standing)[] rivals)
    {
        Contest contest = new(own, Wanted, 1);
        foreach ((PeerKey key, _) in rivals)
        {
            contest.Ask(key, 1);
        }

        foreach ((PeerKey key, Standing standing) in rivals)
        {
            contest.Heard(key, standing);
        }

        return contest;
    }

    private PeerKey? TryGo(Contest contest)
    {
        bool went = false;
        PeerKey? favourite = board.TryGo(contest, () => went = true);
        Assert.Equal(favourite is null, went);
        return favourite;
    }
}
