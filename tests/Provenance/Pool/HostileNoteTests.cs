using Athens.Federation.Node.Provenance.Pool;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Tests.Provenance.Pool;

/// <summary>Whatever bytes come: an answer with a sentence, and nothing that was not signed.</summary>
public sealed class HostileNoteTests : IDisposable
{
    private readonly PoolRig rig = new();

    public void Dispose() => rig.Dispose();

    /// <summary>Good notes of every kind, changed at random, to every door of the book.</summary>
    [Fact]
    public void No_bytes_do_more_than_the_signed_text_says()
    {
        const int seed = 23;
        var random = new Random(seed);
        var book = rig.Pool(["a", "b", "c"]);
        var root = book.Current!.Root;
        byte[][] good =
        [
            rig.Sign(root, "a", "b", "c"),
            rig.Sign(rig.Next(root, was => was.SetQuorum(2), 2), "a", "b"),
            rig.Sign(rig.Next(root, was => was.SetQuorum(3), 3), "a"),
            rig.Signed(rig.Node(root.Sha256, "a", "n")),
        ];
        var texts = good.Select(note => SignedNote.Parse(note, out _)!.Text).ToHashSet(StringComparer.Ordinal);
        for (var round = 0; round < 20_000; round++)
        {
            var note = Changed(random, good[random.Next(good.Length)]);
            foreach (var taken in (PoolTaken[])[book.TakeProposal(note), book.TakeRoot(note), book.TakeStatement(note), book.TakeSignature(note)])
            {
                Assert.True(taken.End != PoolEnd.Conflict && !string.IsNullOrEmpty(taken.Reason), $"seed {seed}, round {round}");
            }
        }

        var state = book.Current!;
        Assert.All(state.Chain, one => Assert.Contains(one.Root.Text, texts));
        Assert.All(state.Statements, one => Assert.Contains(one.Statement.Text, texts));
        Assert.All(state.Proposals, one => Assert.Contains(one.Root.Text, texts));
        Assert.Equal(0, rig.Told(400));
    }

    [Fact]
    public async Task Many_at_once_leave_a_book_that_adds_up()
    {
        var book = rig.Pool(["a", "b", "c"], "book");
        var id = book.Current!.Id;
        var seen = 0;
        book.Changed += () => Interlocked.Increment(ref seen);
        byte[][] notes = [.. Enumerable.Range(0, 40).Select(i => rig.Signed(rig.Node(id, "a", $"n{i}"))), rig.Sign(rig.Next(book.Current.Root, was => was.SetQuorum(2), 2), "a", "b")];
        var ends = await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(() => notes
            .OrderBy(note => (note[^9] * 31) ^ worker)
            .Select(note => book.TakeStatement(note).End == PoolEnd.Refused ? book.TakeRoot(note).End : PoolEnd.Taken)
            .ToList())));
        Assert.All(ends.SelectMany(one => one), end => Assert.True(end is PoolEnd.Taken or PoolEnd.Known));
        Assert.Equal(40, book.Current!.Members.Count);
        Assert.Equal(2, book.Current.Root.Quorum);
        Assert.Equal(41, seen);
        book.Dispose();
        Assert.Equal(40, rig.Book("book").Current!.Members.Count);
    }

    private static byte[] Changed(Random random, byte[] note)
    {
        List<byte> bytes = [.. note];
        for (var times = random.Next(3); times > 0; times--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes.RemoveAt(at);
                    break;
                case 1:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
                case 2:
                    bytes.RemoveRange(at, random.Next(bytes.Count - at));
                    bytes.Add((byte)'\n');
                    break;
                case 3:
                    bytes.AddRange(note.AsSpan(random.Next(note.Length)).ToArray());
                    break;
                default:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
            }
        }

        return [.. bytes];
    }
}
