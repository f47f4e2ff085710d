using System.Text.Json;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Storage;

/// <summary>Computes the facts of files that were not stored by this node, believing nothing of them.</summary>
internal static class TreeExaminer
{
    public const string ImportSource = "import";

    /// <summary>Go's own are under a kilobyte.</summary>
    private const int MaxInfoSize = 1 << 20;

    /// <summary>As Go limits a go.mod (zip.MaxGoMod).</summary>
    private const int MaxModSize = 16 << 20;

    private const int MaxZipHashSize = 256;

    /// <summary>The small files' bytes, or why they cannot be taken.</summary>
    public static (byte[] Info, byte[] Mod, string? Reason) ReadSmall(TreeEntry entry)
    {
        if (new FileInfo(entry.Info).Length > MaxInfoSize || new FileInfo(entry.Mod).Length > MaxModSize)
        {
            return ([], [], "its .info or .mod is too big");
        }

        return (File.ReadAllBytes(entry.Info), File.ReadAllBytes(entry.Mod), null);
    }

    /// <summary>Checks the zip at <paramref name="zipPath"/> and that all files of the entry belong together.</summary>
    public static (ModuleFacts? Facts, string? Reason) Examine(
        TreeEntry entry, string zipPath, byte[] info, byte[] mod, CancellationToken cancellationToken)
    {
        using var zip = FileSystem.OpenToRead(zipPath);
        var (contents, reason) = ModuleZip.Check(zip, entry.Module, cancellationToken);
        if (contents is null)
        {
            return (null, reason);
        }

        var (origin, infoReason) = ReadInfo(info, entry.Module.Version);
        if (infoReason is not null)
        {
            return (null, infoReason);
        }

        if (ReadZipHash(entry) is { } noted && noted != contents.Hash)
        {
            return (null, $"its .ziphash says {noted}, the zip has {contents.Hash}");
        }

        return (new ModuleFacts
        {
            Module = entry.Module,
            ZipHash = contents.Hash,
            ModHash = DirHash.OfGoMod(mod),
            Info = FileDigests.Of(info),
            Mod = FileDigests.Of(mod),
            Zip = new FileDigest(contents.Sha256, contents.Size),
            StoredAt = default,
            Source = ImportSource,
            GoVersion = "",
            Origin = origin,
        }, null);
    }

    /// <summary>What <c>.ziphash</c> says, or null when there is none.</summary>
    public static string? ReadZipHash(TreeEntry entry)
    {
        var file = new FileInfo(entry.ZipHash);
        return file.Exists && file.Length <= MaxZipHashSize ? File.ReadAllText(entry.ZipHash).Trim() : null;
    }

    private static (string? Origin, string? Reason) ReadInfo(byte[] info, string version)
    {
        try
        {
            using var json = JsonDocument.Parse(info);
            if (json.RootElement.ValueKind != JsonValueKind.Object
                || !json.RootElement.TryGetProperty("Version", out var said)
                || said.ValueKind != JsonValueKind.String
                || said.GetString() != version)
            {
                return (null, "its .info does not tell this version");
            }

            return (json.RootElement.TryGetProperty("Origin", out var origin) && origin.ValueKind == JsonValueKind.Object
                ? origin.GetRawText()
                : null, null);
        }
        catch (JsonException)
        {
            return (null, "its .info is not JSON");
        }
    }
}
