using System.Diagnostics.CodeAnalysis;
using System.Text;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Storage;

/// <summary>A folder of its own below the staging folder; it goes when this is disposed.</summary>
internal sealed class DiskStagedModule : StagedModule
{
    private readonly ILogger logger;

    private DiskStagedModule(string folder, ILogger logger)
    {
        Folder = folder;
        this.logger = logger;
    }

    public string Folder { get; }

    /// <summary>The zip's state when its bytes were about to be checked; null when nobody checked it here.</summary>
    public FileStamp? Sealed { get; private set; }

    public string InfoPath => Path.Combine(Folder, "module.info");

    public string ModPath => Path.Combine(Folder, "module.mod");

    public string ZipHashPath => Path.Combine(Folder, "module.ziphash");

    public string PathOf(ModuleFileKind kind) => kind switch
    {
        ModuleFileKind.Info => InfoPath,
        ModuleFileKind.Mod => ModPath,
        _ => ZipPath,
    };

    public static DiskStagedModule Create(StoreLayout layout, ModuleVersion module, ILogger logger)
    {
        var folder = Path.Combine(layout.Staging, Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(folder);
        return new DiskStagedModule(folder, logger) { Module = module, ZipPath = Path.Combine(folder, "module.zip") };
    }

    public override void Seal() => Sealed = FileSystem.StampOf(ZipPath);

    /// <summary>Writes the small files beside the zip and makes the bytes of all four durable.</summary>
    public void WriteAndSync(string zipHash)
    {
        FileSystem.WriteDurably(InfoPath, Info);
        FileSystem.WriteDurably(ModPath, Mod);
        FileSystem.WriteDurably(ZipHashPath, Encoding.ASCII.GetBytes(zipHash));
        // A source may have moved in a file that lacks the owner's write bit (Go's cache does that).
        using var zip = FileSystem.OpenToRead(ZipPath);
        RandomAccess.FlushToDisk(zip);
    }

    [SuppressMessage("Reliability", "CA1849", Justification = "There is no asynchronous removal of a folder.")]
    public override ValueTask DisposeAsync()
    {
        try
        {
            Directory.Delete(Folder, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Disposed before.
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            logger.LitterStays(Folder, error);
        }

        return ValueTask.CompletedTask;
    }
}
