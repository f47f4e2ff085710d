using Athens.Federation.Node.Federation.Fetching;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Tests.Retrieval;
using Athens.Federation.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Athens.Federation.Tests.Federation.Fetching;

/// <summary>Twin holders, the transfer under test, and a folder for the zip.</summary>
internal sealed class Pool : IHolderStreams, IDisposable
{
    private readonly TemporaryFolder folder = new("fetching");
    private readonly Verifier verifier = new();
    private readonly Dictionary<Peer, TwinHolder> twins = [];
    private ModuleTransfer? transfer;

    public Pool(params TwinHolder[] holders)
    {
        Holders = holders;
        foreach (TwinHolder holder in holders)
        {
            twins.Add(holder.Peer, holder);
        }
    }

    public TwinHolder[] Holders { get; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ModuleTransfer Transfer => transfer ??= new ModuleTransfer(this, Time, NullLogger<ModuleTransfer>.Instance);

    public PeerFetch Fetch { get; private set; } = null!;

    public string ZipPath => folder.File("module.zip");

    /// <summary>Transfers what the first holder has signed.</summary>
    public async Task<Outcome<ModuleFacts>> RunAsync(CancellationToken cancellationToken = default)
    {
        List<Holder> holders = [.. Holders.Select(static twin => twin.Holder())];
        using FlightBoard.Entry flight = new FlightBoard(Time).Begin(holders[0].Record.Module);
        Fetch = new PeerFetch(new TwinStaged { Module = holders[0].Record.Module, ZipPath = ZipPath }, held: null, flight, verifier, Desk.Without(NullLogger.Instance).Open(holders[0].Record.Module, null));
        Fetch.Trust.Add(holders.Select(static holder => holder.ToEvidence()));
        return await Transfer.RunAsync(Fetch, holders[0].Record, () => holders, cancellationToken);
    }

    public IAsyncEnumerable<ArrivedFrame> OpenAsync(Holder holder, FileRequest request, Action begun, CancellationToken cancellationToken) =>
        twins[holder.Peer].OpenAsync(request, begun, cancellationToken);

    /// <summary>The staged files are those of the module version, and nothing is left open.</summary>
    public void AssertDelivered(Outcome<ModuleFacts> outcome, GenuineModule module, byte[]? zip = null)
    {
        Assert.True(outcome.IsFound, outcome.Reason);
        Assert.Equal(module.ZipHash, outcome.Value!.ZipHash);
        Assert.Equal(module.ModHash, outcome.Value.ModHash);
        Assert.Equal(TwinHolder.Sha(zip ?? module.Zip), TwinHolder.Sha(File.ReadAllBytes(ZipPath)));
        Assert.Equal(module.Info, Fetch.Staged.Info);
        Assert.Equal(module.Mod, Fetch.Staged.Mod);
        AssertNothingOpen();
    }

    public void AssertNothingOpen()
    {
        Assert.All(Holders, static holder => Assert.Equal(0, holder.Open));
        Assert.Equal(FetchLimits.MostTransfers, Transfer.Slots.Transfers.CurrentCount);
        Assert.Equal(FetchLimits.MostChunkStreams, Transfer.Slots.ChunkStreams.CurrentCount);
        Assert.Equal(FetchLimits.MostLargeMods, Transfer.Slots.LargeMods.CurrentCount);
    }

    public void Dispose()
    {
        folder.Dispose();
        verifier.Dispose();
        transfer?.Dispose();
    }

    private sealed class TwinStaged : StagedModule
    {
        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
