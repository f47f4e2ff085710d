using System.Security.Cryptography;
using System.Text;

namespace Athens.Federation.Node.Modules;

/// <summary>Go's dirhash (golang.org/x/mod/sumdb/dirhash.Hash1).</summary>
internal static class DirHash
{
    private const int DigestLength = SHA256.HashSizeInBytes;

    /// <summary>The h1 of a go.mod file, as it stands in a "/go.mod" line of go.sum.</summary>
    public static string OfGoMod(ReadOnlySpan<byte> goMod)
    {
        Span<byte> digest = stackalloc byte[DigestLength];
        SHA256.HashData(goMod, digest);
        using var summary = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AppendLine(summary, digest, "go.mod"u8);
        return Finish(summary);
    }

    /// <summary>Adds a file's line to the summary: its SHA-256 in hex, two spaces, its name, a newline.</summary>
    public static void AppendLine(IncrementalHash summary, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> name)
    {
        Span<byte> hex = stackalloc byte[DigestLength * 2];
        Convert.TryToHexStringLower(digest, hex, out _);
        summary.AppendData(hex);
        summary.AppendData("  "u8);
        summary.AppendData(name);
        summary.AppendData("\n"u8);
    }

    /// <summary>The h1 of a summary whose lines were added in the byte order of the names.</summary>
    public static string Finish(IncrementalHash summary)
    {
        Span<byte> digest = stackalloc byte[DigestLength];
        summary.GetHashAndReset(digest);
        return "h1:" + Convert.ToBase64String(digest);
    }
}
