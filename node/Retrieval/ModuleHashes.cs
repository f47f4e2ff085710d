namespace Athens.Federation.Node.Retrieval;

/// <summary>What a trusted record says of a module version.</summary>
/// <param name="ZipHash">h1 of the zip.</param>
/// <param name="ModHash">h1 of the go.mod.</param>
/// <param name="Witness">Whose record it is, as part of a sentence: <c>the record of peer NAME</c>.</param>
internal sealed record ModuleHashes(string ZipHash, string ModHash, string Witness)
{
    /// <summary>The disagreement with hashes known or computed here; null when there is none.</summary>
    public HashConflict? Against(string zipHash, string modHash)
    {
        if (!string.Equals(ZipHash, zipHash, StringComparison.Ordinal))
        {
            return new HashConflict($"the zip in {Witness}", ZipHash, zipHash);
        }

        return string.Equals(ModHash, modHash, StringComparison.Ordinal)
            ? null
            : new HashConflict($"the go.mod in {Witness}", ModHash, modHash);
    }
}
