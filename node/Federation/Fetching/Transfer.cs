using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.Trust;

namespace Athens.Federation.Node.Federation.Fetching;

/// <summary>One module version on its way from holders: what all parts of the transfer share. Thread-safe.</summary>
internal sealed class Transfer : IAsyncDisposable
{
    private readonly Lock gate = new();

    /// <summary>Streams that lost a race and are going down. Guarded by <see cref="gate"/>.</summary>
    private readonly List<Task> goingDown = [];

    public required ModuleRecord Believed { get; init; }

    public required IHolderStreams Streams { get; init; }

    public required TransferState State { get; init; }

    public required FetchSlots Slots { get; init; }

    public required Hedging Hedging { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Logger { get; init; }

    /// <summary>Things go badly: whatever else could give the module version should begin. Called often.</summary>
    public required Action Struggling { get; init; }

    /// <summary>Says whose statements of an .info count.</summary>
    public required TrustCase Trust { get; init; }

    /// <summary>Where the zip is to be put.</summary>
    public required string ZipPath { get; init; }

    public ModuleVersion Module => Believed.Module;

    public CheckedStream Open(Holder holder, FileRequest request, Func<double>? leastRate, CancellationToken cancellationToken) =>
        CheckedStream.Open(Streams, holder, request, new StreamConduct(Time, Struggling, leastRate), cancellationToken);

    /// <summary>Cancels a stream without waiting for its end; <see cref="DisposeAsync"/> does.</summary>
    public void Abandon(CheckedStream stream)
    {
        Task gone = stream.DisposeAsync().AsTask();
        lock (gate)
        {
            goingDown.RemoveAll(static task => task.IsCompletedSuccessfully);
            goingDown.Add(gone);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task[] left;
        lock (gate)
        {
            left = [.. goingDown];
        }

        await Task.WhenAll(left);
    }
}
