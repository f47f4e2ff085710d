using System.Collections.Concurrent;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Storage;

/// <summary>
/// Facts used lately, read without a lock. Two generations: when the young one is full it becomes the old one, and
/// what is still used moves over. Absence is never cached.
/// </summary>
internal sealed class FactsCache
{
    /// <summary>Of each generation; one entry takes about 1 KiB, so the cache stays under 16 MiB.</summary>
    private const int MaxPerGeneration = 8192;

    private ConcurrentDictionary<ModuleVersion, ModuleFacts> young = new();
    private ConcurrentDictionary<ModuleVersion, ModuleFacts> old = new();
    private int count;

    public ModuleFacts? Find(ModuleVersion module)
    {
        if (young.TryGetValue(module, out var facts))
        {
            return facts;
        }

        return old.TryGetValue(module, out facts) ? Remember(facts) : null;
    }

    /// <summary>Keeps what a reader found, unless the writer was here meanwhile: what it left is newer.</summary>
    public ModuleFacts Remember(ModuleFacts facts)
    {
        if (!young.TryAdd(facts.Module, facts))
        {
            return young.TryGetValue(facts.Module, out var newer) ? newer : facts;
        }

        MakeRoom();
        return facts;
    }

    /// <summary>What the writer just stored.</summary>
    public void Replace(ModuleFacts facts)
    {
        young[facts.Module] = facts;
        MakeRoom();
    }

    private void MakeRoom()
    {
        // The count may run ahead by a replacement; turning over a little early harms nobody.
        if (Interlocked.Increment(ref count) == MaxPerGeneration)
        {
            old = young;
            young = new ConcurrentDictionary<ModuleVersion, ModuleFacts>();
            Volatile.Write(ref count, 0);
        }
    }
}
