using Athens.Federation.Node.Modules;

namespace Athens.Federation.Tests.Modules;

public class SemanticVersionTests
{
    // In rising order; what follows the arrow is the canonical form, empty for an invalid version (x/mod semver_test.go).
    private static readonly (string Version, string Canonical)[] Ordered =
    [
        ("bad", ""), ("v1-alpha.beta.gamma", ""), ("v1-pre", ""), ("v1+meta", ""), ("v1-pre+meta", ""), ("v1.2-pre", ""),
        ("v1.2+meta", ""), ("v1.2-pre+meta", ""), ("v1.0.0-alpha", "v1.0.0-alpha"), ("v1.0.0-alpha.1", "v1.0.0-alpha.1"),
        ("v1.0.0-alpha.beta", "v1.0.0-alpha.beta"), ("v1.0.0-beta", "v1.0.0-beta"), ("v1.0.0-beta.2", "v1.0.0-beta.2"),
        ("v1.0.0-beta.11", "v1.0.0-beta.11"), ("v1.0.0-rc.1", "v1.0.0-rc.1"), ("v1", "v1.0.0"), ("v1.0", "v1.0.0"),
        ("v1.0.0", "v1.0.0"), ("v1.2", "v1.2.0"), ("v1.2.0", "v1.2.0"), ("v1.2.3-456", "v1.2.3-456"),
        ("v1.2.3-456.789", "v1.2.3-456.789"), ("v1.2.3-456-789", "v1.2.3-456-789"), ("v1.2.3-456a", "v1.2.3-456a"),
        ("v1.2.3-pre", "v1.2.3-pre"), ("v1.2.3-pre+meta", "v1.2.3-pre"), ("v1.2.3-pre.1", "v1.2.3-pre.1"),
        ("v1.2.3-zzz", "v1.2.3-zzz"), ("v1.2.3", "v1.2.3"), ("v1.2.3+meta", "v1.2.3"), ("v1.2.3+meta-pre", "v1.2.3"),
        ("v1.2.3+meta-pre.sha.256a", "v1.2.3"),
    ];

    [Fact]
    public void Valid_canonical_major_and_prerelease_are_as_in_Go()
    {
        foreach ((string version, string canonical) in Ordered)
        {
            Assert.Equal(canonical.Length > 0, SemanticVersion.IsValid(version));
            Assert.Equal(canonical.Length > 0 && canonical == version, SemanticVersion.IsCanonical(version));
            Assert.Equal(canonical.Length == 0 ? "" : canonical[..canonical.IndexOf('.')], SemanticVersion.Major(version));
            int hyphen = canonical.IndexOf('-');
            Assert.Equal(hyphen < 0 ? "" : canonical[hyphen..], SemanticVersion.Prerelease(version));
        }
    }

    [Fact]
    public void Every_pair_compares_as_in_Go()
    {
        for (int i = 0; i < Ordered.Length; i++)
        {
            for (int j = 0; j < Ordered.Length; j++)
            {
                int expected = Ordered[i].Canonical == Ordered[j].Canonical ? 0 : i.CompareTo(j);
                Assert.Equal(expected, SemanticVersion.Compare(Ordered[i].Version, Ordered[j].Version));
            }
        }
    }

    [Theory]
    [InlineData("v1", "v1", 0)]
    [InlineData("v2", "v1", 1)]
    [InlineData("v1.19", "v1.2", 1)]
    [InlineData("v1.0.0+metadata-dash", "v1.0.0+metadata-dash1", 0)]
    [InlineData("v99999999999999999999999.0.0", "v100000000000000000000000.0.0", -1)]
    [InlineData("v1.0.0-99999999999999999999999", "v1.0.0-100000000000000000000000", -1)]
    [InlineData("v1.0.0-rc.1", "v1.0.0-rc.1.1", -1)]
    [InlineData("v1.0.0-RC", "v1.0.0-rc", -1)]
    public void Two_versions_compare(string left, string right, int expected)
    {
        Assert.Equal(expected, SemanticVersion.Compare(left, right));
        Assert.Equal(-expected, SemanticVersion.Compare(right, left));
    }

    [Theory]
    [InlineData("")]
    [InlineData("v")]
    [InlineData("V1.2.3")]
    [InlineData("1.2.3")]
    [InlineData("v01.2.3")]
    [InlineData("v1.02.3")]
    [InlineData("v1.2.03")]
    [InlineData("v1.2.3-")]
    [InlineData("v1.2.3+")]
    [InlineData("v1.2.3-+meta")]
    [InlineData("v1.2.3-a..b")]
    [InlineData("v1.2.3-01")]
    [InlineData("v1.2.3-a_b")]
    [InlineData("v1.2.3+a..b")]
    [InlineData("v1.2.3+a+b")]
    [InlineData("v1.2.3.4")]
    [InlineData("v1..3")]
    [InlineData("v1.2.")]
    [InlineData("v1.")]
    [InlineData("v1.2.3\n")]
    [InlineData("v1.2.3-é")]
    [InlineData("v1.2.٣")]
    [InlineData("v1.2.3/../x")]
    public void Malformed_versions_are_invalid(string version)
    {
        Assert.False(SemanticVersion.IsValid(version));
        Assert.False(SemanticVersion.IsCanonical(version));
        Assert.Equal("", SemanticVersion.Major(version));
        Assert.Equal("", SemanticVersion.Prerelease(version));
        Assert.Null(SemanticVersion.PseudoRevision(version));
    }

    [Theory]
    [InlineData("v1.0.0+incompatible", true)]
    [InlineData("v2.0.0-rc.1+incompatible", true)]
    [InlineData("v2.0.0+Incompatible", false)]
    [InlineData("v2.0.0+incompatible.1", false)]
    [InlineData("v2.0.0+meta", false)]
    [InlineData("v2+incompatible", false)]
    public void Only_incompatible_is_a_canonical_build(string version, bool canonical) =>
        Assert.Equal(canonical, SemanticVersion.IsCanonical(version));

    [Theory]
    [InlineData("v1.0.0-20060102150405-hash", "hash")]
    [InlineData("v0.0.0-20060102150405-abcdef123456", "abcdef123456")]
    [InlineData("v1.2.4-0.20060102150405-hash", "hash")]
    [InlineData("v1.2.4-0.20060102150405-hash+incompatible", "hash")]
    [InlineData("v1.2.3-pre.0.20060102150405-hash", "hash")]
    [InlineData("v1.2.3-pre.0.20060102150405-hash+incompatible", "hash")]
    [InlineData("v2.0.0-0.20060102150405-hash", "hash")]
    [InlineData("v0.0.0-20060102150405-hash+build.1", "hash")]
    [InlineData("v1.2.3-a-b.c-d.0.20060102150405-hash", "hash")]
    [InlineData("v0.0.0-99999999999999-x", "x")]
    public void Pseudo_versions_give_their_revision(string version, string revision)
    {
        Assert.True(SemanticVersion.IsPseudo(version));
        Assert.Equal(revision, SemanticVersion.PseudoRevision(version));
    }

    [Theory]
    [InlineData("v1.2.3-20060102150405-hash")]
    [InlineData("v1.0.1-20060102150405-hash")]
    [InlineData("v1.2.3-pre.20060102150405-hash")]
    [InlineData("v1.2.3-pre0.20060102150405-hash")]
    [InlineData("v1.2.3-pre.00.20060102150405-hash")]
    [InlineData("v1.2.3-0.2006010215040-hash")]
    [InlineData("v1.2.3-0.200601021504050-hash")]
    [InlineData("v1.2.3-0.2006010215040a-hash")]
    [InlineData("v1.2.3-0.20060102150405-hash.1")]
    [InlineData("v1.2.3-0.20060102150405")]
    [InlineData("v1.2.3-0.20060102150405-")]
    [InlineData("v1.2.3-rc-1")]
    [InlineData("v1.2.3")]
    public void Other_versions_are_not_pseudo(string version)
    {
        Assert.False(SemanticVersion.IsPseudo(version));
        Assert.Null(SemanticVersion.PseudoRevision(version));
    }
}
