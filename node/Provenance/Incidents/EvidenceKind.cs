namespace Athens.Federation.Node.Provenance.Incidents;

/// <summary>What a piece of evidence shows. Bytes that fail their manifest are not among them: no peer signs the bytes that it sends, so nobody can show a third who sent them.</summary>
internal enum EvidenceKind
{
    /// <summary>Two signed records of one module version have different hashes.</summary>
    ConflictingRecords,

    /// <summary>One log key signed two histories.</summary>
    ForkedLog,

    /// <summary>A log recorded a module version, and a node says over its signature that upstream gave it other hashes: that node's testimony, no proof against anybody.</summary>
    MovedTag,

    /// <summary>A log recorded hashes that a public checksum database contradicts.</summary>
    WrongRecord,

    /// <summary>A node says, by its identity key, from which record on a former log key of its own is not its own: a decision of its operator, and no disagreement.</summary>
    RevokedLog,
}

/// <summary>How kinds are spelled in files, lists and logs.</summary>
internal static class EvidenceKinds
{
    private static readonly string[] Names = ["conflicting-records", "forked-log", "moved-tag", "wrong-record", "revoked-log"];

    public static string Name(this EvidenceKind kind) => Names[(int)kind];

    public static EvidenceKind? Parse(ReadOnlySpan<char> name)
    {
        for (var i = 0; i < Names.Length; i++)
        {
            if (name.SequenceEqual(Names[i]))
            {
                return (EvidenceKind)i;
            }
        }

        return null;
    }
}
