using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Incidents;

/// <summary>The hashes that a key's owner says a module version has.</summary>
internal sealed record Claim(NoteVerifier By, ModuleVersion Module, string ZipHash, string ModHash)
{
    public static Claim Of(NoteVerifier by, ModuleRecord record) => new(by, record.Module, record.ZipHash, record.ModHash);

    public bool Agrees(Claim other) => HasZipOf(other) && string.Equals(ModHash, other.ModHash, StringComparison.Ordinal);

    /// <summary>What differs, for people.</summary>
    public string Difference(Claim other) => HasZipOf(other) ? $"{ModHash} and {other.ModHash} of the go.mod" : $"{ZipHash} and {other.ZipHash} of the zip";

    public string ToText() => $"{Module} {By} {ZipHash} {ModHash}\n";

    private bool HasZipOf(Claim other) => string.Equals(ZipHash, other.ZipHash, StringComparison.Ordinal);
}
