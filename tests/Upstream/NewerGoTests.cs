using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Upstream;
using Athens.Federation.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Athens.Federation.Tests.Upstream;

/// <summary>Other versions of <c>go</c> as this node's upstream command: what they bring is taken, and what they say of failures is told apart.</summary>
public sealed class NewerGoTests
{
    private const string Path = "example.org/m";

    [Theory]
    [InlineGo("1.21")]
    [InlineGo("1.23")]
    [InlineGo("1.24")]
    [InlineGo("1.26")]
    [InlineGo("1.27")]
    public async Task Every_real_module_has_the_hash_that_every_other_go_finds(string version)
    {
        GoRepositories repositories = await GoRepositories.SharedAsync();
        using UpstreamRoom own = await UpstreamRoom.OverRepositoriesAsync();
        using UpstreamRoom room = await UpstreamRoom.OverRepositoriesAsync(options => options with { Go = GoVersions.Command(version) });
        await Parallel.ForEachAsync(repositories.Modules.DistinctBy(module => module.Feature), async (module, cancellationToken) =>
        {
            (_, Outcome<FetchedModule> expected) = await own.FetchAsync(module.Path, module.Version, cancellationToken);
            (StagedFiles staged, Outcome<FetchedModule> outcome) = await room.FetchAsync(module.Path, module.Version, cancellationToken);
            Assert.True(outcome.IsFound, $"{module}: {outcome.Reason}");
            Assert.Equal(expected.Value!.ClaimedZipHash, outcome.Value!.ClaimedZipHash);
            Assert.Equal(DirHash.OfGoMod(staged.Mod), outcome.Value.ClaimedModHash);
            Assert.StartsWith($"go{version}.", outcome.Value.GoVersion, StringComparison.Ordinal);
            Assert.Contains("\"VCS\"", outcome.Value.Origin, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineGo("1.21")]
    [InlineGo("1.23")]
    [InlineGo("1.24")]
    [InlineGo("1.26")]
    [InlineGo("1.27")]
    public async Task What_it_says_of_failures_is_told_apart(string version)
    {
        UpstreamOptions options = new() { Go = GoVersions.Command(version), SumDb = "off" };
        foreach ((int status, OutcomeKind kind) in new[]
        {
            (403, OutcomeKind.Forbidden), (404, OutcomeKind.Absent), (410, OutcomeKind.Absent), (429, OutcomeKind.Unavailable), (500, OutcomeKind.Unavailable),
        })
        {
            await using WebApplication proxy = await FailureTests.ServeAsync(context =>
            {
                context.Response.StatusCode = status;
                return context.Response.WriteAsync("words of the proxy");
            });
            await ExpectAsync(options with { GoProxy = proxy.Urls.First() }, Path, "v1.0.0", kind);
        }

        await ExpectAsync(options with { GoProxy = "http://127.0.0.1:1" }, Path, "v1.0.0", OutcomeKind.Unavailable);
        GoRepositories repositories = await GoRepositories.SharedAsync();
        UpstreamOptions direct = repositories.Options with { Go = options.Go };
        await ExpectAsync(direct, "github.com/golang/snappy", "v1.7.7", OutcomeKind.Absent);
        await ExpectAsync(direct, "github.com/golang/snappy", "v0.0.0-20230101000000-deadbeefdead", OutcomeKind.Absent);
        await ExpectAsync(direct with { Env = new Dictionary<string, string>(direct.Env) { ["GOVCS"] = "*:off" } }, "github.com/pkg/errors", "v0.9.1", OutcomeKind.Forbidden);
    }

    private static async Task ExpectAsync(UpstreamOptions options, string path, string version, OutcomeKind kind)
    {
        using UpstreamRoom room = new(options);
        (_, Outcome<FetchedModule> fetched) = await room.FetchAsync(path, version);
        Assert.True(fetched.Kind == kind, $"{options.GoProxy} {path}@{version}: expected {kind}, got {fetched.Kind}: {fetched.Reason}");
    }
}
