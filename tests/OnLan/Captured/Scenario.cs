using System.Text.Json;
using System.Text.RegularExpressions;
using Athens.Federation.Tests.Integration;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.OnLan.Captured;

/// <summary>
/// One LAN: two nodes of acme, which has private modules, one of globex, all in one pool; and, outside of both, who collects acme's traces and metrics, the
/// public proxy and the public checksum database that acme's nodes ask. Developers do there what developers do.
/// </summary>
internal sealed partial class Scenario : IAsyncDisposable
{
    public const string Public = "github.com/pkg/errors@v0.9.1";

    private readonly Office office = new();
    private readonly TemporaryFolder folder = new("scenario");

    public LanCapture Capture { get; private set; } = null!;

    public Outside Outside { get; private set; } = null!;

    public OrgNode First { get; private set; } = null!;

    public OrgNode Colleague { get; private set; } = null!;

    public OrgNode Other { get; private set; } = null!;

    private string Log { get; set; } = "";

    public static async Task<Scenario> StartAsync()
    {
        Scenario scenario = new();
        scenario.Capture = await LanCapture.StartAsync(scenario.office);
        scenario.Outside = await Outside.StartAsync(scenario.office.AddDesk());
        var repositories = await GoRepositories.SharedAsync();
        await PublishAsync(scenario.Outside.Database, repositories);
        var nodes = await Task.WhenAll(
            OrgNode.StartAsync("a1", scenario.office.AddDesk(), scenario.Acme(repositories)),
            OrgNode.StartAsync("a2", scenario.office.AddDesk(), scenario.Acme(null)),
            OrgNode.StartAsync("b1", scenario.office.AddDesk(), new Dictionary<string, string> { ["ATHENS_UPSTREAM_GOPROXY"] = "off", ["ATHENS_UPSTREAM_SUMDB"] = "off" }));
        (scenario.First, scenario.Colleague, scenario.Other) = (nodes[0], nodes[1], nodes[2]);
        scenario.Log = await scenario.First.GoSumDbAsync();
        return scenario;
    }

    public async Task MakePoolAsync()
    {
        await First.RunAsync("pool", "create", "trial", "--org", "acme");
        await Colleague.RunAsync("pool", "join", Token(await First.RunAsync("pool", "invite", "--node")));
        await Other.RunAsync("pool", "join", Token(await First.RunAsync("pool", "invite")), "--org", "globex");
        foreach (var node in new[] { First, Colleague, Other })
        {
            await node.UntilAsync(static shown => Regex.Count(shown, " connected ") == 2, "pool", "members");
        }
    }

    /// <summary>Where the modules come from: upstream for the first node, which is told of them only here.</summary>
    public async Task FetchAtFirstAsync()
    {
        using var developer = First.Developer(Log);
        (await developer.RunAsync(default, "mod", "download", Public, PrivateModules.Semver, PrivateModules.Lru)).OrFail();
        (await developer.RunAsync(default, "list", "-m", "-versions", PrivateModules.Lru.Split('@')[0])).OrFail();
        (await developer.RunAsync(default, "list", "-m", PrivateModules.Semver.Split('@')[0] + "@latest")).OrFail();
        var failed = await developer.RunAsync(default, "mod", "download", PrivateModules.Missing);
        Assert.Contains("403 Forbidden", failed.Terminal, StringComparison.Ordinal);

        // Somebody who has forgotten to say what is private has go look it up.
        using var careless = First.Developer(Outside.Database.GoSumDb);
        (await careless.RunAsync(default, "mod", "download", Public)).OrFail();
        var refused = await careless.RunAsync(default, "mod", "download", PrivateModules.Semver);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("private", refused.Terminal, StringComparison.Ordinal);
        await InquireAtFirstAsync();
    }

    /// <summary>An operator asks what is known of modules: for each the node looks at what peers and the public database say, where it may.</summary>
    private async Task InquireAtFirstAsync()
    {
        var sums = folder.File("go.sum");
        var unknown = $" h1:{Convert.ToBase64String(new byte[32])}\n";
        await File.WriteAllTextAsync(sums, string.Concat(new[] { Public, PrivateModules.Lru, PrivateModules.Missing }.Select(module => module.Replace('@', ' ') + unknown)));
        foreach (var verb in new[] { new[] { "verify", sums }, ["provenance", PrivateModules.Semver], ["provenance", PrivateModules.Missing], ["provenance", Public] })
        {
            var (exitCode, said) = await NodeProcess.RunAsync(null, [.. verb, "--data", First.Data]);
            Assert.True(exitCode is 0 or 1 or 3 && said.Contains(verb[0] == "verify" ? PrivateModules.Lru.Split('@')[0] : verb[1].Split('@')[0], StringComparison.Ordinal), said);
        }
    }

    /// <summary>From the node of the same organization, verified by that one's log.</summary>
    public async Task FetchAtColleagueAsync()
    {
        var lru = await Colleague.GetAsync(PrivateModules.Path(PrivateModules.Lru, "v0.5.4.zip"));
        Assert.Equal((200, "peer:acme/a1"), (lru.Status, lru.Source));
        using var developer = Colleague.Developer(Log);
        (await developer.RunAsync(default, "mod", "download", PrivateModules.Semver, PrivateModules.Lru, Public)).OrFail();
        (await developer.RunAsync(default, "list", "-m", PrivateModules.Lru.Split('@')[0] + "@latest")).OrFail();
        Assert.NotEqual(0, (await developer.RunAsync(default, "mod", "download", PrivateModules.Missing)).ExitCode);
    }

    /// <summary>The other organization takes what is public, and follows the log that has the private records too.</summary>
    public async Task FetchAtOtherAsync()
    {
        using var developer = Other.Developer(Log);
        (await developer.RunAsync(default, "mod", "download", Public)).OrFail();
        var name = Log.Split('+')[0];
        var latest = (await First.GetAsync($"/sumdb/{name}/latest")).Body.Split('\n')[1];
        var mirrored = await ShortPause.UntilAsync(() => Other.GetAsync($"/sumdb/{name}/latest"), answer => answer.Body.Split('\n') is [_, var size, ..] && size == latest);
        Assert.Equal("3", latest);
        Assert.Equal(latest, mirrored.Body.Split('\n')[1]);
    }

    /// <summary>Somebody of the other organization asks his own node for names that he has heard of or guessed.</summary>
    public async Task GuessAtOtherAsync()
    {
        foreach (var path in new[]
        {
            PrivateModules.Path(PrivateModules.Lru, "v0.5.4.zip"),
            PrivateModules.Path(PrivateModules.Lru, "v0.5.4.info"),
            PrivateModules.Path(PrivateModules.Lru, "list"),
            PrivateModules.Path(PrivateModules.Semver, "v3.2.0.mod"),
            PrivateModules.Path(PrivateModules.Missing, "v1.0.0.zip"),
            $"/sumdb/{Log.Split('+')[0]}/lookup/{PrivateModules.Lru}",
        })
        {
            var (status, _, _, body) = await Other.GetAsync(path);
            Assert.True(status is >= 400 and < 500, $"{path}: {status} {body}");
        }
    }

    /// <summary>The texts of the private records, as colleagues may read them.</summary>
    public async Task<IReadOnlyList<string>> RecordsAsync()
    {
        List<string> records = [];
        foreach (var module in new[] { PrivateModules.Semver, PrivateModules.Lru })
        {
            var (status, _, _, body) = await Colleague.GetAsync($"/sumdb/{Log.Split('+')[0]}/lookup/{PrivateModules.Escaped(module)}");
            Assert.True(status == 200, body);
            var lines = body[(body.IndexOf('\n', StringComparison.Ordinal) + 1)..];
            records.Add(lines[..(lines.IndexOf("\n\n", StringComparison.Ordinal) + 1)]);
        }

        return records;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in new[] { First, Colleague, Other }.OfType<OrgNode>())
        {
            await node.DisposeAsync();
        }

        Outside?.Dispose();
        Capture?.Dispose();
        office.Dispose();
        folder.Dispose();
    }

    /// <param name="repositories">Null for a node that has no way to them.</param>
    private Dictionary<string, string> Acme(GoRepositories? repositories) => new(StringComparer.Ordinal)
    {
        ["ATHENS_POOL_PRIVATE"] = PrivateModules.Patterns,
        ["ATHENS_UPSTREAM_GOPROXY"] = $"{Outside.Url}/proxy,direct",
        ["ATHENS_UPSTREAM_SUMDB"] = Outside.Database.GoSumDbWithUrl,
        ["ATHENS_UPSTREAM_ENV"] = string.Join(';', (repositories?.GitConfigEnvironment ?? new Dictionary<string, string>(StringComparer.Ordinal))
            .Where(static one => !one.Key.EndsWith("_PROXY", StringComparison.Ordinal)).Select(static one => $"{one.Key}={one.Value}")),
        ["ATHENS_TELEMETRY_ZIPKIN"] = Outside.Url + "/api/v2/spans",
        ["ATHENS_TELEMETRY_OTLP"] = Outside.Url + "/v1/traces",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "1000",
    };

    /// <summary>The public database knows the public module; of others it would tell that it does not, if it was asked.</summary>
    private static async Task PublishAsync(GoChecksumDatabase database, GoRepositories repositories)
    {
        using GoClient client = new("direct", repositories.GitConfigEnvironment);
        var told = JsonDocument.Parse((await client.RunAsync(default, "mod", "download", "-json", Public)).OrFail().Output).RootElement;
        database.Publish(Public.Split('@')[0], Public.Split('@')[1], told.GetProperty("Sum").GetString()!, told.GetProperty("GoModSum").GetString()!);
    }

    private static string Token(string output) => TokenWords().Match(output).Value;

    [GeneratedRegex(@"athens-join-v1\.\S+")]
    private static partial Regex TokenWords();
}
