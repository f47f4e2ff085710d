using Microsoft.Win32.SafeHandles;

namespace Athens.Federation.Node.Modules;

/// <summary>What a module zip holds, once every rule has been checked.</summary>
/// <param name="Hash">dirhash.Hash1 of the files, "h1:…".</param>
/// <param name="Sha256">SHA-256 of the zip's own bytes, 64 lower-case hex digits.</param>
/// <param name="Size">The zip's own size in bytes.</param>
/// <param name="RootGoMod">The bytes of the root go.mod, or null when the zip has none.</param>
internal sealed record ModuleZipContents(string Hash, string Sha256, long Size, byte[]? RootGoMod);

/// <summary>
/// Checks a zip by Go's module-zip rules (golang.org/x/mod/zip) and computes its h1 in one pass, in bounded memory,
/// trusting nothing in the archive. Only the handle given is read.
/// </summary>
internal static class ModuleZip
{
    /// <summary>Bytes a zip may have, and the sum of what its entries may inflate to (zip.MaxZipFile).</summary>
    public const long MaxSize = 500L << 20;

    /// <summary>Checks and hashes; a broken rule gives null and one sentence in <c>reason</c>.</summary>
    /// <exception cref="IOException">The handle could not be read.</exception>
    public static (ModuleZipContents? Contents, string? Reason) Check(
        SafeFileHandle zip, ModuleVersion module, CancellationToken cancellationToken) => throw new NotImplementedException();
}
