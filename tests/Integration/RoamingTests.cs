using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Integration;

/// <summary>A developer of one node's log who travels to another node, with every version of <c>go</c> that can be had.</summary>
public sealed class RoamingTests : IClassFixture<RoamingTests.Offices>
{
    private readonly Offices offices;

    public RoamingTests(Offices offices) => this.offices = offices;

    [Theory]
    [InlineGo(GoVersions.Own)]
    [InlineGo("1.21")]
    [InlineGo("1.23")]
    [InlineGo("1.24")]
    [InlineGo("1.26")]
    [InlineGo("1.27")]
    public async Task A_developer_travels_with_one_gosumdb_and_what_go_remembers_of_the_log_fits_everywhere(string version)
    {
        // At home, on the road, and home again: one GOPATH, so that go compares every head with the last one it saw.
        using var developer = offices.Developer(version);
        await DownloadAsync(developer, offices.Home, "github.com/pkg/errors@v0.9.1");
        await DownloadAsync(developer, offices.Away, "github.com/spf13/cobra@v1.6.1");
        await DownloadAsync(developer, offices.Home, "github.com/dustin/go-humanize@v1.0.0");

        // Somebody who was never at home, and asks through the other office for what only home can retrieve.
        using var guest = offices.Developer(version);
        await DownloadAsync(guest, offices.Away, "github.com/spf13/cobra@v1.6.1", "github.com/pkg/errors@v0.9.1", "github.com/dustin/go-humanize@v1.0.0");
        Assert.True(Directory.Exists(Path.Combine(guest.Environment["GOPATH"], "pkg", "sumdb")), "go did not verify against a checksum database");
    }

    private static async Task DownloadAsync(GoClient client, PeerNode node, params string[] modules)
    {
        client.Environment["GOPROXY"] = node.Process.Url.ToString();
        client.EmptyModuleCache();
        (await client.RunAsync(default, ["mod", "download", .. modules])).OrFail();
    }

    /// <summary>Two nodes, the one follows the other's log and serves it.</summary>
    public sealed class Offices : IAsyncLifetime
    {
        private string line = "";

        internal PeerNode Home { get; private set; } = null!;

        internal PeerNode Away { get; private set; } = null!;

        internal GoClient Developer(string version) =>
            new("off", new Dictionary<string, string>(StringComparer.Ordinal) { ["GOSUMDB"] = line }) { Command = GoVersions.Command(version) };

        public async Task InitializeAsync()
        {
            var repositories = await GoRepositories.SharedAsync();
            Home = await PeerNode.CreateAsync("home", repositories);
            Away = await PeerNode.CreateAsync("away", repositories);
            await Home.Knows(Away).StartAsync();
            await Away.Knows(Home, "observe").StartAsync();
            await Home.ReloadAsync();
            line = (await Home.Folder.RunAsync(null, "key", "gosumdb")).Output.Trim();
            await ShortPause.UntilAsync(() => Away.GetAsync($"/sumdb/{line.Split('+')[0]}/latest"), answer => answer.Status == 200);
        }

        public async Task DisposeAsync()
        {
            await Away.DisposeAsync();
            await Home.DisposeAsync();
        }
    }
}
