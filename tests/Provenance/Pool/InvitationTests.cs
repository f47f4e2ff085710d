using System.Buffers.Text;
using Athens.Federation.Node.Provenance.Pool;

namespace Athens.Federation.Tests.Provenance.Pool;

/// <summary>Tokens: read back as they were made, refused with a sentence when anything is wrong, used once.</summary>
public sealed class InvitationTests : IDisposable
{
    private readonly PoolRig rig = new();

    public void Dispose() => rig.Dispose();

    [Fact]
    public void A_token_says_what_it_was_made_of()
    {
        var made = Make();
        Assert.StartsWith("athens-join-v1.", made.Text, StringComparison.Ordinal);
        Assert.Matches("^athens-join-v1\\.[A-Za-z0-9_-]+$", made.Text);
        var read = Invitation.Parse(made.Text, rig.Now, out _)!;
        Assert.Equal((made.PoolName, made.PoolId, made.Id, made.Grant, made.Expires, made.Text), (read.PoolName, read.PoolId, read.Id, read.Grant, read.Expires, read.Text));
        Assert.True(made.Secret.Span.SequenceEqual(read.Secret.Span));
        Assert.Equal(made.Seeds.Select(seed => seed.Endpoint), read.Seeds.Select(seed => seed.Endpoint));
        Assert.All(made.Seeds.Zip(read.Seeds), pair => Assert.True(pair.First.Identity.Span.SequenceEqual(pair.Second.Identity.Span)));
        Assert.NotEqual(made.Text, Make().Text);
    }

    [Fact]
    public void Pasting_may_break_the_line()
    {
        var made = Make();
        Assert.NotNull(Invitation.Parse($"  {made.Text[..70]}\r\n\t{made.Text[70..]}\n", rig.Now, out _));
    }

    [Fact]
    public void Every_shortened_or_changed_token_is_refused_with_a_sentence()
    {
        var text = Make().Text;
        for (var length = 0; length < text.Length; length++)
        {
            Refuse(text[..length]);
            Refuse(text.Remove(length, 1).Insert(length, text[length] == 'A' ? "B" : "A"));
        }

        Refuse(text + "A");
        Refuse(text + "=");
        Refuse(text + text);
        Refuse(new string('a', 1 << 20));
        Assert.Contains("cut off", Reason(text[..^3]), StringComparison.Ordinal);
        Assert.Contains("another version", Reason(text.Replace("-v1.", "-v2.", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("begins with", Reason("hello"), StringComparison.Ordinal);
        rig.Time.Advance(TimeSpan.FromDays(1));
        Assert.Contains("expired", Reason(text), StringComparison.Ordinal);
    }

    /// <summary>Whoever makes a bad token makes its checksum fit.</summary>
    [Fact]
    public void A_token_of_any_bytes_is_read_to_itself_or_refused()
    {
        const int seed = 31;
        var random = new Random(seed);
        var good = Base64Url.DecodeFromChars(Make().Text.AsSpan("athens-join-v1.".Length))[..^8];
        var taken = 0;
        for (var round = 0; round < 100_000; round++)
        {
            byte[] bytes = [.. good];
            for (var times = random.Next(4); times > 0; times--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            bytes = random.Next(4) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
            byte[] token = [.. bytes, .. System.Security.Cryptography.SHA256.HashData(bytes)[..8]];
            var text = "athens-join-v1." + Base64Url.EncodeToString(token);
            if (Invitation.Parse(text, DateTimeOffset.MinValue, out var reason) is { } read)
            {
                taken++;
                Assert.True(read.Text == text && InvitationParts.Read(token)!.ToBytes().AsSpan().SequenceEqual(token), $"seed {seed}, round {round}");
            }
            else
            {
                Assert.False(string.IsNullOrEmpty(reason), $"seed {seed}, round {round}");
            }
        }

        Assert.True(taken > 1000, $"only {taken} were taken");
    }

    [Fact]
    public void A_token_that_would_be_too_long_or_says_nothing_is_not_made()
    {
        var seed = new PoolSeed("a.example:7443", new byte[32]);
        Throws("org", []);
        Throws("org", [.. Enumerable.Repeat(seed, 9)]);
        Throws("all", [seed]);
        Throws("org", [seed with { Endpoint = "a.example" }]);
        Throws("org", [seed with { Identity = new byte[31] }]);
        Throws("org", [.. Enumerable.Repeat(seed with { Endpoint = new string('a', 240) + ":7443" }, 8)]);

        void Throws(string grant, PoolSeed[] seeds) =>
            Assert.Throws<InvalidOperationException>(() => Invitation.Create("team", new string('0', 64), grant, rig.Now.AddDays(1), seeds));
    }

    [Fact]
    public void An_invitation_is_used_by_one_node_also_after_a_restart()
    {
        var book = rig.Pool(["a"], "book");
        var invitation = Invite(book);
        var secret = invitation.Secret.ToArray();
        Assert.True(book.HasOpenInvitations);
        PoolRig.Is(PoolEnd.Refused, book.Redeem(new byte[32], Identity(1), out _));
        PoolRig.Is(PoolEnd.Refused, book.Redeem([], Identity(1), out _));
        PoolRig.Is(PoolEnd.Refused, book.Redeem(secret, [], out _));
        PoolRig.Is(PoolEnd.Taken, book.Redeem(secret, Identity(1), out var grant));
        Assert.Equal("org", grant);
        PoolRig.Is(PoolEnd.Known, book.Redeem(secret, Identity(1), out grant));
        Assert.Equal("org", grant);
        PoolRig.Is(PoolEnd.Refused, book.Redeem(secret, Identity(2), out grant));
        Assert.Equal("", grant);
        PoolRig.Is(PoolEnd.Refused, book.Redeem(secret, Identity(2), out _));
        Assert.Equal(1, rig.Told(401));

        book.Dispose();
        book = rig.Book("book");
        PoolRig.Is(PoolEnd.Refused, book.Redeem(secret, Identity(2), out _));
        PoolRig.Is(PoolEnd.Known, book.Redeem(secret, Identity(1), out _));
        Assert.Equal(PoolSyntax.Identity(Identity(1)), Assert.Single(book.Invitations).UsedBy);
        Assert.DoesNotContain(Convert.ToHexStringLower(secret), File.ReadAllText(Path.Combine(rig.Folder.Path, "book", "invitations")), StringComparison.Ordinal);
    }

    [Fact]
    public void An_invitation_ends()
    {
        var book = rig.Pool(["a"]);
        var expiring = Invite(book);
        var withdrawn = Invite(book);
        PoolRig.Is(PoolEnd.Refused, book.Withdraw(withdrawn.Id[..7]));
        PoolRig.Is(PoolEnd.Taken, book.Withdraw(withdrawn.Id[..8]));
        PoolRig.Is(PoolEnd.Refused, book.Withdraw(withdrawn.Id));
        PoolRig.Is(PoolEnd.Refused, book.Redeem(withdrawn.Secret.ToArray(), Identity(1), out _));
        rig.Time.Advance(TimeSpan.FromDays(1));
        PoolRig.Is(PoolEnd.Refused, book.Redeem(expiring.Secret.ToArray(), Identity(1), out _));
        Assert.False(book.HasOpenInvitations);
        Assert.Empty(book.Invitations);
    }

    [Fact]
    public void There_is_an_end_of_open_invitations()
    {
        var book = rig.Pool(["a"]);
        Assert.Throws<InvalidOperationException>(() => book.Invite("org", TimeSpan.FromDays(31), Seeds()));
        Assert.Throws<InvalidOperationException>(() => book.Invite("org", TimeSpan.Zero, Seeds()));
        Assert.Throws<InvalidOperationException>(() => rig.Book().Invite("org", TimeSpan.FromDays(1), Seeds()));
        var first = Invite(book);
        for (var i = 1; i < InvitationDesk.MaxOpen; i++)
        {
            Invite(book);
        }

        Assert.Throws<InvalidOperationException>(() => Invite(book));
        PoolRig.Is(PoolEnd.Taken, book.Redeem(first.Secret.ToArray(), Identity(1), out _));
        Invite(book);
        Assert.Throws<InvalidOperationException>(() => Invite(book));
        rig.Time.Advance(TimeSpan.FromDays(1));
        Invite(book);
    }

    [Fact]
    public async Task Of_many_that_use_one_invitation_at_once_one_has_it()
    {
        var book = rig.Pool(["a"]);
        var secret = Invite(book).Secret.ToArray();
        var ends = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Task.Run(() => book.Redeem(secret, Identity((byte)i), out _).End)));
        Assert.Single(ends, end => end == PoolEnd.Taken);
        Assert.Equal(31, ends.Count(end => end == PoolEnd.Refused));
    }

    private static byte[] Identity(byte i) => [.. Enumerable.Repeat(i, 32)];

    private static PoolSeed[] Seeds() => [new("a.example:7443", Identity(7)), new("[2001:db8::1]:443", Identity(8))];

    private static Invitation Invite(PoolBook book) => book.Invite("org", TimeSpan.FromDays(1), Seeds());

    private Invitation Make() => Invitation.Create("team", new string('7', 64), "node", rig.Now.AddDays(1), Seeds());

    private string Reason(string text)
    {
        Assert.Null(Invitation.Parse(text, rig.Now, out var reason));
        return reason!;
    }

    private void Refuse(string text) => Assert.False(string.IsNullOrEmpty(Reason(text)));
}
