using Athens.Federation.Node.Provenance.Pool;
using Athens.Federation.Node.Transparency;
using Xunit.Abstractions;

namespace Athens.Federation.Tests.Provenance.Pool;

/// <summary>
/// Nodes of several orgs, parted from one another at random, propose, approve, add and remove one another, and tell one another random parts of what they
/// know in random order. When all can talk again they know the same.
/// </summary>
public sealed class PoolConvergenceTests(ITestOutputHelper output) : IDisposable
{
    private const int Nodes = 6;
    private const int Steps = 1000;

    private readonly PoolRig rig = new();

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    public void Dispose() => rig.Dispose();

    [Theory]
    [MemberData(nameof(Seeds))]
    public void All_come_to_the_same(int seed)
    {
        var random = new Random(seed);
        var books = Start(threshold: (seed % 2) + 1);
        var parts = new int[Nodes];
        var changes = 0;
        for (var step = 0; step < Steps; step++)
        {
            var at = random.Next(Nodes);
            switch (random.Next(24))
            {
                case 0:
                    parts = [.. parts.Select(_ => random.Next(3))];
                    break;
                case 1 or 2:
                    changes += books[at].Propose(was => Change(random, was), rig.Key($"o{at}")).Taken.End == PoolEnd.Taken ? 1 : 0;
                    break;
                case < 9 when books[at].Current!.Proposals.Count > 0:
                    var proposals = books[at].Current!.Proposals;
                    books[at].Sign(proposals[^random.Next(1, Math.Min(proposals.Count, 2) + 1)].Id, rig.Key($"o{at}"));
                    break;
                case 9 or 10:
                    State(random, books[at], at);
                    break;
                case 11:
                    rig.Time.Advance(TimeSpan.FromMinutes(random.Next(1, 200)));
                    break;
                default:
                    var other = random.Next(Nodes);
                    if (parts[at] == parts[other])
                    {
                        Tell(random, books[at], books[other], random.Next(1, 16));
                    }

                    break;
            }
        }

        var forks = books.Select(book => book.Current!.Root.Sha256).Distinct().Count();
        var rounds = Settle(random, books);
        Assert.True(rounds < 40, $"seed {seed}: still changing");
        var first = Shown(books[0]);
        foreach (var book in books)
        {
            Assert.True(first == Shown(book), $"seed {seed}:\n{first}\nand\n{Shown(book)}");
        }

        Assert.Equal(0, rig.Told(400));
        output.WriteLine($"seed {seed}: {changes} proposals, {forks} roots before, version {books[0].Current!.Root.Version} with "
            + $"{books[0].Current!.Root.Orgs.Count} orgs after {books[0].Current!.Chain.Count - 1} changes, {books[0].Current!.Members.Count} members, "
            + $"{rig.Told(406)} times a later change took the place of others, {rounds} rounds");
    }

    private static string Shown(PoolBook book)
    {
        var state = book.Current!;
        return string.Join('\n', [
            .. state.Chain.Select(one => $"{one.Root.Version} {one.Root.Sha256}"),
            .. state.Statements.Select(one => one.Statement.Sha256),
            .. state.Members.Select(one => $"{one.Statement.Org} {one.Statement.Sha256}"),
            .. state.Proposals.Select(one => $"{one.Id} {string.Join(',', one.SignedBy)}")]);
    }

    private PoolBook[] Start(int threshold)
    {
        var first = rig.First("o0", "o1", "o2").SetThreshold(threshold);
        byte[] note = rig.Sign(first, "o0", "o1", "o2");
        return [.. Enumerable.Range(0, Nodes).Select(i =>
        {
            var book = rig.Book();
            PoolRig.Is(PoolEnd.Taken, book.Join(first.Sha256, [note], $"o{i}"));
            return book;
        })];
    }

    private PoolRoot Change(Random random, PoolRoot was)
    {
        var org = $"o{random.Next(Nodes)}";
        return random.Next(6) switch
        {
            < 3 when was.Find(org) is null => was.AddOrg(rig.Org(org)),
            3 when was.Find(org) is not null && was.Orgs.Count > 1 => was.RemoveOrg(org),
            4 => was.SetThreshold(random.Next(1, Math.Min(was.Orgs.Count, 3) + 1)),
            _ => was.SetQuorum(random.Next(1, 9)),
        };
    }

    private void State(Random random, PoolBook book, int at)
    {
        var statement = rig.Node(book.Current!.Id, $"o{at}", $"n{random.Next(8)}", TimeSpan.FromDays(random.Next(1, 30)));
        book.TakeStatement(rig.Signed(random.Next(4) == 0 ? statement.Revoked(rig.Now) : statement));
    }

    private static void Tell(Random random, PoolBook from, PoolBook to, int most)
    {
        var state = from.Current!;
        Action[] notes =
        [
            .. state.Chain.Select(one => (Action)(() => NoConflict(to.TakeRoot(one.Note.ToBytes())))),
            .. state.Statements.Select(one => (Action)(() => NoConflict(to.TakeStatement(one.Note.ToBytes())))),
            .. state.Proposals.Select(one => (Action)(() => NoConflict(to.TakeProposal(one.Note.ToBytes())))),
        ];
        random.Shuffle(notes);
        foreach (var note in notes.Take(most))
        {
            note();
        }
    }

    private static void NoConflict(PoolTaken taken) => Assert.NotEqual(PoolEnd.Conflict, taken.End);

    private static int Settle(Random random, PoolBook[] books)
    {
        for (var round = 0; ; round++)
        {
            var before = string.Concat(books.Select(Shown));
            foreach (var from in books)
            {
                foreach (var to in books)
                {
                    Tell(random, from, to, int.MaxValue);
                }
            }

            if (before == string.Concat(books.Select(Shown)) || round == 40)
            {
                return round;
            }
        }
    }
}
