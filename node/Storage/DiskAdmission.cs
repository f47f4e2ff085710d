using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Storage;

/// <summary>
/// Makes a staged module version durable and visible. The order is what makes a crash at any instant harmless:
/// bytes synced in the staging folder; the admission noted in the database; zip, ziphash, mod and info (which clients
/// ask first) renamed into place; the folder synced; the facts committed; the list written; the note removed.
/// </summary>
internal sealed class DiskAdmission(
    StoreLayout layout, DiskFacts facts, VersionLists lists, DamagedFiles damaged, DiskStepReached? reached, ILogger logger)
{
    private readonly KeyedLocks moduleLocks = new();
    private readonly DurableFolders folders = new(layout.Root);

    /// <summary>Serialises all that changes one module version's files.</summary>
    public ValueTask<IDisposable> LockAsync(ModuleVersion module, CancellationToken cancellationToken) =>
        moduleLocks.TakeAsync(module.ToString(), cancellationToken);

    public async Task<AdmitOutcome> AdmitAsync(
        DiskStagedModule staged, ModuleFacts claimed, CancellationToken cancellationToken)
    {
        Require(staged, claimed);
        await DiskWork.RunAsync(() => staged.WriteAndSync(claimed.ZipHash), cancellationToken);
        await ReachAsync(DiskStep.Synced, staged.Module);

        using var held = await LockAsync(staged.Module, cancellationToken);
        if (await facts.FindFreshAsync(staged.Module, cancellationToken) is not { } known)
        {
            // From here on nobody's going away stops it: half an admission is worth nothing.
            return new AdmitOutcome(await PlaceAsync(staged, claimed), Conflicts: false);
        }

        if (!known.HasHashesOf(claimed))
        {
            logger.Conflicting(staged.Module, known.StoredAt);
            return new AdmitOutcome(known, Conflicts: true);
        }

        return new AdmitOutcome(await RestoreAsync(staged, known, claimed), Conflicts: false);
    }

    private async Task<ModuleFacts> PlaceAsync(DiskStagedModule staged, ModuleFacts claimed)
    {
        var module = staged.Module;
        ModuleFacts stored;
        await facts.Writer.BeginAsync(module, CancellationToken.None);
        try
        {
            await ReachAsync(DiskStep.Begun, module);
            await PlaceFilesAsync(staged);
            stored = await facts.AddAsync(claimed, CancellationToken.None);
            Meters.Stored(stored.Info.Size + stored.Mod.Size + stored.Zip.Size);
        }
        catch
        {
            RemovePlaced(module);
            throw;
        }

        try
        {
            await ReachAsync(DiskStep.Committed, module);
            await lists.WriteAsync(module.Path, CancellationToken.None);
            await ReachAsync(DiskStep.Listed, module);
            facts.Writer.EndSoon(module);
        }
        catch (Exception error) when (StoreFailures.IsExpected(error))
        {
            // The module version is stored; the note stays, so the next start writes the list.
            logger.ListNotWritten(module.Path, error);
        }

        return stored;
    }

    private async Task PlaceFilesAsync(DiskStagedModule staged)
    {
        var module = staged.Module;
        var folder = layout.VersionsFolder(module.Path);
        await folders.CreateAsync(folder);
        File.Move(staged.ZipPath, layout.File(module, ModuleFileKind.Zip), overwrite: true);
        await ReachAsync(DiskStep.ZipPlaced, module);
        File.Move(staged.ZipHashPath, layout.ZipHashFile(module), overwrite: true);
        await ReachAsync(DiskStep.ZipHashPlaced, module);
        File.Move(staged.ModPath, layout.File(module, ModuleFileKind.Mod), overwrite: true);
        await ReachAsync(DiskStep.ModPlaced, module);
        File.Move(staged.InfoPath, layout.File(module, ModuleFileKind.Info), overwrite: true);
        await ReachAsync(DiskStep.InfoPlaced, module);
        await DiskWork.RunAsync(() => FileSystem.SyncFolder(folder), CancellationToken.None);
        await ReachAsync(DiskStep.FolderSynced, module);
    }

    /// <summary>
    /// Puts back what is damaged or missing of a module version that is held with the same h1s. The new bytes may be
    /// packed differently; then the facts follow them, after they are in place.
    /// </summary>
    private async Task<ModuleFacts> RestoreAsync(DiskStagedModule staged, ModuleFacts known, ModuleFacts fresh)
    {
        var restored = known;
        var changed = false;
        foreach (var kind in Enum.GetValues<ModuleFileKind>())
        {
            if (await IsIntactAsync(known, kind))
            {
                continue;
            }

            changed = true;
            await folders.CreateAsync(layout.VersionsFolder(known.Module.Path));
            File.Move(staged.PathOf(kind), layout.File(known.Module, kind), overwrite: true);
            restored = restored.With(kind, fresh[kind]);
            if (kind == ModuleFileKind.Zip)
            {
                File.Move(staged.ZipHashPath, layout.ZipHashFile(known.Module), overwrite: true);
            }
        }

        if (changed)
        {
            FileSystem.SyncFolder(layout.VersionsFolder(known.Module.Path));
            logger.Restored(known.Module);
        }

        if (restored != known)
        {
            await facts.UpdateAsync(restored, CancellationToken.None);
        }

        return restored;
    }

    private async Task<bool> IsIntactAsync(ModuleFacts known, ModuleFileKind kind)
    {
        var path = layout.File(known.Module, kind);
        if (FileSystem.StampOf(path) is not { } stamp)
        {
            return false;
        }

        if (stamp.Size == known[kind].Size && await FileDigests.OfAsync(path, CancellationToken.None) == known[kind])
        {
            return true;
        }

        damaged.SetAside(known.Module, kind, stamp);
        return false;
    }

    private void RemovePlaced(ModuleVersion module)
    {
        try
        {
            foreach (var file in layout.FilesOf(module).Reverse())
            {
                File.Delete(file);
            }
        }
        catch (DirectoryNotFoundException)
        {
            // Not even the folder was made.
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            logger.CannotRemove(module, error);
        }
    }

    private static void Require(DiskStagedModule staged, ModuleFacts claimed)
    {
        var zip = FileSystem.StampOf(staged.ZipPath);
        if (staged.Module != claimed.Module
            || FileDigests.Of(staged.Info) != claimed.Info
            || FileDigests.Of(staged.Mod) != claimed.Mod
            || zip is not { } stamp
            || stamp.Size != claimed.Zip.Size)
        {
            throw new ArgumentException($"the facts are not those of the staged files of {staged.Module}", nameof(claimed));
        }
    }

    private ValueTask ReachAsync(DiskStep step, ModuleVersion module) =>
        reached is null ? ValueTask.CompletedTask : reached(step, module);
}
