using Athens.Federation.Node.Provenance.Pool;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Provenance.Pool;

/// <summary>The org's key on the node: made once, private, replaced without a moment in which there is none.</summary>
public sealed class OrgKeyFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new("orgkey");

    private string Keys => Path.Combine(folder.Path, "keys");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_key_is_made_once_and_found_again()
    {
        Assert.Null(OrgKeyFile.Find(folder.Path));
        using var made = OrgKeyFile.Create(folder.Path, "acme");
        Assert.Matches("^acme/org/[0-9a-f]{8}$", made.Name);
        using var found = OrgKeyFile.Find(folder.Path)!;
        using var again = OrgKeyFile.Create(folder.Path, "other");
        Assert.Equal(made.Verifier.ToString(), found.Verifier.ToString());
        Assert.Equal(made.Verifier.ToString(), again.Verifier.ToString());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Keys, "org")));
        Assert.Throws<ArgumentException>(() => OrgKeyFile.Create(folder.Path, "no name"));
    }

    [Fact]
    public void The_next_key_takes_the_place_and_the_old_one_is_kept()
    {
        Assert.False(OrgKeyFile.Promote(folder.Path));
        using var old = OrgKeyFile.Create(folder.Path, "acme");
        using var next = OrgKeyFile.Stage(folder.Path, "acme");
        using var staged = OrgKeyFile.FindNext(folder.Path)!;
        Assert.Equal(next.Name, staged.Name);
        Assert.NotEqual(old.Name, next.Name);
        Assert.True(OrgKeyFile.Promote(folder.Path));
        Assert.False(OrgKeyFile.Promote(folder.Path));
        using var found = OrgKeyFile.Find(folder.Path)!;
        Assert.Equal(next.Name, found.Name);
        Assert.Null(OrgKeyFile.FindNext(folder.Path));
        Assert.Equal(["org", $"org.{old.Name[^8..]}"], Directory.GetFiles(Keys).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_damaged_key_is_refused_and_kept()
    {
        OrgKeyFile.Create(folder.Path, "acme").Dispose();
        File.WriteAllText(Path.Combine(Keys, "org"), "no key\n");
        Assert.Throws<IOException>(() => OrgKeyFile.Find(folder.Path));
        Assert.Throws<IOException>(() => OrgKeyFile.Create(folder.Path, "acme"));
    }
}
