using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Storage;
using Athens.Federation.Tests.Provenance.OwnLog;
using Athens.Federation.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Athens.Federation.Tests.Integration;

/// <summary>A running node whose log had ten thousand records before its first request, beside it a copy that went its own way, and a proxy that may lie.</summary>
public sealed class LongLogNode : IAsyncLifetime, IDisposable
{
    /// <summary>Many tiles, of two levels, and partial ones at the edge.</summary>
    private const int Records = 10_000;

    /// <summary>So that it is always the longer one: a shorter log lacks tiles, which go reports as such before it compares anything.</summary>
    private const int FurtherOfOther = 300;

    private const string Sections = "[node]\nname = \"long\"\n[pool]\nprivate = \"github.com/gorilla\"";

    private readonly NodeFolder folder = new() { Sections = Sections };
    private readonly NodeFolder otherFolder = new() { Sections = Sections };

    internal NodeProcess Node { get; private set; } = null!;

    /// <summary>The same key signs another history here.</summary>
    internal NodeProcess Other { get; private set; } = null!;

    internal TamperingRelay Relay { get; private set; } = null!;

    /// <summary>The value of GOSUMDB.</summary>
    public string Line { get; private set; } = "";

    public async Task InitializeAsync()
    {
        Line = (await folder.RunAsync(null, "key", "gosumdb")).Output.Trim();
        await AppendAsync(folder, 0, Records);
        Storage.TemporaryFolder.Copy(folder.Data, otherFolder.Data);
        File.SetUnixFileMode(Path.Combine(otherFolder.Data, "keys"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await AppendAsync(otherFolder, 2 * Records, FurtherOfOther);
        var repositories = await GoRepositories.SharedAsync();
        Node = await folder.StartAsync(repositories);
        Other = await otherFolder.StartAsync(repositories);
        Relay = await TamperingRelay.StartAsync(Node.Client);
    }

    public async Task DisposeAsync()
    {
        await Relay.DisposeAsync();
        await Other.DisposeAsync();
        await Node.DisposeAsync();
    }

    public void Dispose()
    {
        otherFolder.Dispose();
        folder.Dispose();
    }

    private static async Task AppendAsync(NodeFolder folder, int first, int count)
    {
        using var keys = NodeKeys.Open(folder.Data, "long");
        await using var store = SqliteLogStore.Open(new StoreLayout(folder.Data));
        await using var log = await NodeLog.OpenAsync(store, keys.Log, HeadMark.Open(folder.Data, keys.Log.Name), NullLogger.Instance, default);
        await Task.WhenAll(Enumerable.Range(first, count).Select(i => log.AppendAsync(SampleRecord.Of(i), default, default)));
    }
}
