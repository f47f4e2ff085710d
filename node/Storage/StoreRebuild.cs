using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Storage;

/// <summary>Brings files that lie in the store's own tree into the database.</summary>
internal sealed class StoreRebuild(StoreLayout layout, DiskFacts facts, StoreFindings findings)
{
    public async ValueTask TakeAsync(TreeEntry entry, CancellationToken cancellationToken)
    {
        var known = await facts.FindFreshAsync(entry.Module, cancellationToken);
        if (!entry.IsComplete)
        {
            findings.Tell(FindingKind.Partial, entry.Module, $"{entry.Module} has not all of its three files; passed over.");
            return;
        }

        if (known is not null)
        {
            await CompareAsync(known, cancellationToken);
            return;
        }

        var (info, mod, reason) = TreeExaminer.ReadSmall(entry);
        var found = default(ModuleFacts);
        if (reason is null)
        {
            (found, reason) = TreeExaminer.Examine(entry, entry.Zip, info, mod, cancellationToken);
        }

        if (found is null)
        {
            findings.Tell(FindingKind.Invalid, entry.Module, $"{entry.Module} was not taken: {reason}.");
            return;
        }

        StoreZipHash.Repair(layout, found, findings);
        await facts.AddAsync(found, cancellationToken);
        findings.Added();
    }

    private async Task CompareAsync(ModuleFacts known, CancellationToken cancellationToken)
    {
        foreach (var kind in Enum.GetValues<ModuleFileKind>())
        {
            if (await FileDigests.OfAsync(layout.File(known.Module, kind), cancellationToken) != known[kind])
            {
                findings.Tell(
                    FindingKind.Conflict,
                    known.Module,
                    $"The {kind} file of {known.Module} is not the one that was stored. What the database knows stays; "
                    + "'athens store verify' sets the file aside.");
                return;
            }
        }

        findings.Good();
    }
}
