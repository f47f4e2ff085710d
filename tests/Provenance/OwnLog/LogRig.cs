using System.Text;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Athens.Federation.Tests.Provenance.OwnLog;

/// <summary>A log over a store in memory, with a key and a mark of its own; opened again as often as a test wants.</summary>
internal sealed class LogRig : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new("log");

    public LogRig() => Directory.CreateDirectory(Path.Combine(folder.Path, "keys"));

    public SigningKey Key { get; } = SigningKey.Create("node/0123abcd");

    public FailingLogStore Store { get; set; } = new();

    public NodeLog Log { get; private set; } = null!;

    public string MarkFile => HeadMark.PathIn(folder.Path);

    public static async Task<LogRig> StartAsync(int records = 0)
    {
        var rig = new LogRig();
        await rig.OpenAsync();
        await rig.AppendAsync(0, records);
        return rig;
    }

    /// <summary>Closes the log if it is open, and opens it as the next start does.</summary>
    public async Task OpenAsync(SigningKey? key = null)
    {
        await CloseAsync();
        var mark = HeadMark.Open(folder.Path, (key ?? Key).Name);
        Log = await NodeLog.OpenAsync(Store, key ?? Key, mark, NullLogger.Instance, CancellationToken.None);
    }

    public async Task CloseAsync()
    {
        if (Log is not null)
        {
            await Log.DisposeAsync();
        }
    }

    public Task<AppendOutcome[]> AppendAsync(int first, int count, string content = "genuine") =>
        Task.WhenAll(Enumerable.Range(first, count).Select(i => Log.AppendAsync(SampleRecord.Of(i, content), default, CancellationToken.None)));

    /// <summary>Everything that the published head says is there, reads back, and hashes to its root; signatures included.</summary>
    public async Task AssertSoundAsync(long size)
    {
        var head = Log.Head!;
        Assert.Equal(size, head.Tree.Size);
        Assert.NotNull(SignedHead.Read(head.ToStored(), Key.Verifier, out var reason));
        Assert.Null(reason);
        var edge = new RightEdge();
        for (var index = 0L; Tile.Find(Tile.Records, index, size) is { } tile; index++)
        {
            foreach (var record in (await Log.RecordsAsync(tile, default))!)
            {
                edge.Append(record.LeafHash);
                var module = Encoding.UTF8.GetString(record.Text.Span).Split(' ')[0];
                Assert.Equal(record.Index, (await Log.FindAsync(Node.Modules.ModuleVersion.Create(module, "v1.0.0", out _)!, default))!.Number);
            }
        }

        Assert.Equal(head.Tree, edge.Head);
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        Key.Dispose();
        folder.Dispose();
    }
}
