using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.Incidents;

namespace Athens.Federation.Node.Provenance.Mirrors;

/// <summary>Finds records of module versions in the mirrored logs.</summary>
/// <param name="store">Finds texts.</param>
/// <param name="mirrors">Say which of them count.</param>
/// <param name="incidents">Null where none are kept.</param>
internal sealed class RecordIndex(IMirrorStore store, MirrorSet mirrors, IIncidents? incidents) : IRecordIndex
{
    public async ValueTask<IReadOnlyList<MirroredRecord>> FindAsync(ModuleVersion module, CancellationToken cancellationToken)
    {
        var records = new List<MirroredRecord>();
        foreach (var text in await store.FindAsync(module, cancellationToken))
        {
            if (mirrors.Showing(text) is { IsUsed: true, Followed: { } log } mirror
                && !(incidents?.UsableBelow(mirror.Key) <= text.Number)
                && MirrorPull.ParseRecord(text.Text, out _) is { } record
                && record.Module == module)
            {
                records.Add(new MirroredRecord(log, text.Number, record));
            }
        }

        return records;
    }
}
