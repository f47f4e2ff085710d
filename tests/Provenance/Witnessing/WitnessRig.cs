using Athens.Federation.Node.Provenance.Witnessing;
using Athens.Federation.Node.Storage;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Provenance.Incidents;
using Athens.Federation.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Athens.Federation.Tests.Provenance.Witnessing;

/// <summary>A witness on disk and a log that it knows.</summary>
internal sealed class WitnessRig : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly SigningKey witnessKey = SigningKey.Create("w/witness/00000000");
    private WitnessStore? store;
    private Witness? witness;

    public SigningKey Log { get; } = SigningKey.Create("a/11111111");

    public BookRig Incidents { get; private set; } = null!;

    public CosignatureVerifier Verifier => CosignatureVerifier.Of(witnessKey);

    public ReadOnlyMemory<byte> PublicKey => witnessKey.PublicKey;

    public static async Task<WitnessRig> OpenAsync()
    {
        var rig = new WitnessRig { Incidents = await BookRig.OpenAsync() };
        await rig.ReopenAsync();
        return rig;
    }

    /// <summary>As the next start does.</summary>
    public async Task ReopenAsync()
    {
        await CloseAsync();
        store = WitnessStore.Open(new StoreLayout(folder.Path));
        witness = new Witness(store, witnessKey, Incidents.Book, TimeProvider.System, NullLogger.Instance);
    }

    /// <summary>Asks for the log, or for another one of the same owner.</summary>
    public Task<WitnessAnswer> AskAsync(byte[] body, SigningKey? log = null) => witness!.AddCheckpointAsync(
        body, origin => origin == (log ?? Log).Name ? new WitnessedLog((log ?? Log).Verifier, "ed25519:owner") : null, CancellationToken.None);

    public async Task<WitnessAnswer> AskAsync(int old, int size, string history = "one\n") =>
        await AskAsync(await BodyAsync(Log, old, size, history));

    public static async Task<byte[]> BodyAsync(SigningKey log, int old, int size, string history)
    {
        var tree = new MemoryTree(size, history);
        return new WitnessRequest(old, await ConsistencyProof.ProveAsync(old, size, tree, default), tree.Checkpoint(size, log)).Format();
    }

    /// <summary>The checkpoint with what the witness answered, checked.</summary>
    public SignedNote Cosigned(int size, WitnessAnswer answer, string history = "one\n")
    {
        Assert.True(answer.End == WitnessEnd.Cosigned, answer.Reason);
        var note = new MemoryTree(size, history).Checkpoint(size, Log).With([.. NoteSignature.ParseLines(answer.Cosignatures, out _)!]);
        Assert.NotNull(note.CosignedBy(Verifier));
        return note;
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        await Incidents.DisposeAsync();
        Log.Dispose();
        witnessKey.Dispose();
        folder.Dispose();
    }

    private async Task CloseAsync()
    {
        witness?.Dispose();
        if (store is not null)
        {
            await store.DisposeAsync();
        }
    }
}
