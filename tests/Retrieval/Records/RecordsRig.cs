using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Retrieval.Records;
using Athens.Federation.Node.Storage;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Provenance.OwnLog;
using Athens.Federation.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Athens.Federation.Tests.Retrieval.Records;

/// <summary>A store and a log, both in memory, and what brings the one into the other.</summary>
internal sealed class RecordsRig : IAsyncDisposable
{
    private readonly SigningKey key = SigningKey.Create("node/0123abcd");

    public IOpenModuleStore Store { get; private set; } = null!;

    public FailingLogStore LogStore { get; } = new();

    public NodeLog Log { get; private set; } = null!;

    public ModuleRecords Records { get; private set; } = null!;

    public ManualTime Time { get; } = new();

    public FlightBoard Board { get; private set; } = null!;

    public static async Task<RecordsRig> StartAsync(string privatePatterns = "")
    {
        var rig = new RecordsRig();
        rig.Board = new FlightBoard(rig.Time);
        rig.Store = await ModuleStores.OpenAsync(
            new StorageOptions { Kind = StorageKind.Memory }, "", TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        rig.Log = await NodeLog.OpenAsync(rig.LogStore, rig.key, null, NullLogger.Instance, CancellationToken.None);
        rig.Records = new ModuleRecords(rig.Store, rig.Log, privatePatterns);
        return rig;
    }

    public RecordFeed Feed() => new(Store, Log, Records, Board, Time, NullLogger<RecordFeed>.Instance);

    public async Task<SampleModule> HoldAsync(string path = "example.com/sample", string version = "v1.0.0", int fill = 0)
    {
        var module = SampleModule.Make(path, version, fill: fill);
        await module.AdmitAsync(Store);
        return module;
    }

    /// <summary>What happens in the node when a flight brings a module version.</summary>
    public async Task<SampleModule> FlyAsync(string path, string version = "v1.0.0")
    {
        using var flight = Board.Begin(ModuleVersion.Create(path, version, out _)!);
        return await HoldAsync(path, version);
    }

    public async Task<ModuleRecord?> RecordOfAsync(ModuleVersion module)
    {
        var found = await Log.FindAsync(module, CancellationToken.None);
        return found is null ? null : ModuleRecord.Parse(System.Text.Encoding.UTF8.GetString(found.Text.Span), out _);
    }

    public async ValueTask DisposeAsync()
    {
        await Log.DisposeAsync();
        Records.Dispose();
        await Store.DisposeAsync();
        key.Dispose();
    }
}
