using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Storage;

/// <summary>What makes two facts the same module version, and what may differ.</summary>
internal static class FactsComparison
{
    /// <summary>
    /// Both h1s agree. The zip's own bytes may still differ (another compressor), and so may <c>.info</c>, which Go does
    /// not authenticate.
    /// </summary>
    public static bool HasHashesOf(this ModuleFacts left, ModuleFacts right) =>
        string.Equals(left.ZipHash, right.ZipHash, StringComparison.Ordinal)
        && string.Equals(left.ModHash, right.ModHash, StringComparison.Ordinal);

    /// <summary>The same facts with one file's digest replaced.</summary>
    public static ModuleFacts With(this ModuleFacts facts, ModuleFileKind kind, FileDigest digest) => kind switch
    {
        ModuleFileKind.Info => facts with { Info = digest },
        ModuleFileKind.Mod => facts with { Mod = digest },
        _ => facts with { Zip = digest },
    };
}
