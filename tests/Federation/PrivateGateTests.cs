using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Provenance;

namespace Athens.Federation.Tests.Federation;

public sealed class PrivateGateTests
{
    private const string Secret = "git.corp.example/secret";

    [Theory]
    [InlineData("acme", "acme", true)]
    [InlineData("acme", "other", false)]
    [InlineData("acme", "ACME", false)]
    [InlineData("acme", "", false)]
    [InlineData("", "", false)]
    [InlineData("", "acme", false)]
    public void A_private_path_passes_only_within_one_organization_that_has_a_name(string own, string peers, bool passes)
    {
        PrivateGate gate = Gate("git.corp.example,*.internal/x", own);
        Assert.Equal(passes, gate.Allows(Secret, Peer(peers)));
        Assert.Equal(passes, gate.Allows("lab.internal/x/y", Peer(peers)));
        Assert.True(gate.Allows("github.com/pkg/errors", Peer(peers)));
        Assert.True(gate.Allows("lab.internal/y", Peer(peers)));
    }

    [Fact]
    public void Without_patterns_nothing_is_private()
    {
        Assert.True(Gate("", "acme").Allows(Secret, Peer("other")));
        Assert.True(Gate(",,/,", "acme").Allows(Secret, Peer("other")));
    }

    [Fact]
    public void A_share_opens_a_private_path_to_the_organizations_that_it_names_and_to_nobody_else()
    {
        PrivateGate gate = new(new FederationOptions
        {
            Private = "git.corp.example",
            Org = "acme",
            Share = new Dictionary<string, string>(StringComparer.Ordinal) { ["git.corp.example/lib/*"] = "globex, initech" },
        });
        Assert.True(gate.Allows("git.corp.example/lib/a", Peer("globex")));
        Assert.True(gate.Allows("git.corp.example/lib/a/b", Peer("initech")));
        Assert.False(gate.Allows("git.corp.example/lib/a", Peer("other")));
        Assert.False(gate.Allows("git.corp.example/lib/a", Peer("")));
        Assert.False(gate.Allows(Secret, Peer("globex")));
        Assert.True(gate.IsPrivate("git.corp.example/lib/a"));
    }

    [Fact]
    public void What_another_organization_shares_with_this_one_passes_back_to_it_and_to_nobody_else()
    {
        ReceivedModules received = new([new("corp.example/lib/*", "globex")], null);
        received.Add("git.other.example/x", "initech");
        PrivateGate gate = new(new FederationOptions { Org = "acme", Private = "git.corp.example" }, received);
        foreach (var (path, giver) in new[] { ("corp.example/lib/a", "globex"), ("git.other.example/x", "initech"), ("git.other.example/x/pkg", "initech") })
        {
            Assert.True(gate.IsPrivate(path));
            Assert.True(gate.Allows(path, Peer(giver)));
            Assert.True(gate.Allows(path, Peer("acme")));
            Assert.False(gate.Allows(path, Peer("third")));
            Assert.False(gate.Allows(path, Peer("")));
        }

        Assert.True(gate.Allows("corp.example/other", Peer("third")));
        Assert.False(gate.Allows(Secret, Peer("globex")));
    }

    private static PrivateGate Gate(string globs, string org) => new(new FederationOptions { Private = globs, Org = org });

    private static PeerOptions Peer(string org) => new("p", "p.example:3443", PeerKey.Of(new byte[32]), org, PeerTrust.None);
}
