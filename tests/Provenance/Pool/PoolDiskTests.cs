using Athens.Federation.Node.Provenance.Pool;

namespace Athens.Federation.Tests.Provenance.Pool;

/// <summary>The book on disk: what was said is there after any end, and what is damaged is refused with what to do.</summary>
public sealed class PoolDiskTests : IDisposable
{
    private readonly PoolRig rig = new();

    public void Dispose() => rig.Dispose();

    [Fact]
    public void Everything_is_there_after_a_restart()
    {
        var book = Filled();
        var before = Shown(book);
        Assert.Equal(2, book.Current!.Chain.Count);
        Assert.Equal(2, book.Current.Statements.Count);
        Assert.Single(book.Current.Proposals);
        Assert.Single(book.Invitations);
        book.Dispose();
        Assert.Equal(before, Shown(rig.Book("book")));
        Assert.Null(rig.Book("other").Current);
    }

    [Fact]
    public void What_expired_meanwhile_is_gone_after_a_restart()
    {
        Filled().Dispose();
        rig.Time.Advance(TimeSpan.FromDays(31));
        var book = rig.Book("book");
        Assert.Empty(book.Current!.Statements);
        Assert.Empty(Directory.GetFiles(Path.Combine(rig.Folder.Path, "book", "statements")));
        Assert.Equal(2, book.Current.Root.Version);
    }

    [Fact]
    public void Any_damaged_file_is_refused_and_kept()
    {
        Filled().Dispose();
        var root = Path.Combine(rig.Folder.Path, "book");
        var files = Directory.GetFiles(root, "*", SearchOption.AllDirectories);
        Assert.Equal(6, files.Length);
        foreach (var file in files)
        {
            var good = File.ReadAllBytes(file);
            foreach (var bad in Damages(good))
            {
                File.WriteAllBytes(file, bad);
                var error = Assert.Throws<IOException>(() => rig.Book("book"));
                Assert.Contains(file, error.Message, StringComparison.Ordinal);
                Assert.Matches("Put it back from a backup|Remove it", error.Message);
                Assert.Equal(bad, File.ReadAllBytes(file));
            }

            File.WriteAllBytes(file, good);
        }

        Assert.NotNull(rig.Book("book").Current);
    }

    /// <summary>Whole files that say what they may not: as much as a peer's word.</summary>
    [Fact]
    public void A_file_with_another_chain_is_refused_and_a_strangers_statement_forgotten()
    {
        Filled().Dispose();
        var root = Path.Combine(rig.Folder.Path, "book");
        var statement = Directory.GetFiles(Path.Combine(root, "statements"))[0];
        File.WriteAllBytes(statement, PoolFile.ToBytes([rig.Node(new string('0', 64), "a", "n").Sign(rig.Key("a"))]));
        using (var book = rig.Book("book"))
        {
            Assert.Single(book.Current!.Statements);
        }

        Assert.False(File.Exists(statement));
        var first = rig.First("a", "b");
        File.WriteAllBytes(Path.Combine(root, "chain"), PoolFile.ToBytes(["a"u8.ToArray(), rig.Sign(first, "a")]));
        Assert.Contains("Put it back from a backup", Assert.Throws<IOException>(() => rig.Book("book")).Message, StringComparison.Ordinal);
    }

    /// <summary>At each write the folder is copied as it lies, the new file beside its name: what a killed process leaves.</summary>
    [Fact]
    public void A_crash_between_writing_and_naming_leaves_what_was_before()
    {
        var crashes = new List<(string File, string Copy, string Seen)>();
        var root = Path.Combine(rig.Folder.Path, "book");
        PoolBook? book = null;
        book = rig.Book("book", file =>
        {
            var copy = $"crash{crashes.Count}";
            Copy(root, Path.Combine(rig.Folder.Path, copy));
            crashes.Add((file, copy, book is null ? "none" : Shown(book)));
        });
        Fill(book);
        PoolRig.Is(PoolEnd.Taken, book.Sign(book.Current!.Proposals[0].Id, rig.Key("b")));
        Assert.True(crashes.Count >= 9, $"{crashes.Count} writes");
        Assert.Equal(["chain", "invitations", "proposals", "signed", "statements"], crashes.Select(one => Kind(root, one.File)).Distinct().Order(StringComparer.Ordinal));
        foreach (var (file, copy, seen) in crashes)
        {
            using var again = rig.Book(copy);
            Assert.True(seen == Shown(again), $"after a crash at {file}: {Shown(again)} and not {seen}");
            Assert.Empty(Directory.GetFiles(Path.Combine(rig.Folder.Path, copy), "*.tmp", SearchOption.AllDirectories));
        }
    }

    [Fact]
    public void A_disk_that_fails_changes_nothing_and_is_told()
    {
        var isFull = false;
        var book = rig.Book("book", _ =>
        {
            if (isFull)
            {
                throw new IOException("no space left on device");
            }
        });
        Fill(book);
        var before = Shown(book);
        var invitation = book.Invite("node", TimeSpan.FromDays(1), [new PoolSeed("a.example:1", new byte[32])]);
        var changes = 0;
        book.Changed += () => changes++;
        isFull = true;
        var proposal = book.Current!.Proposals[0];
        PoolTaken[] ends =
        [
            book.TakeStatement(rig.Signed(rig.Node(book.Current.Id, "a", "further"))),
            book.Sign(proposal.Id, rig.Key("b")),
            book.TakeProposal(rig.Sign(proposal.Root, "b")),
            book.Propose(was => was.SetQuorum(5), rig.Key("a")).Taken,
            book.Redeem(invitation.Secret.ToArray(), new byte[32], out _),
            book.Withdraw(invitation.Id),
        ];
        Assert.All(ends, end => PoolRig.Is(PoolEnd.Refused, end));
        Assert.All(ends, end => Assert.Contains("no space left", end.Reason, StringComparison.Ordinal));
        Assert.Throws<IOException>(() => book.Invite("node", TimeSpan.FromDays(1), [new PoolSeed("a.example:1", new byte[32])]));
        Assert.Equal(0, changes);
        Assert.Equal(ends.Length, rig.Told(407));
        isFull = false;
        PoolRig.Is(PoolEnd.Taken, book.Withdraw(invitation.Id));
        Assert.Equal(before, Shown(book));
        PoolRig.Is(PoolEnd.Taken, book.Sign(proposal.Id, rig.Key("b")));
    }

    [Fact]
    public void Leaving_moves_the_files_aside_and_another_pool_can_be_joined()
    {
        var book = Filled();
        PoolRig.Is(PoolEnd.Taken, book.Leave());
        Assert.Null(book.Current);
        Assert.False(book.HasOpenInvitations);
        PoolRig.Is(PoolEnd.Refused, book.Leave());
        var left = Assert.Single(Directory.GetDirectories(Path.Combine(rig.Folder.Path, "book", "left")));
        Assert.Equal(
            ["chain", "invitations", "proposals", "statements"],
            Directory.GetFileSystemEntries(left).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        PoolRig.Is(PoolEnd.Taken, book.Create("team2", "a", rig.Key("a"), 1));
        PoolRig.Is(PoolEnd.Taken, book.Leave());
        Assert.Equal(2, Directory.GetDirectories(Path.Combine(rig.Folder.Path, "book", "left")).Length);
        book.Dispose();
        Assert.Null(rig.Book("book").Current);
    }

    [Fact]
    public void A_crash_while_leaving_is_a_pool_that_was_left()
    {
        Filled().Dispose();
        var root = Path.Combine(rig.Folder.Path, "book");
        File.Move(Path.Combine(root, "chain"), Path.Combine(rig.Folder.Path, "chain"));
        using var book = rig.Book("book");
        Assert.Null(book.Current);
        Assert.False(book.HasOpenInvitations);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(root, "statements")));
        Assert.Single(Directory.GetDirectories(Path.Combine(root, "left")));
        PoolRig.Is(PoolEnd.Taken, book.Create("team2", "a", rig.Key("a"), 1));
        Assert.Empty(book.Current!.Statements);
    }

    [Fact]
    public void Files_are_only_for_their_owner()
    {
        Filled().Dispose();
        foreach (var file in Directory.GetFiles(Path.Combine(rig.Folder.Path, "book"), "*", SearchOption.AllDirectories))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    private static IEnumerable<byte[]> Damages(byte[] good)
    {
        yield return [];
        yield return good[..(good.Length / 2)];
        yield return good[..^1];
        yield return [.. good, .. good];
        yield return new byte[good.Length];
        for (var at = 0; at < good.Length; at += Math.Max(1, good.Length / 23))
        {
            byte[] flipped = [.. good];
            flipped[at] ^= 4;
            yield return flipped;
        }
    }

    private static string Kind(string root, string file) => Path.GetRelativePath(root, file).Split('/')[0];

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var folder in Directory.GetDirectories(from, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        }

        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
        }
    }

    private static string Shown(PoolBook book) => book.Current is not { } state ? "none" : string.Join('\n', [
        state.Id,
        state.OwnOrg,
        .. state.Chain.Select(one => one.Root.Sha256),
        .. state.Statements.Select(one => one.Statement.Sha256),
        .. state.Members.Select(one => one.Statement.Sha256),
        .. state.Proposals.Select(one => $"{one.Id} {string.Join(',', one.SignedBy)}"),
        .. book.Invitations.Select(one => $"{one.Id} {one.UsedBy}")]);

    private PoolBook Filled()
    {
        var book = rig.Book("book");
        Fill(book);
        return book;
    }

    private void Fill(PoolBook book)
    {
        PoolRig.Is(PoolEnd.Taken, book.Create("team", "a", rig.Key("a"), 1));
        PoolRig.Is(PoolEnd.Taken, book.Propose(was => was.AddOrg(rig.Org("b")), rig.Key("a")).Taken);
        PoolRig.Is(PoolEnd.Taken, book.Sign(book.Current!.Proposals[0].Id, rig.Key("b")));
        PoolRig.Is(PoolEnd.Taken, book.TakeStatement(rig.Signed(rig.Node(book.Current.Id, "a", "n"))));
        PoolRig.Is(PoolEnd.Taken, book.TakeStatement(rig.Signed(rig.Node(book.Current.Id, "b", "m"))));
        PoolRig.Is(PoolEnd.Taken, book.Propose(was => was.SetQuorum(2), rig.Key("a")).Taken);
        var invitation = book.Invite("org", TimeSpan.FromDays(2), [new PoolSeed("a.example:7443", new byte[32])]);
        PoolRig.Is(PoolEnd.Taken, book.Redeem(invitation.Secret.ToArray(), new byte[32], out _));
    }
}
