using System.Text.Json;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Upstream;

public sealed class FetchTests
{
    [Fact]
    public async Task Every_real_module_arrives_as_the_real_go_has_it()
    {
        GoRepositories repositories = await GoRepositories.SharedAsync();
        using UpstreamRoom room = await UpstreamRoom.OverRepositoriesAsync();
        using GoClient client = new("direct", repositories.GitConfigEnvironment);
        (await client.RunAsync(
            CancellationToken.None,
            ["mod", "download", .. repositories.Modules.Select(module => module.ToString())])).OrFail();
        await Parallel.ForEachAsync(repositories.Modules, async (module, _) =>
        {
            (StagedFiles staged, Outcome<FetchedModule> outcome) = await room.FetchAsync(module.Path, module.Version);
            Assert.True(outcome.IsFound, $"{module}: {outcome.Reason}");
            Assert.Equal(AnswerSource.Upstream, outcome.Source);
            string expected = Path.Combine(
                client.ModuleCache, "cache", "download", ModulePath.Escape(module.Path), "@v", ModulePath.Escape(module.Version));
            Assert.Equal(await File.ReadAllBytesAsync(expected + ".mod"), staged.Mod);
            Assert.Equal(await File.ReadAllBytesAsync(expected + ".info"), staged.Info);
            Assert.Equal(await File.ReadAllBytesAsync(expected + ".zip"), await File.ReadAllBytesAsync(staged.ZipPath));
            Assert.Equal(await File.ReadAllTextAsync(expected + ".ziphash"), outcome.Value!.ClaimedZipHash);
            Assert.Equal(DirHash.OfGoMod(staged.Mod), outcome.Value.ClaimedModHash);
            Assert.Matches("^go1\\.", outcome.Value.GoVersion);
            using JsonDocument origin = JsonDocument.Parse(outcome.Value.Origin!);
            Assert.Equal("git", origin.RootElement.GetProperty("VCS").GetString());
            Assert.StartsWith("https://", origin.RootElement.GetProperty("URL").GetString(), StringComparison.Ordinal);
        });

        Assert.Equal(0, room.ScratchFolders);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(room.Data, "vcs"), "*.zip", SearchOption.AllDirectories));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(room.Data, "vcs"), "*.go", SearchOption.AllDirectories));
        Assert.NotEmpty(Directory.GetDirectories(room.Clones));
    }

    [Fact]
    public async Task Many_versions_of_one_repository_at_once_share_one_clone()
    {
        await using GoRepositories repositories = await GoRepositories.CreateAsync();
        const string Repository = "github.com/google/uuid";
        const int Versions = 12;
        for (int patch = 1; patch <= Versions; patch++)
        {
            await repositories.GitAsync(Repository, "tag", $"v1.9.{patch}");
        }

        using UpstreamRoom room = new(repositories.Options);
        Outcome<FetchedModule>[] outcomes = await Task.WhenAll(Enumerable.Range(1, Versions)
            .Select(async patch => (await room.FetchAsync(Repository, $"v1.9.{patch}")).Outcome));
        Assert.All(outcomes, outcome => Assert.True(outcome.IsFound, outcome.Reason));
        Assert.Single(Directory.GetDirectories(room.Clones));
        Assert.Equal(0, room.ScratchFolders);
    }

    [Fact]
    public async Task A_go_mod_above_the_data_folder_is_not_obeyed()
    {
        GoRepositories repositories = await GoRepositories.SharedAsync();
        using UpstreamRoom room = new(repositories.Options);
        await File.WriteAllTextAsync(
            Path.Combine(room.Data, "go.mod"),
            "module above\n\ngo 1.19\n\nexclude github.com/pkg/errors v0.9.1\n\nreplace github.com/pkg/errors => ./nowhere\n");
        Outcome<VersionList> versions = await room.Source.VersionsAsync("github.com/pkg/errors", CancellationToken.None);
        Assert.Equal(["v0.8.1", "v0.9.1"], versions.Value!.Versions);
        (_, Outcome<FetchedModule> outcome) = await room.FetchAsync("github.com/pkg/errors", "v0.9.1");
        Assert.True(outcome.IsFound, outcome.Reason);
    }

    [Fact]
    public async Task A_tag_moved_upstream_stays_as_first_seen_while_its_clone_is_kept()
    {
        await using GoRepositories repositories = await GoRepositories.CreateAsync();
        using UpstreamRoom room = new(repositories.Options);
        (_, Outcome<FetchedModule> before) = await room.FetchAsync("github.com/pkg/errors", "v0.9.1");
        await repositories.GitAsync("github.com/pkg/errors", "tag", "-f", "v0.9.1", "v0.8.1");
        (_, Outcome<FetchedModule> after) = await room.FetchAsync("github.com/pkg/errors", "v0.9.1");
        Assert.True(before.IsFound && after.IsFound, before.Reason + after.Reason);
        Assert.Equal(before.Value!.ClaimedZipHash, after.Value!.ClaimedZipHash);
    }
}
