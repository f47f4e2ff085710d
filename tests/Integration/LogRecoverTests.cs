using System.Net;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Integration;

/// <summary>A log.db put back from a backup, as an operator meets it.</summary>
public sealed class LogRecoverTests : IDisposable
{
    private readonly NodeFolder folder = new() { Sections = "[node]\nname = \"office-1\"" };

    private string Database => Path.Combine(folder.Data, "log.db");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_sound_log_needs_nothing()
    {
        await using (var node = await folder.StartAsync())
        {
            await node.StopAsync();
        }

        var (exitCode, output) = await folder.RunAsync(null, "log", "recover", "--begin-anew");
        Assert.Equal(0, exitCode);
        Assert.Contains("is sound", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_running_node_is_not_meddled_with()
    {
        await using var node = await folder.StartAsync();
        var (exitCode, output) = await folder.RunAsync(null, "log", "recover", "--begin-anew");
        Assert.Equal(1, exitCode);
        Assert.Contains("in use by another athens process", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_old_backup_stops_signing_and_a_person_decides()
    {
        var repositories = await GoRepositories.SharedAsync();
        var backup = folder.Scratch("log.db.backup");
        await LookUpAsync(repositories, "github.com/pkg/errors@v0.9.1", HttpStatusCode.OK);
        File.Copy(Database, backup);
        await LookUpAsync(repositories, "github.com/spf13/cobra@v1.6.1", HttpStatusCode.OK);
        foreach (var file in Directory.GetFiles(folder.Data, "log.db*"))
        {
            File.Delete(file);
        }

        File.Copy(backup, Database);

        // Modules are served as before; look-ups say why not, and never 404, which would send go elsewhere.
        await using (var node = await folder.StartAsync(repositories))
        {
            Assert.Contains("athens log recover", await node.WaitForLineAsync("Nothing is signed"), StringComparison.Ordinal);
            using var info = await node.Client.GetAsync("/github.com/spf13/cobra/@v/v1.6.1.info");
            Assert.Equal(HttpStatusCode.OK, info.StatusCode);
            foreach (var resource in new[] { "latest", "checkpoint", "tile/8/0/000.p/1", "lookup/github.com/pkg/errors@v0.9.1" })
            {
                using var refused = await node.Client.GetAsync($"/sumdb/{await NameAsync()}/{resource}");
                Assert.Equal(HttpStatusCode.InternalServerError, refused.StatusCode);
                Assert.Contains("old backup", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }

            await node.StopAsync();
        }

        var before = await NameAsync();
        var (undecided, advice) = await folder.RunAsync(null, "log", "recover");
        Assert.Equal(1, undecided);
        Assert.Contains("--begin-anew", advice, StringComparison.Ordinal);
        Assert.Equal(before, await NameAsync());

        var (done, said) = await folder.RunAsync(null, "log", "recover", "--begin-anew");
        Assert.True(done == 0, said);
        var line = (await folder.RunAsync(null, "key", "gosumdb")).Output.Trim();
        Assert.NotEqual(before, line.Split('+')[0]);
        Assert.Contains($"export GOSUMDB={line}", said, StringComparison.Ordinal);
        var evidence = Directory.GetFiles(Path.Combine(folder.Data, "evidence", "log"), "*", SearchOption.AllDirectories).Select(Path.GetFileName).ToList();
        Assert.Contains("log.db", evidence);
        Assert.Contains("log.key", evidence);
        Assert.Contains("log.head", evidence);

        await using var anew = await folder.StartAsync(repositories);
        using var client = new GoClient(anew.Url.ToString(), new Dictionary<string, string>(StringComparer.Ordinal) { ["GOSUMDB"] = line });
        (await client.RunAsync(default, "mod", "download", "github.com/spf13/cobra@v1.6.1", "github.com/pkg/errors@v0.9.1")).OrFail();
    }

    private async Task<string> NameAsync() => (await folder.RunAsync(null, "key", "gosumdb")).Output.Trim().Split('+')[0];

    private async Task LookUpAsync(GoRepositories repositories, string module, HttpStatusCode status)
    {
        await using var node = await folder.StartAsync(repositories);
        using var answer = await node.Client.GetAsync($"/sumdb/{await NameAsync()}/lookup/{module}");
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(0, await node.StopAsync());
    }
}
