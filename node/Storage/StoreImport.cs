using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Storage;

/// <summary>Copies module versions from another tree through the store's own admission, checking the copy.</summary>
internal sealed class StoreImport(IModuleStore store, StoreFindings findings)
{
    public async ValueTask TakeAsync(TreeEntry entry, CancellationToken cancellationToken)
    {
        if (!entry.IsComplete)
        {
            findings.Tell(FindingKind.Partial, entry.Module, $"{entry.Module} has not all of its three files; passed over.");
            return;
        }

        var (info, mod, reason) = TreeExaminer.ReadSmall(entry);
        if (reason is not null)
        {
            findings.Tell(FindingKind.Invalid, entry.Module, $"{entry.Module} was not taken: {reason}.");
            return;
        }

        await using var staged = await store.StageAsync(entry.Module, cancellationToken);
        File.Copy(entry.Zip, staged.ZipPath);
        staged.Info = info;
        staged.Mod = mod;
        var (found, broken) = TreeExaminer.Examine(entry, staged.ZipPath, info, mod, cancellationToken);
        if (found is null)
        {
            findings.Tell(FindingKind.Invalid, entry.Module, $"{entry.Module} was not taken: {broken}.");
            return;
        }

        var heldBefore = await store.FindAsync(entry.Module, cancellationToken) is not null;
        var outcome = await store.AdmitAsync(staged, found, cancellationToken);
        if (outcome.Conflicts)
        {
            findings.Tell(
                FindingKind.Conflict,
                entry.Module,
                $"{entry.Module} was not taken: the store holds {outcome.Facts.ZipHash}, the import has {found.ZipHash}.");
        }
        else if (heldBefore)
        {
            findings.Good();
        }
        else
        {
            findings.Added();
        }
    }
}
