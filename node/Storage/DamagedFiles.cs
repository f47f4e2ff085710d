using System.Globalization;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Storage;

/// <summary>Moves files whose bytes no longer match to <c>evidence/damaged/</c>, so that they are never served again.</summary>
internal sealed class DamagedFiles(StoreLayout layout, TimeProvider time, ILogger logger)
{
    /// <summary>Kept for a person to look at; on a failing disk further ones are only removed.</summary>
    private const int MaxKept = 1000;

    /// <summary>
    /// Sets aside the file if it is still the one that was found damaged. The caller holds the module version's lock,
    /// so no good file can have taken its place meanwhile unnoticed.
    /// </summary>
    public void SetAside(ModuleVersion module, ModuleFileKind kind, FileStamp found)
    {
        var path = layout.File(module, kind);
        if (FileSystem.StampOf(path) != found)
        {
            return;
        }

        try
        {
            logger.Damaged(kind, module, MoveAway(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            logger.CannotSetAside(path, error);
        }
    }

    private string MoveAway(string path)
    {
        if (Directory.Exists(layout.Damaged) && Directory.GetDirectories(layout.Damaged).Length >= MaxKept)
        {
            File.Delete(path);
            return $"nowhere ({layout.Damaged} is full)";
        }

        // The place in the tree is kept below a folder of the moment, so no name can be too long or taken.
        var moment = time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmss.ffffff'Z'", CultureInfo.InvariantCulture);
        var evidence = Path.Combine(
            layout.Damaged, $"{moment}-{Guid.NewGuid():N}", Path.GetRelativePath(layout.Download, path));
        Directory.CreateDirectory(Path.GetDirectoryName(evidence)!);
        File.Move(path, evidence, overwrite: true);
        FileSystem.SyncFolder(Path.GetDirectoryName(path)!);
        return evidence;
    }
}
