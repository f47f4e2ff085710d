using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>
/// When a root follows another one: it says so, and enough orgs of the old one and of itself signed it (TUF, "update the root role": both
/// thresholds). No time comes into it, so that all nodes decide alike.
/// </summary>
internal static class RootRule
{
    /// <summary>
    /// How far a version can be ahead of the one it follows. Honest nodes count on by ones; without an end an org could have the last number of all
    /// signed, and nothing could ever follow.
    /// </summary>
    public const long MaxStep = 1000;

    /// <summary>What in a text keeps it from following the parent, in one sentence; null when it only takes signatures.</summary>
    public static string? Against(PoolRoot parent, PoolRoot root) =>
        !string.Equals(root.Previous, parent.Sha256, StringComparison.Ordinal) ? "the pool root follows another one"
        : !string.Equals(root.Name, parent.Name, StringComparison.Ordinal) ? "the pool root has another pool's name"
        : root.Version <= parent.Version ? "the pool root has no higher version than the one it follows"
        : root.Version - parent.Version > MaxStep ? $"the pool root's version is more than {MaxStep} ahead of the one it follows"
        : root.Orgs.Any(org => parent.Orgs.Any(one => PassesFor(org.Key, one.Key))) ? "the pool root has a key that could be taken for another one"
        : null;

    /// <summary>The note with the good signatures of orgs of either root and no others, one a key; null when there is none.</summary>
    public static SignedNote? Good(PoolRoot? parent, PoolRoot root, SignedNote note)
    {
        var good = new List<NoteVerifier>();
        foreach (var key in Keys(parent, root))
        {
            if (note.IsSignedBy(key))
            {
                good.Add(key);
            }
        }

        var seen = new HashSet<NoteVerifier>();
        return good.Count == 0
            ? null
            : note.Without(line => good.Find(key => line.IsOf(key.Name, key.Hash)) is not { } key || !seen.Add(key));
    }

    /// <summary>Who signed, of a note whose signatures are all good.</summary>
    public static RootTally Tally(PoolRoot? parent, PoolRoot root, SignedNote good)
    {
        var lines = good.Signatures.Select(line => (line.Name, line.Hash)).ToHashSet();
        var old = SignersOf(parent?.Orgs ?? [], lines);
        var new_ = SignersOf(root.Orgs, lines);
        return new RootTally(old, new_, Math.Max(0, (parent?.Threshold ?? 0) - old.Count), Math.Max(0, root.Threshold - new_.Count));
    }

    /// <summary>The signatures of both notes of one text, as many as a note can have; all are good.</summary>
    public static SignedNote Merged(SignedNote known, SignedNote more) =>
        known.With([.. more.Signatures.Where(line => !known.Signatures.Any(line.IsOfKeyOf)).Take(SignedNote.MaxSignatures - known.Signatures.Count)]);

    /// <summary>The lines of a note by keys that have not signed the known one; null when there is none.</summary>
    public static SignedNote? Fresh(SignedNote known, SignedNote note) =>
        note.Signatures.All(line => known.Signatures.Any(line.IsOfKeyOf)) ? null : note.Without(line => known.Signatures.Any(line.IsOfKeyOf));

    private static IEnumerable<NoteVerifier> Keys(PoolRoot? parent, PoolRoot root)
    {
        var old = parent?.Orgs ?? [];
        return old.Concat(root.Orgs.Where(org => !old.Any(one => IsSameKey(one.Key, org.Key)))).Select(org => org.Key);
    }

    /// <summary>
    /// Two keys that signature lines do not tell apart. The 32 bits of a key's hash are found again in a minute, so an org could have a new key whose
    /// signature counts as another org's on its own removal.
    /// </summary>
    private static bool PassesFor(NoteVerifier one, NoteVerifier other) =>
        one.Hash == other.Hash && string.Equals(one.Name, other.Name, StringComparison.Ordinal) && !IsSameKey(one, other);

    private static bool IsSameKey(NoteVerifier one, NoteVerifier other) =>
        string.Equals(one.Name, other.Name, StringComparison.Ordinal) && one.PublicKey.Span.SequenceEqual(other.PublicKey.Span);

    private static List<string> SignersOf(IReadOnlyList<PoolOrg> orgs, HashSet<(string Name, uint Hash)> lines) =>
        [.. orgs.Where(org => lines.Contains((org.Key.Name, org.Key.Hash))).Select(org => org.Name)];
}
