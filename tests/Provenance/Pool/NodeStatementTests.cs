using System.Text;
using Athens.Federation.Node.Provenance.Pool;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Tests.Provenance.Pool;

/// <summary>Which node statements are believed, and what hostile ones can do: nothing to nodes of other orgs.</summary>
public sealed class NodeStatementTests : IDisposable
{
    private readonly PoolRig rig = new();

    public void Dispose() => rig.Dispose();

    [Fact]
    public void The_text_is_as_it_is_written_down()
    {
        var poolId = new string('7', 64);
        var node = rig.Describe("berlin");
        var key = Convert.ToBase64String(node.Identity.Span);
        var statement = NodeStatement.Create(
            poolId,
            "acme",
            node with { Endpoints = ["berlin.acme.example:7443", "192.0.2.7:7443", "[2001:db8::7]:7443"] },
            new DateTimeOffset(2026, 11, 21, 22, 0, 0, TimeSpan.Zero),
            NodeStatement.UsualLife);
        var text = $"athens-federation node statement v1\npool {poolId}\norg acme\nnode berlin\nidentity ed25519:{key}\nlog {node.Log}\nwitness {node.Witness}\n"
            + "endpoint berlin.acme.example:7443\nendpoint 192.0.2.7:7443\nendpoint [2001:db8::7]:7443\n"
            + "issued 2026-11-21T22:00:00Z\nexpires 2026-12-21T22:00:00Z\n";
        Assert.Equal(text, statement.Text);
        Assert.Equal(text, NodeStatement.Parse(text, out _)!.Text);
        Assert.Equal($"ed25519:{key}", statement.IdentityText);
        var revoked = statement.Revoked(statement.Issued.AddDays(1));
        Assert.EndsWith("issued 2026-11-22T22:00:00Z\nexpires 2027-12-27T22:00:00Z\nrevoked\n", revoked.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("endpoint", revoked.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("endpoint n.example:7443", "endpoint n.example")]
    [InlineData("endpoint n.example:7443", "endpoint n.example:0")]
    [InlineData("endpoint n.example:7443", "endpoint n.example:65536")]
    [InlineData("endpoint n.example:7443", "endpoint n.example:07443")]
    [InlineData("endpoint n.example:7443", "endpoint :7443")]
    [InlineData("endpoint n.example:7443", "endpoint ::1:7443")]
    [InlineData("endpoint n.example:7443", "endpoint [::1%lo]:7443")]
    [InlineData("endpoint n.example:7443", "endpoint [1.2.3.4]:7443")]
    [InlineData("endpoint n.example:7443", "endpoint [[::1]]:7443")]
    [InlineData("endpoint n.example:7443", "endpoint [[::1]:80]:7443")]
    [InlineData("endpoint n.example:7443", "endpoint []:7443")]
    [InlineData("endpoint n.example:7443", "endpoint n.example/x:7443")]
    [InlineData("endpoint n.example:7443", "endpoint n.example:7443\nendpoint n.example:7443")]
    [InlineData("endpoint n.example:7443", "endpoint a:1\nendpoint a:2\nendpoint a:3\nendpoint a:4\nendpoint a:5\nendpoint a:6\nendpoint a:7\nendpoint a:8\nendpoint a:9")]
    [InlineData("identity ed25519:", "identity ")]
    [InlineData("identity ed25519:", "identity ed25519:A")]
    [InlineData("org a", "org a\norg b")]
    [InlineData("expires 2026", "expires 2029")]
    [InlineData("expires 2026", "expires 2020")]
    [InlineData("Z\n\u0001", "Z\nrevoked")]
    [InlineData("Z\n\u0001", "Z\nrevoked\nrevoked\n")]
    [InlineData("Z\n\u0001", "Z\nrevoked yes\n")]
    public void Any_other_spelling_is_refused_with_a_sentence(string part, string other)
    {
        var text = rig.Node(new string('7', 64), "a", "n").Text + "\u0001";
        Assert.Contains(part, text, StringComparison.Ordinal);
        text = text.Replace(part, other, StringComparison.Ordinal).Replace("\u0001", "", StringComparison.Ordinal);
        Assert.Null(NodeStatement.Parse(text, out var reason));
        Assert.False(string.IsNullOrEmpty(reason));
    }

    [Fact]
    public void A_node_is_a_member_from_its_statement_until_it_expires()
    {
        var book = rig.Pool(["a", "b"]);
        var changes = 0;
        book.Changed += () => changes++;
        var note = rig.Signed(rig.Node(book.Current!.Id, "b", "n", TimeSpan.FromDays(2)));
        PoolRig.Is(PoolEnd.Taken, book.TakeStatement(note));
        PoolRig.Is(PoolEnd.Known, book.TakeStatement(note));
        Assert.Equal("n", Assert.Single(book.Current!.Members).Statement.Node);
        Assert.Equal(1, changes);
        rig.Time.Advance(TimeSpan.FromDays(1));
        rig.Time.Advance(TimeSpan.FromDays(1));
        Assert.Empty(book.Current!.Members);
        Assert.Empty(book.Current!.Statements);
        Assert.Equal(2, changes);
        PoolRig.Is(PoolEnd.Refused, book.TakeStatement(note));
    }

    [Fact]
    public void The_newest_statement_of_a_node_holds_in_whatever_order_they_come()
    {
        var book = rig.Pool(["a"]);
        var id = book.Current!.Id;
        var old = rig.Node(id, "a", "n");
        var later = rig.Node(id, "a", "n", issued: rig.Now.AddMinutes(1));
        PoolRig.Is(PoolEnd.Taken, book.TakeStatement(rig.Signed(later)));
        PoolRig.Is(PoolEnd.Known, book.TakeStatement(rig.Signed(old)));
        PoolRig.Is(PoolEnd.Taken, book.TakeStatement(rig.Signed(later.Revoked(rig.Now))));
        Assert.Empty(book.Current!.Members);
        Assert.Single(book.Current!.Statements);
        PoolRig.Is(PoolEnd.Known, book.TakeStatement(rig.Signed(later)));
        rig.Time.Advance(TimeSpan.FromDays(399));
        Assert.Single(book.Current!.Statements);
        PoolRig.Is(PoolEnd.Refused, book.TakeStatement(rig.Signed(later)));
    }

    [Fact]
    public void Forged_expired_far_future_and_foreign_statements_are_refused()
    {
        var book = rig.Pool(["a", "b"]);
        var id = book.Current!.Id;
        var statement = rig.Node(id, "a", "n");
        PoolRig.Is(PoolEnd.Refused, book.TakeStatement(statement.Sign(rig.Key("b"))));
        PoolRig.Is(PoolEnd.Refused, book.TakeStatement(statement.Sign(rig.Key("a", 2))));
        PoolRig.Is(PoolEnd.Refused, book.TakeStatement(Altered(rig.Signed(statement), "n.example", "m.example")));
        PoolRig.Is(PoolEnd.Refused, book.TakeStatement(Altered(rig.Signed(statement), "org a", "org b")));
        PoolRig.Is(PoolEnd.Refused, book.TakeStatement(rig.Signed(rig.Node(id, "c", "n"))));
        PoolRig.Is(PoolEnd.Refused, book.TakeStatement(rig.Signed(rig.Node(new string('0', 64), "a", "n"))));
        PoolRig.Is(PoolEnd.Refused, book.TakeStatement(rig.Signed(rig.Node(id, "a", "n", TimeSpan.FromDays(1), rig.Now.AddDays(-2)))));
        PoolRig.Is(PoolEnd.Refused, book.TakeStatement(rig.Signed(rig.Node(id, "a", "n", issued: rig.Now.AddMinutes(61)))));
        PoolRig.Is(PoolEnd.Refused, book.TakeStatement("no note"u8.ToArray()));
        PoolRig.Is(PoolEnd.Refused, book.TakeStatement(default));
        PoolRig.Is(PoolEnd.Refused, book.TakeStatement(new byte[2 << 20]));
        Assert.Empty(book.Current!.Statements);
        PoolRig.Is(PoolEnd.Taken, book.TakeStatement(rig.Signed(rig.Node(id, "a", "n", issued: rig.Now.AddMinutes(59)))));
    }

    [Fact]
    public void Lines_of_strangers_are_not_kept()
    {
        var book = rig.Pool(["a"]);
        SigningKey[] keys = [.. Enumerable.Range(0, 60).Select(i => rig.Key($"s{i}")), rig.Key("a")];
        PoolRig.Is(PoolEnd.Taken, book.TakeStatement(SignedNote.Sign(rig.Node(book.Current!.Id, "a", "n").Text, keys)));
        Assert.Equal(rig.Key("a").Name, Assert.Single(book.Current!.Statements[0].Note.Signatures).Name);
    }

    [Fact]
    public void A_flood_of_one_org_takes_no_place_from_others()
    {
        var book = rig.Pool(["a", "evil"]);
        var id = book.Current!.Id;
        PoolRig.Is(PoolEnd.Taken, book.TakeStatement(rig.Signed(rig.Node(id, "a", "early"))));
        var keyed = rig.Describe("flood");
        for (var i = 0; i < StatementRule.MaxOfOrg + 50; i++)
        {
            var node = keyed with { Name = $"n{i}", Identity = Identity(i) };
            book.TakeStatement(NodeStatement.Create(id, "evil", node, rig.Now.AddSeconds(i), TimeSpan.FromDays(1)).Sign(rig.Key("evil")));
        }

        Assert.Equal(StatementRule.MaxOfOrg, book.Current!.Statements.Count(one => one.Statement.Org == "evil"));
        PoolRig.Is(PoolEnd.Taken, book.TakeStatement(rig.Signed(rig.Node(id, "a", "late"))));
        Assert.Equal(["early", "late"], book.Current!.Members.Where(one => one.Statement.Org == "a").Select(one => one.Statement.Node));
    }

    /// <summary>Seven orgs fill what a pool keeps; an eighth comes late and gets its share all the same, in any order.</summary>
    [Fact]
    public void A_pool_full_of_hostile_orgs_has_room_for_another_one()
    {
        const int seed = 7;
        var random = new Random(seed);
        var first = rig.First([.. Enumerable.Range(0, 7).Select(i => $"evil{i}"), "good"]);
        var chain = RootChain.Read(first.Sha256, [rig.Sign(first, [.. first.Orgs.Select(org => org.Name)])], out _)!;
        var described = rig.Describe("flood");
        var all = first.Orgs
            .SelectMany(org => Enumerable.Range(0, org.Name == "good" ? 20 : StatementRule.MaxOfOrg)
                .Select(i => NodeStatement.Create(chain.Id, org.Name, described with { Name = $"n{i}", Identity = Identity(i) }, rig.Now.AddSeconds(i), TimeSpan.FromDays(1))))
            .ToArray();
        var unsigned = SignedNote.Parse(rig.Sign(first, "good"), out _)!;
        List<string[]> ends = [];
        for (var round = 0; round < 2; round++)
        {
            random.Shuffle(all);
            var kept = PoolContent.Of(chain, "good").Statements;
            foreach (var one in all)
            {
                kept = StatementRule.Bounded(kept.SetItem(StatementRule.KeyOf(one), new SignedStatement(one, unsigned)));
            }

            Assert.Equal(StatementRule.MaxStatements, kept.Count);
            Assert.Equal(20, kept.Values.Count(one => one.Statement.Org == "good"));
            ends.Add([.. kept.Keys.Order(StringComparer.Ordinal)]);
        }

        Assert.Equal(ends[0], ends[1]);
    }

    [Fact]
    public void An_org_cannot_take_or_end_a_node_of_another_one()
    {
        var book = rig.Pool(["a"]);
        var next = rig.Next(book.Current!.Root, was => was.AddOrg(rig.Org("evil")), 2);
        PoolRig.Is(PoolEnd.Taken, book.TakeRoot(rig.Sign(next, "a", "evil")));
        var id = book.Current!.Id;
        PoolRig.Is(PoolEnd.Taken, book.TakeStatement(rig.Signed(rig.Node(id, "a", "n"))));
        var claim = rig.Node(id, "evil", "n", issued: rig.Now.AddMinutes(5));
        PoolRig.Is(PoolEnd.Taken, book.TakeStatement(rig.Signed(claim)));
        Assert.Equal("a", Assert.Single(book.Current!.Members).Statement.Org);
        Assert.Equal(1, rig.Told(402));
        Assert.False(book.Current!.IsRevokedByOwnOrg(claim.Identity));
        PoolRig.Is(PoolEnd.Taken, book.TakeStatement(rig.Signed(claim.Revoked(rig.Now.AddMinutes(6)))));
        Assert.Equal("a", Assert.Single(book.Current!.Members).Statement.Org);
        Assert.False(book.Current!.IsRevokedByOwnOrg(claim.Identity));
        PoolRig.Is(PoolEnd.Taken, book.TakeStatement(rig.Signed(rig.Node(id, "a", "n").Revoked(rig.Now.AddMinutes(7)))));
        Assert.True(book.Current!.IsRevokedByOwnOrg(claim.Identity));
        Assert.Empty(book.Current!.Members);
    }

    [Fact]
    public void An_expired_root_is_told_and_can_still_be_followed()
    {
        var book = rig.Pool(["a"]);
        var first = book.Current!.Root;
        var changes = 0;
        book.Changed += () => changes++;
        Assert.False(book.Current!.ExpiresSoon);
        rig.Time.Advance(TimeSpan.FromDays(335));
        Assert.True(book.Current!.ExpiresSoon);
        Assert.False(book.Current!.IsExpired);
        Assert.Equal(1, rig.Told(403));
        rig.Time.Advance(TimeSpan.FromDays(30));
        Assert.True(book.Current!.IsExpired);
        Assert.Equal(1, rig.Told(404));
        Assert.Equal(2, changes);
        Assert.Equal(PoolEnd.Refused, book.Propose(was => was.SetQuorum(2), rig.Key("a")).Taken.End);
        PoolRig.Is(PoolEnd.Taken, book.Propose(was => was.Renew(rig.Now, PoolRoot.UsualLife).SetQuorum(2), rig.Key("a")).Taken);
        Assert.False(book.Current!.IsExpired);
        Assert.False(book.Current!.ExpiresSoon);
        Assert.Equal(first.Sha256, book.Current!.Root.Previous);
    }

    private static byte[] Identity(int i) => System.Security.Cryptography.SHA256.HashData(BitConverter.GetBytes(i));

    private static byte[] Altered(byte[] note, string part, string other) =>
        Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(note).Replace(part, other, StringComparison.Ordinal));
}
