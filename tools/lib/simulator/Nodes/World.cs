using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Athens.Federation.Node.Modules;

namespace Athens.Federation.Simulator.Nodes;

/// <summary>All module versions that there are, and their files. Nothing is kept: each is made when it is asked for, always the same.</summary>
internal static class World
{
    /// <summary>Versions of one module.</summary>
    private const int Versions = 20;

    /// <summary>One in so many is not in the public checksum database.</summary>
    private const int Unproven = 10;

    public static ModuleVersion Module(int number) => ModuleVersion.Create(
        string.Create(CultureInfo.InvariantCulture, $"example.org/team{number / 2000}/module{number / Versions}"),
        string.Create(CultureInfo.InvariantCulture, $"v1.{number % Versions}.0"),
        out _)!;

    public static bool IsProven(int number) => number % Unproven != 0;

    public static byte[] Mod(ModuleVersion module) => Encoding.UTF8.GetBytes($"module {module.Path}\n\ngo 1.21\n");

    public static byte[] Info(ModuleVersion module) => Encoding.UTF8.GetBytes($"{{\"Version\":\"{module.Version}\",\"Time\":\"2025-06-01T12:00:00Z\"}}");

    /// <param name="module">Which.</param>
    /// <param name="isForged">As a liar makes it.</param>
    public static byte[] Zip(ModuleVersion module, bool isForged)
    {
        using MemoryStream bytes = new();
        using (ZipArchive zip = new(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in Files(module, isForged))
            {
                ZipArchiveEntry entry = zip.CreateEntry($"{module.Path}@{module.Version}/{name}", CompressionLevel.NoCompression);
                entry.LastWriteTime = DateTimeOffset.UnixEpoch.AddYears(20);
                using Stream file = entry.Open();
                file.Write(content);
            }
        }

        return bytes.ToArray();
    }

    /// <summary>The h1 of the zip that everybody should have.</summary>
    public static string ZipHash(ModuleVersion module)
    {
        using var summary = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string name, byte[] content) in Files(module, isForged: false))
        {
            DirHash.AppendLine(summary, SHA256.HashData(content), Encoding.UTF8.GetBytes($"{module.Path}@{module.Version}/{name}"));
        }

        return DirHash.Finish(summary);
    }

    // In the byte order of the names.
    private static IEnumerable<(string Name, byte[] Content)> Files(ModuleVersion module, bool isForged)
    {
        yield return ("go.mod", Mod(module));
        yield return ("lib.go", Encoding.UTF8.GetBytes($"package lib\n\nconst Version = \"{module.Version}\"\n{(isForged ? "\nfunc init() { steal() }\n" : "")}"));
    }
}
