using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance;

namespace Athens.Federation.Tests.Provenance.OwnLog;

/// <summary>Good records, as many as a test wants.</summary>
internal static class SampleRecord
{
    public static ModuleVersion Module(int i) =>
        ModuleVersion.Create(string.Create(CultureInfo.InvariantCulture, $"example.com/m{i}"), "v1.0.0", out _)!;

    /// <param name="i">Which module version.</param>
    /// <param name="content">Other content, other hashes.</param>
    public static ModuleRecord Of(int i, string content = "genuine")
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{i} {content}"));
        return new ModuleRecord
        {
            Module = Module(i),
            ZipHash = "h1:" + Convert.ToBase64String(digest),
            ModHash = "h1:" + Convert.ToBase64String(SHA256.HashData(digest)),
            Zip = new RecordedFile(Convert.ToHexStringLower(digest), 1000 + i),
            Info = new RecordedFile(Convert.ToHexStringLower(digest), 80),
            Provenance = "2026-11-20T16:56:00Z direct go1.23.5",
        };
    }
}
