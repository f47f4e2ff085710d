using System.Security.Cryptography;
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
/// trusting nothing in the archive. Only the handle given is read. Names and declared sizes are judged before anything
/// is inflated; then entries are read in the order of the file, each no further than it declares.
/// </summary>
internal static class ModuleZip
{
    /// <summary>Bytes a zip may have, and the sum of what its entries may inflate to (zip.MaxZipFile).</summary>
    public const long MaxSize = 500L << 20;

    /// <summary>
    /// The most memory that checking one zip takes, whatever the zip: its directory, 24 + 32 + 8 bytes an entry (what
    /// the directory says, the SHA-256, a place in two orders), a root go.mod, and fixed buffers.
    /// An ordinary module takes a few hundred kilobytes.
    /// </summary>
    public const long MaxMemory = ZipDirectory.MaxLength + (ZipDirectory.MaxEntries * (24L + DigestLength + (2 * sizeof(int))))
        + ModuleZipRules.MaxRootFile + (1 << 20);

    private const int DigestLength = SHA256.HashSizeInBytes;

    /// <summary>Checks and hashes; a broken rule gives null and one sentence in <c>reason</c>.</summary>
    /// <exception cref="IOException">The handle could not be read.</exception>
    public static (ModuleZipContents? Contents, string? Reason) Check(
        SafeFileHandle zip, ModuleVersion module, CancellationToken cancellationToken)
    {
        try
        {
            ModuleZipContents? contents = Check(new ZipSource(zip, cancellationToken), module, out string? wrong);
            return (contents, wrong is null ? null : $"the zip of {Shown.Text(module.ToString())} {wrong}");
        }
        catch (Exception e) when (e is UnauthorizedAccessException or NotSupportedException)
        {
            throw new IOException($"the zip of {Shown.Text(module.ToString())} cannot be read: {e.Message}", e);
        }
    }

    private static ModuleZipContents? Check(ZipSource source, ModuleVersion module, out string? wrong)
    {
        if (source.Length > MaxSize)
        {
            wrong = $"has {source.Length} bytes; a module zip may have {MaxSize}";
            return null;
        }

        if (ZipDirectoryEnd.Find(source, out wrong) is not { } end
            || ZipDirectory.Read(source, end, out wrong) is not { } directory)
        {
            return null;
        }

        var rules = new ModuleZipRules(directory, module);
        wrong = rules.Check();
        if (wrong is not null)
        {
            return null;
        }

        byte[] digests = GC.AllocateUninitializedArray<byte>(directory.Entries.Length * DigestLength);
        wrong = ReadEntries(source, directory, rules, digests, out byte[]? goMod);
        if (wrong is not null)
        {
            return null;
        }

        string? sha256 = source.HashAll();
        wrong = sha256 is null ? "changed while it was read" : null;
        return sha256 is null
            ? null
            : new ModuleZipContents(Summarize(directory, digests), sha256, source.Length, goMod);
    }

    private static string? ReadEntries(
        ZipSource source, ZipDirectory directory, ModuleZipRules rules, byte[] digests, out byte[]? goMod)
    {
        goMod = null;
        ZipEntry[] entries = directory.Entries;
        Array.Sort(entries, static (l, r) => l.HeaderOffset.CompareTo(r.HeaderOffset));
        using var reader = new ZipEntryReader(source, directory);
        for (int i = 0; i < entries.Length; i++)
        {
            byte[]? content = rules.IsRootGoMod(entries[i]) ? new byte[entries[i].Size] : null;
            goMod = content ?? goMod;
            long limit = i + 1 < entries.Length ? entries[i + 1].HeaderOffset : directory.Offset;
            string? wrong = reader.Check(entries[i], limit, digests.AsSpan(i * DigestLength, DigestLength), content);
            if (wrong is not null)
            {
                return $"has an entry \"{directory.ShowName(entries[i])}\" that {wrong}";
            }
        }

        return null;
    }

    // Folders count too, when the zip has entries for them: Go's HashZip takes every entry as it comes.
    private static string Summarize(ZipDirectory directory, byte[] digests)
    {
        int[] order = ModuleZipRules.NewOrder(directory.Entries.Length);
        Array.Sort(order, (l, r) =>
            directory.NameOf(directory.Entries[l]).SequenceCompareTo(directory.NameOf(directory.Entries[r])));
        using var summary = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (int i in order)
        {
            ReadOnlySpan<byte> name = directory.NameOf(directory.Entries[i]);
            DirHash.AppendLine(summary, digests.AsSpan(i * DigestLength, DigestLength), name);
        }

        return DirHash.Finish(summary);
    }
}
