using System.Text.Json;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Federation.Fetching;

/// <summary>
/// Brings a module version from peers that hold it. Holders are byte sources: what they send must have the hashes that a
/// believed record states, and whoever sends something else than it signed for is told off and left out.
/// </summary>
internal sealed class ModuleTransfer : IDisposable
{
    private readonly Hedging hedging;
    private readonly IHolderStreams streams;
    private readonly TimeProvider time;
    private readonly ILogger logger;

    public ModuleTransfer(IHolderStreams streams, TimeProvider time, ILogger<ModuleTransfer> logger)
    {
        this.streams = streams;
        this.time = time;
        this.logger = logger;
        hedging = new Hedging(new LatencyQuantile(), new HedgeBudget(), new RecentRates(), new SilentHolders(time));
    }

    /// <summary>The places that all transfers of this node share.</summary>
    public FetchSlots Slots { get; } = new();

    public void Dispose() => Slots.Dispose();

    /// <summary>
    /// Fills the staged module version and has it verified. Found, or Unavailable with a reason that names the peers, or
    /// Conflicting when bytes as believed contradict what this node has on record.
    /// </summary>
    /// <param name="believed">A record that may be believed. Holders with other hashes are not asked.</param>
    /// <param name="holders">
    /// Those known by now, in the order in which they are to be asked. Called again and again: who is found to hold it while it
    /// is on its way is asked too.
    /// </param>
    /// <exception cref="IOException">This node's disk.</exception>
    public async Task<Outcome<ModuleFacts>> RunAsync(
        PeerFetch fetch, ModuleRecord believed, Func<IReadOnlyList<Holder>> holders, CancellationToken cancellationToken)
    {
        IReadOnlyList<Holder> Usable() =>
            [.. holders().Where(holder => IsUsable(holder, believed)).DistinctBy(static holder => holder.Peer)];
        await Slots.Transfers.WaitAsync(cancellationToken);
        try
        {
            await using Transfer transfer = new()
            {
                Believed = believed,
                Streams = streams,
                State = new TransferState(believed.Module, Usable, hedging.Silent, time, logger),
                Slots = Slots,
                Hedging = hedging,
                Time = time,
                Logger = logger,
                Struggling = fetch.StartUpstream,
                ZipPath = fetch.Staged.ZipPath,
                Trust = fetch.Trust,
            };

            // On the thread pool: the caller may be on the thread that polls all sockets, and hashing and disks take their time.
            return await Task.Run(() => RunAsync(transfer, fetch, cancellationToken), cancellationToken);
        }
        finally
        {
            Slots.Transfers.Release();
        }
    }

    private async Task<Outcome<ModuleFacts>> RunAsync(
        Transfer transfer, PeerFetch fetch, CancellationToken cancellationToken)
    {
        ZipTransfer zips = new(transfer);
        if (await FillAsync(transfer, fetch.Staged, zips, cancellationToken) is not { } zip)
        {
            return Failed(transfer, fetch);
        }

        FetchedModule claims = new(
            transfer.Believed.ZipHash, transfer.Believed.ModHash, OriginOf(fetch.Staged.Info), GoVersionOf(transfer.Believed));
        for (ZipIdentity? next = zip; next is not null; next = await zips.NextAsync(cancellationToken))
        {
            string source = $"peer:{transfer.State.MostGenerous()}";
            Verdict verdict = await fetch.VerifyAsync(claims, source, cancellationToken);
            if (verdict.Facts is { } facts)
            {
                logger.Transferred(transfer.Module, facts.Zip.Size, transfer.State.Holders.Count, source);
                return Outcome<ModuleFacts>.Found(facts, source);
            }

            zips.Refuse(next, verdict.Malformed ?? verdict.Conflict!.ToString());
            fetch.StartUpstream();
        }

        return Failed(transfer, fetch);
    }

    private static Outcome<ModuleFacts> Failed(Transfer transfer, PeerFetch fetch)
    {
        // Otherwise a liar's record would still stand between the developer and what upstream has.
        foreach (Holder liar in transfer.State.TrustedLiars())
        {
            fetch.Trust.Withdraw(liar.Log.ToString());
        }

        return Outcome<ModuleFacts>.Unavailable(transfer.State.Reason());
    }

    /// <summary>All three files at once. Null when one of them cannot be had: then the others are given up too.</summary>
    private static async Task<ZipIdentity?> FillAsync(
        Transfer transfer, StagedModule staged, ZipTransfer zips, CancellationToken cancellationToken)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        SmallFileTransfers small = new(transfer);
        Task<byte[]?> info = OrStopAsync(small.InfoAsync(stop.Token), stop);
        Task<byte[]?> mod = OrStopAsync(small.ModAsync(stop.Token), stop);
        Task<ZipIdentity?> zip = OrStopAsync(zips.NextAsync(stop.Token), stop);
        try
        {
            await Task.WhenAll(info, mod, zip);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // One file cannot be had. A fault of the disk would have come out of WhenAll before a cancellation.
            return null;
        }

        (staged.Info, staged.Mod) = (info.Result ?? [], mod.Result ?? []);
        return info.Result is null || mod.Result is null ? null : zip.Result;
    }

    private static async Task<T?> OrStopAsync<T>(Task<T?> file, CancellationTokenSource stop)
        where T : class
    {
        try
        {
            T? result = await file;
            if (result is null)
            {
                await stop.CancelAsync();
            }

            return result;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            await stop.CancelAsync();
            throw;
        }
    }

    private static bool IsUsable(Holder holder, ModuleRecord believed) =>
        holder.Record.Module == believed.Module
        && holder.Record.ZipHash == believed.ZipHash
        && holder.Record.ModHash == believed.ModHash
        && holder.Record.Zip.Size is > 0 and <= ModuleZip.MaxSize
        && holder.Record.Info.Size is > 0 and <= InfoFile.MaxSize;

    /// <summary>The origin as <c>go</c> told it to whoever fetched the module version; the record vouches for the .info.</summary>
    private static string? OriginOf(byte[] info)
    {
        using JsonDocument document = JsonDocument.Parse(info);
        return document.RootElement.TryGetProperty("Origin", out JsonElement origin) && origin.ValueKind == JsonValueKind.Object
            ? origin.GetRawText()
            : null;
    }

    /// <summary>The last word of "TIME HOW GO": the <c>go</c> that made the zip.</summary>
    private static string GoVersionOf(ModuleRecord record)
    {
        string last = record.Provenance[(record.Provenance.LastIndexOf(' ') + 1)..];
        return last.StartsWith("go", StringComparison.Ordinal) ? last : "";
    }
}
