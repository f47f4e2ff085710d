using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Federation.Fetching;

/// <summary>
/// Brings the zip, in the way that its size and its holders allow. When what came turns out to break a promise of its
/// records, the next call brings another zip of the module version, if one is stated.
/// </summary>
internal sealed class ZipTransfer
{
    private readonly Transfer transfer;
    private readonly Dictionary<ZipIdentity, ChunkedZip> chunked = [];
    private readonly HashSet<ZipIdentity> refused = [];
    private readonly HashSet<Holder> listLiars = [];

    public ZipTransfer(Transfer transfer) => this.transfer = transfer;

    /// <summary>The zip that is at <c>ZipPath</c> now, its bytes as its records state them; null when no holder is left.</summary>
    /// <exception cref="IOException">This node's disk.</exception>
    public async Task<ZipIdentity?> NextAsync(CancellationToken cancellationToken)
    {
        while (refused.Count < FetchLimits.MostZips && transfer.State.Next(IsWanted) is { } next)
        {
            ZipIdentity identity = ZipIdentity.Of(next.Holder.Record);
            TakeLists();
            if (chunked.TryGetValue(identity, out ChunkedZip? zip))
            {
                if (await new ChunkedTransfer(transfer, zip).RunAsync(cancellationToken))
                {
                    return identity;
                }

                refused.Add(identity);
            }
            else if (await InOneStreamAsync(cancellationToken) is { } request)
            {
                return transfer.State.Holders.Select(static holder => ZipIdentity.Of(holder.Record))
                    .First(found => found.Sha256 == request.Sha256 && found.Size == request.FileSize);
            }
        }

        return null;
    }

    /// <summary>Its bytes are what its records state, and yet no zip of this module version: whoever signed such a record lied.</summary>
    public void Refuse(ZipIdentity zip, string evidence)
    {
        refused.Add(zip);
        foreach (Holder holder in transfer.State.Holders.Where(holder => ZipIdentity.Of(holder.Record) == zip))
        {
            transfer.State.Lied(holder, "the zip", $"its record states {holder.Record.ZipHash} for the zip of sha256 {zip.Sha256}, which is untrue: {evidence}");
        }
    }

    /// <summary>The chunk lists of the zips that are known by now.</summary>
    private void TakeLists()
    {
        foreach (IGrouping<ZipIdentity, Holder> same in transfer.State.Holders.GroupBy(static holder => ZipIdentity.Of(holder.Record)))
        {
            if (!chunked.ContainsKey(same.Key) && ChunkedZip.Find(same.Key, [.. same.Except(listLiars)], ListLied) is { } zip)
            {
                chunked.Add(same.Key, zip);
            }
        }
    }

    private bool IsWanted(Holder holder) => !refused.Contains(ZipIdentity.Of(holder.Record));

    /// <summary>All zips that cannot be had in chunks, one after the other, each resumed among its own holders.</summary>
    private async Task<FileRequest?> InOneStreamAsync(CancellationToken cancellationToken)
    {
        using ZipTarget target = new(transfer.ZipPath);
        return await new FileTransfer(transfer, target, RequestOf).RunAsync(cancellationToken);
    }

    private FileRequest? RequestOf(Holder holder)
    {
        RecordedFile zip = holder.Record.Zip;
        return IsWanted(holder) && !chunked.ContainsKey(ZipIdentity.Of(holder.Record))
            ? new FileRequest(transfer.Module, ModuleFileKind.Zip, zip.Size, zip.Sha256)
            : null;
    }

    private void ListLied(Holder holder, string evidence)
    {
        listLiars.Add(holder);
        transfer.State.Lied(holder, "the chunk list", evidence);
    }
}
