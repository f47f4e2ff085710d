using System.Text.Json;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Upstream;

public sealed class ListAndQueryTests
{
    [Theory]
    [InlineData("github.com/pkg/errors", "v0.8.1 v0.9.1")]
    [InlineData("github.com/BurntSushi/toml", "v1.1.0 v1.2.0")]
    [InlineData("github.com/go-chi/chi/v5", "v5.0.6 v5.0.7")]
    [InlineData("github.com/golang/snappy", "v0.0.3 v0.0.4-rc.1")]
    [InlineData("github.com/blang/semver", "v3.5.1+incompatible")]
    [InlineData("github.com/blang/semver/v4", "v4.0.0")]
    [InlineData("github.com/dustin/go-humanize/english", "v1.0.0")]
    [InlineData("golang.org/x/sys", "v0.3.0")]
    [InlineData("gopkg.in/yaml.v3", "v3.0.1")]
    [InlineData("github.com/docker/go-units", "")]
    public async Task Tagged_versions_are_listed_in_order(string path, string expected)
    {
        using UpstreamRoom room = await UpstreamRoom.OverRepositoriesAsync();
        Outcome<VersionList> outcome = await room.Source.VersionsAsync(path, CancellationToken.None);
        Assert.True(outcome.IsFound, outcome.Reason);
        Assert.Equal(expected, string.Join(' ', outcome.Value!.Versions));
    }

    [Theory]
    [InlineData("github.com/nobody/nothing")]
    [InlineData("github.com/pkg")]
    [InlineData("github.com/pkg/errors/nosuchfolder")]
    [InlineData("example.org/nosuch")]
    [InlineData("-x.org/a")]
    [InlineData("github.com/Pkg/../errors")]
    public async Task A_path_that_is_no_module_is_absent(string path)
    {
        using UpstreamRoom room = await UpstreamRoom.OverRepositoriesAsync(options => options with
        {
            Env = new Dictionary<string, string>(options.Env) { ["GOINSECURE"] = "golang.org,gopkg.in,example.org" },
        });
        Outcome<VersionList> outcome = await room.Source.VersionsAsync(path, CancellationToken.None);
        Assert.Equal(OutcomeKind.Absent, outcome.Kind);
        Assert.NotEmpty(outcome.Reason);
        Assert.DoesNotContain(room.Data, outcome.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("github.com/pkg/errors", "latest", "v0.9.1")]
    [InlineData("github.com/pkg/errors", "develop", "v0.8.1")]
    [InlineData("github.com/pkg/errors", "main", "v0.9.1")]
    [InlineData("github.com/pkg/errors", "v0.8.1", "v0.8.1")]
    [InlineData("github.com/golang/snappy", "latest", "v0.0.3")]
    [InlineData("github.com/blang/semver", "v3.5.1", "v3.5.1+incompatible")]
    public async Task A_query_resolves_to_a_canonical_version(string path, string query, string expected)
    {
        using UpstreamRoom room = await UpstreamRoom.OverRepositoriesAsync();
        Outcome<ResolvedVersion> outcome = await room.Source.ResolveAsync(path, query, CancellationToken.None);
        Assert.True(outcome.IsFound, outcome.Reason);
        Assert.Equal(expected, outcome.Value!.Version);
        using JsonDocument info = JsonDocument.Parse(outcome.Value.Info);
        Assert.Equal(expected, info.RootElement.GetProperty("Version").GetString());
        Assert.Matches(@"^2023-\d\d-\d\dT00:00:00Z$", info.RootElement.GetProperty("Time").GetString()!);
        Assert.Equal("git", info.RootElement.GetProperty("Origin").GetProperty("VCS").GetString());
    }

    [Fact]
    public async Task A_commit_and_an_untagged_latest_resolve_to_a_pseudo_version()
    {
        GoRepositories repositories = await GoRepositories.SharedAsync();
        RepositoryModule units = repositories.Modules.Single(module => module.Feature == "pseudo");
        using UpstreamRoom room = await UpstreamRoom.OverRepositoriesAsync();
        foreach (string query in new[] { "latest", "main", units.Version[^12..], units.Version[^12..^4] })
        {
            Outcome<ResolvedVersion> outcome = await room.Source.ResolveAsync(units.Path, query, CancellationToken.None);
            Assert.True(outcome.IsFound, outcome.Reason);
            Assert.Equal(units.Version, outcome.Value!.Version);
        }
    }

    [Theory]
    [InlineData("v9.9.9")]
    [InlineData("nosuchbranch")]
    [InlineData("deadbeefdead")]
    [InlineData("-modfile=/etc/passwd")]
    [InlineData("--exec=x")]
    [InlineData("main@{1}")]
    [InlineData("a..b")]
    [InlineData("upgrade")]
    [InlineData("<v1.0.0")]
    [InlineData("")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    [InlineData("$(touch x)")]
    public async Task An_unknown_or_hostile_query_is_absent(string query)
    {
        using UpstreamRoom room = await UpstreamRoom.OverRepositoriesAsync();
        Outcome<ResolvedVersion> outcome = await room.Source.ResolveAsync("github.com/pkg/errors", query, CancellationToken.None);
        Assert.Equal(OutcomeKind.Absent, outcome.Kind);
        Assert.NotEmpty(outcome.Reason);
    }
}
