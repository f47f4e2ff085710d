using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Identity;

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

    private static PrivateGate Gate(string globs, string org) => new(new FederationOptions { Private = globs, Org = org });

    private static PeerOptions Peer(string org) => new("p", "p.example:3443", PeerKey.Of(new byte[32]), org, PeerTrust.None);
}
