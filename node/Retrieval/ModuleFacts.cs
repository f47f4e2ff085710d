using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Retrieval;

/// <summary>One of a module version's three files.</summary>
internal enum ModuleFileKind
{
    Info,
    Mod,
    Zip,
}

/// <summary>What this node knows of a module version that it holds. Computed here from the bytes, never taken from a sender.</summary>
internal sealed record ModuleFacts
{
    public required ModuleVersion Module { get; init; }

    /// <summary>h1 of the zip, <c>h1:…</c>.</summary>
    public required string ZipHash { get; init; }

    /// <summary>h1 of the go.mod, <c>h1:…</c>.</summary>
    public required string ModHash { get; init; }

    /// <summary>SHA-256 of each file's bytes (64 lower-case hex digits) and its size in bytes.</summary>
    public required FileDigest Info { get; init; }

    public required FileDigest Mod { get; init; }

    public required FileDigest Zip { get; init; }

    /// <summary>When it was stored, UTC, whole microseconds; unique and increasing in one store (the order of <c>/index</c>).</summary>
    public required DateTimeOffset StoredAt { get; init; }

    /// <summary>Where the bytes came from: <c>upstream</c>, <c>peer:NAME</c>, <c>import</c>.</summary>
    public required string Source { get; init; }

    /// <summary>The <c>go</c> that made the zip, e.g. <c>go1.23.5</c>; empty when unknown.</summary>
    public required string GoVersion { get; init; }

    /// <summary>The Origin object that <c>go</c> reported, as JSON; null when it reported none.</summary>
    public string? Origin { get; init; }

    public FileDigest this[ModuleFileKind kind] => kind switch
    {
        ModuleFileKind.Info => Info,
        ModuleFileKind.Mod => Mod,
        _ => Zip,
    };
}

/// <summary>SHA-256 (64 lower-case hex digits) and size in bytes of one file.</summary>
internal readonly record struct FileDigest(string Sha256, long Size);
