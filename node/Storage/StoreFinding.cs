using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Storage;

internal enum FindingKind
{
    /// <summary>A file's bytes are not those that were stored; it was set aside.</summary>
    Damaged,

    /// <summary>A stored file is not there.</summary>
    Missing,

    /// <summary>Something that can be derived (a list, a ziphash, the database) was wrong and was written anew.</summary>
    Repaired,

    /// <summary>Files lie in the tree that the database does not know.</summary>
    Unknown,

    /// <summary>Only some of the three files are there; left alone. Usual in Go's own cache.</summary>
    Partial,

    /// <summary>The files break a rule of Go's, or do not belong together; not taken.</summary>
    Invalid,

    /// <summary>Other hashes are held under the same name; nothing was changed. A security matter.</summary>
    Conflict,
}

/// <summary>One thing that maintenance found, as a sentence for the operator.</summary>
internal sealed record StoreFinding(FindingKind Kind, ModuleVersion? Module, string Message);

/// <summary>What maintenance did, in numbers.</summary>
/// <param name="Good">Module versions whose files are all as they were stored.</param>
/// <param name="Added">Module versions that were not known before.</param>
/// <param name="Problems">Findings that a person should look at (not Partial, not Repaired).</param>
/// <param name="Conflicts">Those of the problems that are security matters.</param>
internal sealed record StoreReport(long Good, long Added, long Problems, long Conflicts);

/// <summary>Counts and passes on findings; safe to use from several threads.</summary>
internal sealed class StoreFindings(IProgress<StoreFinding>? listener)
{
    private readonly Lock gate = new();
    private long good;
    private long added;
    private long problems;
    private long conflicts;

    public void Good() => Interlocked.Increment(ref good);

    public void Added() => Interlocked.Increment(ref added);

    public void Tell(FindingKind kind, ModuleVersion? module, string message)
    {
        lock (gate)
        {
            problems += kind is FindingKind.Partial or FindingKind.Repaired ? 0 : 1;
            conflicts += kind == FindingKind.Conflict ? 1 : 0;
            listener?.Report(new StoreFinding(kind, module, message));
        }
    }

    public StoreReport Report()
    {
        lock (gate)
        {
            return new StoreReport(good, added, problems, conflicts);
        }
    }
}
