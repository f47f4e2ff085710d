using System.Diagnostics;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Retrieval.Records;
using Athens.Federation.Node.Telemetry;
using Athens.Federation.Node.Transparency;
using Google.Protobuf;

namespace Athens.Federation.Node.Federation.Serving;

/// <summary>
/// What this node says it holds: only what its store really has, all three files, each as recorded. Records are signed
/// once and kept while there is room.
/// </summary>
internal sealed class Holdings
{
    /// <summary>About 10,000 module versions; what falls out is signed anew, in a tenth of a millisecond.</summary>
    private const long MaxCacheBytes = 32 << 20;

    /// <summary>
    /// The files are looked at again after this. A damaged one is found at the latest when it is fetched, so this only
    /// bounds how long a peer is sent here in vain.
    /// </summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(10);

    private static readonly ModuleFileKind[] Files = [ModuleFileKind.Info, ModuleFileKind.Mod, ModuleFileKind.Zip];

    private readonly IModuleStore store;
    private readonly SigningKey log;
    private readonly TimeProvider time;
    private readonly ModuleRecords records;
    private readonly AnswerCache<ModuleVersion, HeldModule> known = new(MaxCacheBytes, static (_, held) => held.Weight);

    public Holdings(IModuleStore store, ModuleRecords records, SigningKey log, TimeProvider time)
    {
        this.store = store;
        this.records = records;
        this.log = log;
        this.time = time;
    }

    /// <summary>Null when it is not held, or not whole.</summary>
    /// <exception cref="IOException">The store cannot be read.</exception>
    public async ValueTask<HeldModule?> FindAsync(ModuleVersion module, CancellationToken cancellationToken)
    {
        using Activity? span = Tracing.Source.StartActivity("store");
        if (await store.FindAsync(module, cancellationToken) is not { } facts)
        {
            return null;
        }

        HeldModule? held = known.Find(module);
        if (held is not null && held.Facts == facts && time.GetElapsedTime(held.SeenWholeAt) < LookAgain)
        {
            return held;
        }

        if (!await IsWholeAsync(facts, cancellationToken))
        {
            Forget(module);
            return null;
        }

        held = held is not null && held.Facts == facts ? held : await DescribeAsync(facts, cancellationToken);
        if (held is not null)
        {
            held.SeenWholeAt = time.GetTimestamp();
        }

        return held;
    }

    /// <summary>A file of it was not there: it is looked for again with the next question.</summary>
    public void Forget(ModuleVersion module) => known.Remove(module);

    private async ValueTask<bool> IsWholeAsync(ModuleFacts facts, CancellationToken cancellationToken)
    {
        foreach (ModuleFileKind kind in Files)
        {
            using StoredFile? file = await store.OpenAsync(facts.Module, kind, cancellationToken);
            if (file is null || file.Digest != facts[kind])
            {
                return false;
            }
        }

        return true;
    }

    private async ValueTask<HeldModule?> DescribeAsync(ModuleFacts facts, CancellationToken cancellationToken)
    {
        if (await records.DescribeAsync(facts, cancellationToken) is not { } described)
        {
            return null;
        }

        ByteString note = UnsafeByteOperations.UnsafeWrap(SignedNote.Sign(described.Record.ToText(), log));
        HeldModule held = new(facts, note, UnsafeByteOperations.UnsafeWrap(described.Chunks));
        known.Set(facts.Module, held);
        return held;
    }
}
