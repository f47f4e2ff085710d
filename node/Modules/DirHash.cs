namespace Athens.Federation.Node.Modules;

/// <summary>Go's dirhash (golang.org/x/mod/sumdb/dirhash.Hash1).</summary>
internal static class DirHash
{
    /// <summary>The h1 of a go.mod file, as it stands in a "/go.mod" line of go.sum.</summary>
    public static string OfGoMod(ReadOnlySpan<byte> goMod) => throw new NotImplementedException();
}
