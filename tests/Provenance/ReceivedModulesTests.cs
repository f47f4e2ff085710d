using Athens.Federation.Node.Provenance;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Provenance;

/// <summary>What was received as private stays so.</summary>
public sealed class ReceivedModulesTests : IDisposable
{
    private static readonly Dictionary<string, string> Configured = new(StringComparer.Ordinal) { ["corp.example/lib/*"] = "acme" };

    private readonly TemporaryFolder folder = new("received");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_is_configured_and_what_was_learned_is_received_from_whom_it_came()
    {
        ReceivedModules received = Open();
        Assert.True(received.Add("git.example/team/x", "globex"));
        Assert.False(received.Add("git.example/team/x", "initech"));
        Assert.False(received.Add("corp.example/lib/a", "initech"));
        foreach (var one in new[] { received, Open() })
        {
            Assert.Equal("acme", one.GiverOf("corp.example/lib/a/b"));
            Assert.Equal("globex", one.GiverOf("git.example/team/x"));
            Assert.Equal("globex", one.GiverOf("git.example/team/x/pkg"));
            foreach (var other in new[] { "git.example/team", "git.example/team/xy", "corp.example/lib", "corp.example", "x", "" })
            {
                Assert.False(one.Has(other), other);
            }
        }
    }

    [Fact]
    public void A_giver_does_not_keep_the_proofs_of_what_is_below_its_path_away()
    {
        ReceivedModules received = Open();
        received.Add("github.com/wide", "globex");
        Assert.True(received.IsUnproven("github.com/wide"));
        Assert.True(received.IsUnproven("corp.example/lib/a"));
        Assert.True(received.Has("github.com/wide/known"));
        Assert.False(received.IsUnproven("github.com/wide/known"));
    }

    [Fact]
    public void A_spoilt_file_ends_the_start_and_what_cannot_be_kept_is_not_in_force()
    {
        Open().Add("git.example/x", "globex");
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.File("received")));
        }

        foreach (var text in new[] { "git.example/x", "git.example/x globex more", " globex", "\n", string.Concat(Enumerable.Range(0, ReceivedModules.Max + 1).Select(static i => $"a.example/{i} globex\n")) })
        {
            File.WriteAllText(folder.File("received"), text);
            Assert.Contains("received", Assert.Throws<IOException>(Open).Message, StringComparison.Ordinal);
        }

        ReceivedModules nowhere = new([], folder.File("no/such/folder"));
        Assert.ThrowsAny<IOException>(() => nowhere.Add("git.example/x", "globex"));
        Assert.False(nowhere.Has("git.example/x"));
    }

    [Fact]
    public void No_more_than_the_bound_are_learned()
    {
        ReceivedModules received = new([], null);
        for (var i = 0; i < ReceivedModules.Max; i++)
        {
            received.Add($"a.example/{i}", "globex");
        }

        Assert.Throws<IOException>(() => received.Add("a.example/one-more", "globex"));
    }

    private ReceivedModules Open() => new(Configured, folder.Path);
}
