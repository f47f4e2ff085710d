using Athens.Federation.Node.Federation.Pools;
using Athens.Federation.Node.Provenance.Pool;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Retrieval;
using Google.Protobuf;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Federation.Pools;

/// <summary>What one watcher of the pool is told, and when.</summary>
public sealed class PoolTellingTests
{
    private static readonly string Id = new('a', 64);

    private readonly ManualTime time = new();
    private readonly SigningKey acme = SigningKey.Create("acme/org/1");
    private readonly SigningKey globex = SigningKey.Create("globex/org/1");

    [Fact]
    public void Statements_of_others_pass_fifty_at_a_time_and_a_minute_apart()
    {
        var state = State(PoolOf(acme, globex), [.. Enumerable.Range(0, 120).Select(number => Statement("globex", globex, number))]);
        PoolTelling telling = new(state.Chain.Select(root => root.Root.Sha256), time);
        Assert.Equal([50], Counts(telling, state));
        Assert.Empty(Counts(telling, state));
        Assert.InRange(telling.NextIn!.Value, TimeSpan.FromSeconds(59), TimeSpan.FromSeconds(60));
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal([50], Counts(telling, state));
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal([20], Counts(telling, state));
        Assert.Null(telling.NextIn);
        time.Advance(TimeSpan.FromHours(1));
        Assert.Empty(Counts(telling, state));
    }

    [Fact]
    public void A_node_speaks_at_once_for_its_own_organization_and_for_those_that_the_newest_root_added()
    {
        var first = PoolOf(acme);
        var second = first.AddOrg(new PoolOrg("globex", globex.Verifier)).Following(first, 2, time.GetUtcNow());
        PoolState state = new(
            Id, [Signed(first), Signed(second)], "acme", [], [Statement("acme", acme, 1), Statement("globex", globex, 2)], [], false, false);
        PoolTelling telling = new([first.Sha256], time);
        var news = telling.Take(state).ToList();
        Assert.Equal(second.Text, SignedNote.Parse(news[0].Root.Span, out _)!.Text);
        Assert.Equal(2, Assert.Single(news, one => one.Statements.Count > 0).Statements.Count);

        var later = state with { Statements = [.. state.Statements, Statement("acme", acme, 3)] };
        Assert.Equal([1], Counts(telling, later));
        Assert.Null(telling.NextIn);
    }

    [Fact]
    public void Who_knows_no_root_is_told_all_and_a_proposal_comes_again_only_with_more_signatures()
    {
        var root = PoolOf(acme, globex);
        var next = root.SetQuorum(2).Following(root, 2, time.GetUtcNow());
        var note = SignedNote.Parse(SignedNote.Sign(next.Text, acme), out _)!;
        Proposal proposal = new(next.Sha256, next, note, ["acme"], 1, 1);
        var state = State(root, []) with { Proposals = [proposal] };
        PoolTelling telling = new([new string('0', 64)], time);
        var news = telling.Take(state).ToList();
        Assert.Equal(2, news.Count);
        Assert.False(news[0].Root.IsEmpty);
        Assert.False(news[1].Proposal.IsEmpty);
        Assert.Empty(telling.Take(state));

        var both = note.With(SignedNote.Parse(SignedNote.Sign(next.Text, globex), out _)!.Signatures);
        Assert.False(Assert.Single(telling.Take(state with { Proposals = [proposal with { Note = both }] })).Proposal.IsEmpty);
    }

    [Fact]
    public void Who_keeps_the_same_statements_is_told_of_those_alone_that_come_later()
    {
        var state = State(PoolOf(acme, globex), [.. Enumerable.Range(0, 120).Select(number => Statement("globex", globex, number))]);
        var other = State(PoolOf(acme, globex), [.. state.Statements.Reverse()]);
        PoolTelling telling = new(state.Chain.Select(root => root.Root.Sha256), time, ByteString.CopyFrom(other.StatementsDigest.Span));
        Assert.Empty(Counts(telling, state));
        Assert.Null(telling.NextIn);

        var later = state with { Statements = [Statement("globex", globex, 500), .. state.Statements.Skip(1)] };
        Assert.NotEqual(state.StatementsDigest, later.StatementsDigest);
        Assert.Equal([1], Counts(telling, later));
        Assert.Empty(Counts(telling, later));
    }

    [Fact]
    public void Who_keeps_others_or_lies_about_them_is_told_all()
    {
        var state = State(PoolOf(acme, globex), [.. Enumerable.Range(0, 20).Select(number => Statement("globex", globex, number))]);
        var fewer = state with { Statements = [.. state.Statements.Skip(1)] };
        PoolTelling telling = new(state.Chain.Select(root => root.Root.Sha256), time, ByteString.CopyFrom(fewer.StatementsDigest.Span));
        Assert.Equal([20], Counts(telling, state));
        Assert.Empty(Counts(telling, fewer));

        // What was taken out in between and came back is told again.
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal([1], Counts(telling, state));
    }

    private static List<int> Counts(PoolTelling telling, PoolState state) =>
        [.. telling.Take(state).Where(static news => news.Statements.Count > 0).Select(static (Wire.PoolNews news) => news.Statements.Count)];

    private PoolState State(PoolRoot root, SignedStatement[] statements) => new(Id, [Signed(root)], "acme", [], statements, [], false, false);

    private PoolRoot PoolOf(params SigningKey[] orgs) => orgs[1..].Aggregate(
        PoolRoot.First("trial", new PoolOrg(NameOf(orgs[0]), orgs[0].Verifier), 1, time.GetUtcNow()),
        static (root, key) => root.AddOrg(new PoolOrg(NameOf(key), key.Verifier)));

    private static string NameOf(SigningKey key) => key.Name.Split('/')[0];

    private SignedRoot Signed(PoolRoot root) => new(root, SignedNote.Parse(SignedNote.Sign(root.Text, acme), out _)!);

    private SignedStatement Statement(string org, SigningKey key, int number)
    {
        using var node = SigningKey.Create($"node-{number}");
        NodeDescription description = new($"n{number}", node.PublicKey, node.Verifier, CosignatureVerifier.Of(node), []);
        var statement = NodeStatement.Create(Id, org, description, time.GetUtcNow(), NodeStatement.UsualLife);
        return new(statement, SignedNote.Parse(statement.Sign(key), out _)!);
    }
}
