using Athens.Federation.Node.Provenance.Pool;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Tests.Provenance.Pool;

/// <summary>The text of a pool root: one spelling, everything bounded, changes that keep the rules.</summary>
public sealed class PoolRootTests : IDisposable
{
    private const string Golden = """
        athens-federation pool root v1
        pool team
        version 7
        previous 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
        issued 2026-11-21T22:00:00Z
        expires 2027-11-21T22:00:00Z
        quorum 2
        threshold 2
        org acme acme/org/2715de4a+b3642071+ATshMaNP/YXi5eCOUZo7zfMqvC9HOb/gXKYxphjHrvkw
        org beta beta/org/2a26c79d+2883d21d+Ab6H0m6Hfkw8WJUwHNrkl+1ZZAjvLTFMmH21k9pcPkwd
        namespace *.corp.acme.example acme
        namespace github.com/beta-inc beta

        """;

    private readonly PoolRig rig = new();

    public void Dispose() => rig.Dispose();

    [Fact]
    public void The_text_is_as_it_is_written_down()
    {
        var root = GoldenRoot();
        Assert.Equal(Golden, root.Text);
        Assert.Equal("team", root.Name);
        Assert.Equal(7, root.Version);
        Assert.Equal(new DateTimeOffset(2026, 11, 21, 22, 0, 0, TimeSpan.Zero), root.Issued);
        Assert.Equal(["acme", "beta"], root.Orgs.Select(org => org.Name));
        Assert.Equal("beta", root.Namespaces["github.com/beta-inc"]);
        Assert.Equal(2, root.Quorum);
        Assert.True(root.IsMajority);
    }

    /// <summary>Each line changed in a way that leaves a meaning, or none.</summary>
    [Theory]
    [InlineData("pool team", "pool  team")]
    [InlineData("pool team", "pool te am")]
    [InlineData("pool team", "pool te\u00e4m")]
    [InlineData("pool team", "pool ")]
    [InlineData("pool team\n", "")]
    [InlineData("root v1", "root v2")]
    [InlineData("version 7", "version 07")]
    [InlineData("version 7", "version 0")]
    [InlineData("version 7", "version -7")]
    [InlineData("version 7", "version +7")]
    [InlineData("version 7", "version 1")]
    [InlineData("version 7", "version 9223372036854775808")]
    [InlineData("previous 0123", "previous 012G")]
    [InlineData("previous 0123456789abcdef", "previous 0123456789ABCDEF")]
    [InlineData("previous 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n", "")]
    [InlineData("issued 2026-11-21T22:00:00Z", "issued 2026-11-21T22:00:00.0Z")]
    [InlineData("issued 2026-11-21T22:00:00Z", "issued 2026-11-21T23:00:00+01:00")]
    [InlineData("issued 2026-11-21T22:00:00Z", "issued 2026-11-21 22:00:00Z")]
    [InlineData("issued 2026-11-21T22:00:00Z", "issued 2026-02-30T22:00:00Z")]
    [InlineData("expires 2027", "expires 2025")]
    [InlineData("expires 2027", "expires 2029")]
    [InlineData("quorum 2", "quorum 0")]
    [InlineData("quorum 2", "quorum 101")]
    [InlineData("threshold 2", "threshold 3")]
    [InlineData("threshold 2", "threshold 0")]
    [InlineData("org acme", "org zeta")]
    [InlineData("org acme", "org beta")]
    [InlineData("org acme", "org Beta")]
    [InlineData("namespace *.corp.acme.example acme", "namespace *.corp.acme.example nobody")]
    [InlineData("namespace *.corp.acme.example acme", "namespace zzz acme")]
    [InlineData("namespace *.corp.acme.example acme", "namespace a,b acme")]
    [InlineData("namespace *.corp.acme.example acme", "namespace /a acme")]
    [InlineData("namespace *.corp.acme.example acme", "namespace github.com/beta-inc acme")]
    [InlineData("github.com/beta-inc beta\n", "github.com/beta-inc beta\nfurther line\n")]
    [InlineData("github.com/beta-inc beta\n", "github.com/beta-inc beta\n\n")]
    [InlineData("github.com/beta-inc beta\n", "github.com/beta-inc beta")]
    [InlineData("github.com/beta-inc beta\n", "github.com/beta-inc beta\r\n")]
    [InlineData("github.com/beta-inc beta\n", "github.com/beta-inc beta \n")]
    public void Any_other_spelling_is_refused_with_a_sentence(string part, string other)
    {
        var text = Golden;
        Assert.Contains(part, text, StringComparison.Ordinal);
        Assert.Null(PoolRoot.Parse(text.Replace(part, other, StringComparison.Ordinal), out var reason));
        Assert.False(string.IsNullOrEmpty(reason));
    }

    [Fact]
    public void One_key_is_never_two_orgs()
    {
        var key = rig.Key("acme");
        var other = NoteVerifier.Of("other", key.PublicKey.Span);
        Assert.Throws<InvalidOperationException>(() => rig.First("acme").AddOrg(new PoolOrg("beta", other)));
    }

    /// <summary>A hundred thousand random changes of good texts: whatever is taken says the same when it is written again.</summary>
    [Fact]
    public void What_is_read_has_one_text()
    {
        const int seed = 20261121;
        var random = new Random(seed);
        string[] good = [Golden, rig.First("a", "b", "c").SetNamespace("x.example", "b").Text, rig.Node(rig.First("a").Sha256, "a", "n").Text];
        var taken = 0;
        for (var round = 0; round < 100_000; round++)
        {
            var text = Mutate(random, good[random.Next(good.Length)]);
            if (PoolRoot.Parse(text, out var reason) is { } root)
            {
                taken++;
                Assert.True(Rewritten(root) == text, $"seed {seed}, round {round}");
            }
            else if (NodeStatement.Parse(text, out var other) is { } statement)
            {
                taken++;
                var again = NodeStatement.Create(
                    statement.PoolId,
                    statement.Org,
                    new NodeDescription(statement.Node, statement.Identity, statement.Log, statement.Witness, statement.Endpoints),
                    statement.Issued,
                    statement.Expires - statement.Issued);
                Assert.True(again.Text + (statement.IsRevoked ? "revoked\n" : "") == text, $"seed {seed}, round {round}");
            }
            else
            {
                Assert.True(!string.IsNullOrEmpty(reason) && !string.IsNullOrEmpty(other), $"seed {seed}, round {round}");
            }
        }

        Assert.True(taken > 1000, $"only {taken} were taken: the changes are too wild to show anything");
    }

    [Fact]
    public void A_change_keeps_the_majority_and_otherwise_the_number()
    {
        var root = rig.First("a", "b", "c", "d", "e");
        Assert.Equal(3, root.Threshold);
        Assert.Equal(4, root.AddOrg(rig.Org("f")).Threshold);
        Assert.Equal(2, root.RemoveOrg("a").RemoveOrg("b").Threshold);
        var all = root.SetThreshold(5);
        Assert.Equal(5, all.AddOrg(rig.Org("f")).Threshold);
        Assert.Equal(4, all.RemoveOrg("a").Threshold);
        Assert.Equal(1, root.SetThreshold(1).RemoveOrg("a").Threshold);
        Assert.False(root.SetThreshold(2).IsMajority);
    }

    [Fact]
    public void What_cannot_be_is_not_made()
    {
        var root = rig.First("a", "b");
        Assert.Throws<InvalidOperationException>(() => root.AddOrg(rig.Org("a", 2)));
        Assert.Throws<InvalidOperationException>(() => root.RemoveOrg("c"));
        Assert.Throws<InvalidOperationException>(() => root.RemoveOrg("a").RemoveOrg("b"));
        Assert.Throws<InvalidOperationException>(() => root.ReplaceKey("c", rig.Key("c").Verifier));
        Assert.Throws<InvalidOperationException>(() => root.ReplaceKey("a", rig.Key("b").Verifier));
        Assert.Throws<InvalidOperationException>(() => root.SetThreshold(3));
        Assert.Throws<InvalidOperationException>(() => root.SetQuorum(0));
        Assert.Throws<InvalidOperationException>(() => root.SetNamespace("x.example", "c"));
        Assert.Throws<InvalidOperationException>(() => root.SetNamespace("x.example", null));
        Assert.Throws<InvalidOperationException>(() => root.Renew(rig.Now, TimeSpan.FromDays(1000)));
        Assert.Throws<InvalidOperationException>(() => root.AddOrg(new PoolOrg("a b", rig.Key("c").Verifier)));
    }

    [Fact]
    public void An_org_that_leaves_takes_its_namespaces_along()
    {
        var root = rig.First("a", "b").SetNamespace("x.example", "a").SetNamespace("y.example", "b");
        Assert.Equal(["y.example"], root.RemoveOrg("a").Namespaces.Keys);
    }

    [Fact]
    public void The_longest_root_fits()
    {
        var root = PoolRoot.First(new string('p', 64), Long(0), 100, rig.Now);
        for (var i = 1; i < PoolRoot.MaxOrgs; i++)
        {
            root = root.AddOrg(Long(i));
        }

        for (var i = 0; i < PoolRoot.MaxNamespaces; i++)
        {
            root = root.SetNamespace($"{i:000}{new string('n', 252)}", root.Orgs[i % root.Orgs.Count].Name);
        }

        Assert.NotNull(PoolRoot.Parse(root.Text, out _));
        Assert.Throws<InvalidOperationException>(() => root.AddOrg(Long(100)));
        Assert.Throws<InvalidOperationException>(() => root.SetNamespace("one-more", root.Orgs[0].Name));

        PoolOrg Long(int i)
        {
            var name = $"{i:000}{new string('o', 61)}";
            return new PoolOrg(name, NoteVerifier.Of(name + new string('k', 180), rig.Key(name).PublicKey.Span));
        }
    }

    private static string Rewritten(PoolRoot root) => root.SetQuorum(root.Quorum).Text;

    private static string Mutate(Random random, string text)
    {
        var lines = text.Split('\n').ToList();
        for (var times = random.Next(1, 3); times > 0; times--)
        {
            var at = random.Next(lines.Count);
            switch (random.Next(6))
            {
                case 0:
                    lines.RemoveAt(at);
                    lines.Add("");
                    break;
                case 1:
                    lines.Insert(at, lines[random.Next(lines.Count)]);
                    break;
                case 2:
                    (lines[at], lines[0]) = (lines[0], lines[at]);
                    break;
                default:
                    lines[at] = Scribble(random, lines[at]);
                    break;
            }
        }

        return string.Join('\n', lines);
    }

    private static string Scribble(Random random, string line)
    {
        var at = random.Next(line.Length + 1);
        const string letters = "0123456789abcdefXYZ .:-+/=\n\t\u00e4";
        var letter = letters[random.Next(letters.Length)].ToString();
        return random.Next(3) switch
        {
            0 => line.Insert(at, letter),
            1 when at < line.Length => line.Remove(at, 1),
            _ when at < line.Length => line.Remove(at, 1).Insert(at, letter),
            _ => line,
        };
    }

    private static PoolRoot GoldenRoot() => PoolRoot.Parse(Golden, out var reason) ?? throw new InvalidOperationException(reason);
}
