using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Athens.Federation.Tests.Support;
using Microsoft.Data.Sqlite;

namespace Athens.Federation.Tests.Integration;

/// <summary>A real node that serves peers and knows some, by its peers.toml alone.</summary>
internal sealed partial class PeerNode(string name) : IAsyncDisposable
{
    /// <summary>Nobody listens there: what stands in a file until the peer's own address is known.</summary>
    private const string NoAddress = "127.0.0.1:1";

    private readonly List<(PeerNode Peer, string Trust, string Org)> peers = [];
    private GoRepositories? repositories;

    public string Name => name;

    public NodeFolder Folder { get; } = new();

    public string Key { get; private set; } = "";

    /// <summary>Where peers connect to, once the node runs.</summary>
    public string Address { get; set; } = NoAddress;

    /// <summary>Lines of [pool], [telemetry] and the like.</summary>
    public string Sections { get; set; } = "";

    public NodeProcess Process { get; private set; } = null!;

    /// <summary>A node with keys and a data folder, not yet running. A node without repositories has no upstream and no <c>go</c>.</summary>
    public static async Task<PeerNode> CreateAsync(string name, GoRepositories? repositories = null)
    {
        var node = new PeerNode(name) { repositories = repositories };
        if (repositories is null)
        {
            node.Folder.Upstream["goproxy"] = "\"off\"";
        }

        var (exitCode, output) = await NodeProcess.RunAsync(null, "key", "show", "--data", node.Folder.Data);
        Assert.True(exitCode == 0, output);
        node.Key = IdentityKey().Match(output).Value;
        return node;
    }

    public PeerNode Knows(PeerNode peer, string trust = "none", string org = "")
    {
        peers.Add((peer, trust, org));
        return this;
    }

    public void Forgets(PeerNode peer) => peers.RemoveAll(known => known.Peer == peer);

    public async Task StartAsync()
    {
        WriteSections();
        Process = repositories is null ? await Folder.StartWithoutGoAsync() : await Folder.StartAsync(repositories);
        Address = ListenLine().Match(await Process.WaitForLineAsync("eers may connect to")).Groups[1].Value;
    }

    /// <summary>Writes peers.toml anew, with the peers' addresses as they are by now, and has the running node read it.</summary>
    public async Task ReloadAsync()
    {
        WriteSections();
        Folder.Rewrite(repositories);
        var after = Process.Output.Length;
        await Process.SignalAsync("HUP");
        await Process.WaitForLineAsync("The configuration was read again", after);
    }

    /// <summary>
    /// Before its start: it holds what is in a folder that <c>GOPROXY=file://…</c> could serve, as if it had fetched it from upstream itself. (Imported files
    /// are not observed, and a <c>go</c> for each of hundreds takes minutes.)
    /// </summary>
    public async Task ObserveAsync(string proxy)
    {
        var (exitCode, output) = await Folder.RunAsync(null, "store", "import", proxy);
        Assert.True(exitCode == 0, output);
        CountAsObserved(Folder.Data);
    }

    /// <summary>What a data folder has imported is from now on as if that node had fetched it.</summary>
    public static void CountAsObserved(string data)
    {
        using var facts = new SqliteConnection($"Data Source={Path.Combine(data, "athens.db")};Pooling=False");
        facts.Open();
        using var observe = facts.CreateCommand();
        observe.CommandText = "UPDATE facts SET source = 'upstream' WHERE source = 'import'";
        Assert.NotEqual(0, observe.ExecuteNonQuery());
    }

    /// <summary>Status, source and body of one path of the Go front.</summary>
    public async Task<(int Status, string Source, byte[] Body)> GetAsync(string path)
    {
        using var answer = await Process.Client.GetAsync(path);
        var source = answer.Headers.TryGetValues("X-Athens-Source", out var values) ? string.Join(',', values) : "";
        return ((int)answer.StatusCode, source, await answer.Content.ReadAsByteArrayAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (Process is not null)
        {
            await Process.DisposeAsync();
        }

        Folder.Dispose();
    }

    private void WriteSections()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"[node]\nname = \"{name}\"\npeer_listen = \"127.0.0.1:0\"\n{Sections}");
        foreach (var (peer, trust, org) in peers)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"[[peer]]\nname = \"{peer.Name}\"\nendpoint = \"{peer.Address}\"\nkey = \"{peer.Key}\"\ntrust = \"{trust}\"\norg = \"{org}\"");
        }

        Folder.Sections = text.ToString();
    }

    [GeneratedRegex(@"ed25519:\S+")]
    private static partial Regex IdentityKey();

    [GeneratedRegex(@"connect to (\S+)")]
    private static partial Regex ListenLine();
}
