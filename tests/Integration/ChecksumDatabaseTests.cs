using System.Net;
using System.Text.Json;
using Athens.Federation.Node.Modules;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Integration;

/// <summary>
/// The real <c>go</c>, a real node, and Go's own checksum database with a slash in its name: clients verify through the node, with the
/// database and without it.
/// </summary>
public sealed class ChecksumDatabaseTests : IDisposable
{
    private const string Toolchain = "golang.org/toolchain";
    private const string ToolchainVersion = "v0.0.1-go1.21.0.linux-amd64";

    private readonly NodeFolder folder = new();
    private readonly string[] modules;

    public ChecksumDatabaseTests()
    {
        var upstream = folder.Scratch("upstream");
        modules = [.. SyntheticProxy.Write(upstream, modules: 6, versionsOfEach: 3).Select(path => path.Replace("/@v/", "@", StringComparison.Ordinal))];
        var toolchain = Directory.CreateDirectory(Path.Combine(upstream, Toolchain, "@v")).FullName;
        SyntheticProxy.WriteVersion(toolchain, Toolchain, ToolchainVersion, new byte[5000]);
        File.WriteAllText(Path.Combine(toolchain, "list"), "");
        folder.Upstream["goproxy"] = $"\"file://{upstream}\"";
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Go_verifies_through_the_node_and_a_fresh_client_does_so_when_the_database_is_gone()
    {
        using var database = await PublishedAsync();
        await using var node = await folder.StartAsync();
        string[] seen = [.. modules.Take(9), $"{Toolchain}@{ToolchainVersion}"];
        using (var client = Client(node, database))
        {
            foreach (var module in seen)
            {
                (await client.RunAsync(default, "mod", "download", module)).OrFail();
            }

            // The client itself kept the head and the tiles it was given: it did verify.
            Assert.True(File.Exists(Path.Combine(client.Environment["GOPATH"], "pkg/sumdb", database.Name, "latest")));
        }

        database.Stop();
        using (var fresh = Client(node, database))
        {
            (await fresh.RunAsync(default, ["mod", "download", .. seen])).OrFail();
            foreach (var module in seen.Reverse())
            {
                fresh.EmptyModuleCache();
                (await fresh.RunAsync(default, "mod", "download", module)).OrFail();
            }

            var unseen = await fresh.RunAsync(default, "mod", "download", modules[^1]);
            Assert.NotEqual(0, unseen.ExitCode);
            Assert.Contains("502 Bad Gateway", unseen.Terminal, StringComparison.Ordinal);
        }

        using var toolchain = await node.Client.GetAsync($"/sumdb/{database.Name}/lookup/{Toolchain}@{ToolchainVersion}");
        Assert.Equal(HttpStatusCode.OK, toolchain.StatusCode);
        Assert.Contains($"{Toolchain} {ToolchainVersion}/go.mod h1:", await toolchain.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_node_started_on_the_same_folder_without_upstream_still_lets_clients_verify()
    {
        using var database = await PublishedAsync();
        await using (var node = await folder.StartAsync())
        {
            using var client = Client(node, database);
            (await client.RunAsync(default, ["mod", "download", .. modules.Take(3)])).OrFail();
            Assert.Equal(0, await node.StopAsync());
        }

        database.Stop();
        folder.Upstream["goproxy"] = "\"off\"";
        await using var offline = await folder.StartAsync();
        using var fresh = Client(offline, database);
        (await fresh.RunAsync(default, ["mod", "download", .. modules.Take(3)])).OrFail();
    }

    [Fact]
    public async Task A_private_path_is_never_asked_of_the_database_by_the_node_or_its_go()
    {
        using var database = await PublishedAsync(except: modules[0]);
        folder.Sections = "[pool]\nprivate = \"example.org/storm/m0\"\n";
        await using var node = await folder.StartAsync();
        using var client = Client(node, database);

        // The database lacks it, so the node's own go can have it only without asking there.
        var refused = await client.RunAsync(default, "mod", "download", modules[0]);
        Assert.Contains("403 Forbidden", refused.Terminal, StringComparison.Ordinal);
        Assert.Contains("GOPRIVATE", refused.Terminal, StringComparison.Ordinal);
        using var told = new GoClient(node.Url.ToString(), new Dictionary<string, string> { ["GOSUMDB"] = database.GoSumDb, ["GONOSUMDB"] = "example.org/storm/m0" });
        (await told.RunAsync(default, "mod", "download", modules[0])).OrFail();
    }

    [Fact]
    public async Task A_database_that_forgot_its_history_is_refused_with_evidence_and_what_was_proven_stays()
    {
        using var database = await PublishedAsync();
        await using var node = await folder.StartAsync();
        using (var client = Client(node, database))
        {
            (await client.RunAsync(default, ["mod", "download", .. modules.Take(4)])).OrFail();
        }

        // The same key begins another log: the node's own go has forgotten too, as it would on a new machine.
        database.Stop();
        await database.StartAsync();
        Directory.Delete(Path.Combine(folder.Data, "vcs"), recursive: true);
        await node.StopAsync();
        await using var again = await folder.StartAsync();
        using var first = await again.Client.GetAsync($"/sumdb/{database.Name}/lookup/{modules[10]}");
        var reason = await first.Content.ReadAsStringAsync();
        Assert.True(first.StatusCode == HttpStatusCode.Forbidden, reason);
        Assert.Contains("SECURITY", reason, StringComparison.Ordinal);
        await again.WaitForLineAsync("SECURITY: the checksum database");
        var evidence = Directory.GetFiles(Path.Combine(folder.Data, "evidence", "sumdb"));
        var incident = JsonDocument.Parse(await File.ReadAllTextAsync(Assert.Single(evidence))).RootElement;
        Assert.StartsWith("checksum-database-", incident.GetProperty("incident").GetString(), StringComparison.Ordinal);
        using var fresh = Client(again, database);
        (await fresh.RunAsync(default, ["mod", "download", .. modules.Take(4)])).OrFail();
    }

    [Fact]
    public async Task What_was_answered_before_kill_9_is_verifiable_afterwards_without_the_database()
    {
        using var database = await PublishedAsync();
        var answered = new List<string>();
        for (var round = 0; round < 5; round++)
        {
            await using var node = await folder.StartAsync();
            var asking = modules.Skip(round * 3).Take(3).Select(async module =>
            {
                using var answer = await node.Client.GetAsync($"/sumdb/{database.Name}/lookup/{module}");
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                lock (answered)
                {
                    answered.Add(module);
                }
            }).ToArray();
            await Task.WhenAny(asking);
            await node.KillAsync();
            await Task.WhenAll(asking.Select(task => task.ContinueWith(_ => { }, TaskScheduler.Default)));
        }

        Assert.NotEmpty(answered);
        folder.Upstream["sumdb"] = "\"off\"";
        await using (var filling = await folder.StartAsync())
        {
            using var any = new GoClient(filling.Url.ToString());
            (await any.RunAsync(default, ["mod", "download", .. answered])).OrFail();
        }

        folder.Upstream["sumdb"] = $"\"{database.GoSumDbWithUrl}\"";
        database.Stop();
        await using var offline = await folder.StartAsync();
        using var fresh = Client(offline, database);
        (await fresh.RunAsync(default, ["mod", "download", .. answered])).OrFail();
    }

    [Fact]
    public async Task Other_databases_and_a_node_without_one_send_clients_there_themselves()
    {
        using var database = await PublishedAsync();
        await using var node = await folder.StartAsync();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(node, $"/sumdb/{database.Name}/supported"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(node, "/sumdb/sum.golang.org/supported"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(node, "/sumdb/sum.example.org/supported"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(node, $"/sumdb/{database.Name}/lookup/example.org/none@v1.0.0"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(node, $"/sumdb/{database.Name}/latest"));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(node, $"/sumdb/{database.Name}/lookup/example.org/Upper@v1.0.0"));

        folder.Upstream["goproxy"] = "\"off\"";
        folder.Upstream["sumdb"] = "\"sum.golang.org\"";
        Directory.Delete(folder.Data, recursive: true);
        await using var offline = await folder.StartAsync();
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(offline, "/sumdb/sum.golang.org/supported"));
    }

    private static async Task<HttpStatusCode> StatusAsync(NodeProcess node, string path)
    {
        using var answer = await node.Client.GetAsync(path);
        return answer.StatusCode;
    }

    private static GoClient Client(NodeProcess node, GoChecksumDatabase database) =>
        new(node.Url.ToString(), new Dictionary<string, string> { ["GOSUMDB"] = database.GoSumDb });

    /// <summary>A database that knows the upstream's modules; the node is told of it, and asks it at its address.</summary>
    private async Task<GoChecksumDatabase> PublishedAsync(string? except = null)
    {
        var database = await GoChecksumDatabase.StartAsync();
        foreach (var module in modules.Append($"{Toolchain}@{ToolchainVersion}").Where(module => module != except))
        {
            var at = module.Split('@');
            var stem = Path.Combine(folder.Scratch("upstream"), at[0], "@v", at[1]);
            using var zip = File.OpenHandle(stem + ".zip");
            var (contents, reason) = ModuleZip.Check(zip, ModuleVersion.Create(at[0], at[1], out _)!, default);
            Assert.Null(reason);
            database.Publish(at[0], at[1], contents!.Hash, DirHash.OfGoMod(await File.ReadAllBytesAsync(stem + ".mod")));
        }

        folder.Upstream["sumdb"] = $"\"{database.GoSumDbWithUrl}\"";
        return database;
    }
}
