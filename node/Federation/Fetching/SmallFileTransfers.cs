using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Federation.Fetching;

/// <summary>Brings .info and .mod.</summary>
internal sealed class SmallFileTransfers
{
    private readonly Transfer transfer;

    public SmallFileTransfers(Transfer transfer) => this.transfer = transfer;

    /// <summary>
    /// Null when no holder is left. <c>go</c> does not authenticate an .info, and honest nodes may hold different ones for one
    /// module version: the believed record's is asked for first, then those that other trusted records state. When the holders
    /// state none that anybody trusted does, for a public proof says nothing of it, the version alone has to do.
    /// </summary>
    public async Task<byte[]?> InfoAsync(CancellationToken cancellationToken)
    {
        HashSet<RecordedFile> trusted =
        [
            .. transfer.Trust.Records.Where(record => record is { IsTrusted: true, Quarantine: null, Text: not null } && record.Text.ZipHash == transfer.Believed.ZipHash)
                .Select(static record => record.Text!.Info),
        ];
        if (!transfer.State.Holders.Any(holder => trusted.Contains(holder.Record.Info)))
        {
            return InfoFile.OfVersion(transfer.Module.Version);
        }

        RecordedFile believed = transfer.Believed.Info;
        return await BringAsync(SmallTarget.Info(), holder => InfoOf(holder, holder.Record.Info == believed && trusted.Contains(believed)), cancellationToken)
            ?? await BringAsync(SmallTarget.Info(), holder => InfoOf(holder, trusted.Contains(holder.Record.Info)), cancellationToken);
    }

    /// <summary>Null when no holder is left.</summary>
    public async Task<byte[]?> ModAsync(CancellationToken cancellationToken)
    {
        SmallTarget Target() => SmallTarget.Mod(transfer.Believed.ModHash);
        if (await BringAsync(Target(), static holder => ModOf(holder, 1, FetchLimits.LargeMod), cancellationToken) is { } mod)
        {
            return mod;
        }

        if (transfer.State.Next(static holder => ModOf(holder, FetchLimits.LargeMod + 1, GoModFile.MaxSize) is not null) is null)
        {
            return null;
        }

        await transfer.Slots.LargeMods.WaitAsync(cancellationToken);
        try
        {
            return await BringAsync(Target(), static holder => ModOf(holder, FetchLimits.LargeMod + 1, GoModFile.MaxSize), cancellationToken);
        }
        finally
        {
            transfer.Slots.LargeMods.Release();
        }
    }

    private async Task<byte[]?> BringAsync(SmallTarget target, Func<Holder, FileRequest?> requestOf, CancellationToken cancellationToken) =>
        await new FileTransfer(transfer, target, requestOf).RunAsync(cancellationToken) is null ? null : target.ToArray();

    private static FileRequest? InfoOf(Holder holder, bool isWanted) =>
        isWanted ? new FileRequest(holder.Record.Module, ModuleFileKind.Info, holder.Record.Info.Size, holder.Record.Info.Sha256) : null;

    private static FileRequest? ModOf(Holder holder, int least, int most) =>
        holder.Location.ModSize >= least && holder.Location.ModSize <= most
            ? new FileRequest(holder.Record.Module, ModuleFileKind.Mod, holder.Location.ModSize, Sha256: "")
            : null;
}
