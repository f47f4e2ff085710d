using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Storage;

/// <summary>A zip on its way into memory passes through a temporary folder, as <c>go</c> can only write files.</summary>
internal sealed class MemoryStagedModule(string folder) : StagedModule
{
    public static MemoryStagedModule Create(string stagingFolder, ModuleVersion module)
    {
        var folder = Path.Combine(stagingFolder, Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(folder);
        return new MemoryStagedModule(folder) { Module = module, ZipPath = Path.Combine(folder, "module.zip") };
    }

    public override ValueTask DisposeAsync()
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // Disposed before, or removed with the whole staging folder when the store closes.
        }

        return ValueTask.CompletedTask;
    }
}
