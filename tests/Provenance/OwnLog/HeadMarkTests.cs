using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Provenance.OwnLog;

public sealed class HeadMarkTests : IDisposable
{
    private const string Name = "node/0123abcd";

    private readonly TemporaryFolder folder = new("mark");

    public HeadMarkTests() => Directory.CreateDirectory(Path.Combine(folder.Path, "keys"));

    private string File => HeadMark.PathIn(folder.Path);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_last_head_is_remembered_by_the_next_process()
    {
        Assert.Null(Read());
        for (var size = 1; size < 20; size++)
        {
            Write(size);
            Assert.Equal(Head(size), Read());
        }
    }

    [Fact]
    public void A_torn_write_spoils_the_newest_mark_only()
    {
        for (var size = 1; size < 20; size++)
        {
            Write(size);
            var whole = System.IO.File.ReadAllBytes(File);
            for (var at = 0; at < 512; at += 51)
            {
                byte[] torn = [.. whole];
                torn.AsSpan(((size - 1) % 2 * 512) + at, 512 - at).Clear();
                if (torn.AsSpan().SequenceEqual(whole))
                {
                    continue;
                }

                System.IO.File.WriteAllBytes(File, torn);
                Assert.Equal(size == 1 ? null : Head(size - 1), Read());
            }

            System.IO.File.WriteAllBytes(File, whole);
        }
    }

    [Fact]
    public void A_mark_that_nobody_can_read_stops_the_log_and_says_what_to_do()
    {
        System.IO.File.WriteAllText(File, new string('x', 1024));
        Assert.Contains("athens log recover", Assert.Throws<IOException>(() => Read()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_mark_of_another_log_is_not_taken_for_this_ones()
    {
        Write(7);
        using var other = HeadMark.Open(folder.Path, "node/ffffffff");
        Assert.Null(other.Last);
    }

    private static TreeHead Head(int size) => new(size, MerkleTree.LeafHash([(byte)size]));

    private TreeHead? Read()
    {
        using var mark = HeadMark.Open(folder.Path, Name);
        return mark.Last;
    }

    private void Write(int size)
    {
        using var mark = HeadMark.Open(folder.Path, Name);
        mark.Write(Head(size));
    }
}
