using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Tests.Retrieval;

/// <summary>A module version as its author made it, with hashes computed here and not by the code under test.</summary>
internal sealed class GenuineModule
{
    private GenuineModule(ModuleVersion module, Dictionary<string, string> files, string? mod)
    {
        Module = module;
        Files = files;
        Mod = Encoding.UTF8.GetBytes(mod ?? files.GetValueOrDefault("go.mod") ?? $"module {module.Path}\n");
        Info = Encoding.UTF8.GetBytes($$"""{"Version":"{{module.Version}}","Time":"2026-01-02T03:04:05Z"}""");
        Zip = MakeZip($"{module.Path}@{module.Version}/", files);
        ZipHash = H1(files.ToDictionary(
            file => $"{module.Path}@{module.Version}/{file.Key}", file => Encoding.UTF8.GetBytes(file.Value), StringComparer.Ordinal));
        ModHash = H1(new(StringComparer.Ordinal) { ["go.mod"] = Mod });
    }

    public ModuleVersion Module { get; }

    public Dictionary<string, string> Files { get; }

    public byte[] Info { get; set; }

    public byte[] Mod { get; set; }

    public byte[] Zip { get; set; }

    public string ZipHash { get; }

    public string ModHash { get; }

    public string? Origin { get; set; }

    public static GenuineModule Make(string path = "example.com/a", string version = "v1.0.0", string extra = "") => Make(
        path,
        version,
        new Dictionary<string, string>(StringComparer.Ordinal) { ["go.mod"] = $"module {path}\n\ngo 1.19\n", ["a.go"] = "package a\n" + extra });

    public static GenuineModule Make(string path, string version, Dictionary<string, string> files, string? mod = null) =>
        new(Name(path, version), files, mod);

    public static ModuleVersion Name(string path, string version) =>
        ModuleVersion.Create(path, version, out string? reason) ?? throw new ArgumentException(reason, nameof(version));

    public static byte[] MakeZip(string prefix, Dictionary<string, string> files)
    {
        using MemoryStream stream = new();
        using (ZipArchive zip = new(stream, ZipArchiveMode.Create))
        {
            foreach ((string name, string text) in files)
            {
                ZipArchiveEntry made = zip.CreateEntry(prefix + name, CompressionLevel.Fastest);

                // The same bytes whenever it is made: the default is the time of day.
                made.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
                using Stream entry = made.Open();
                entry.Write(Encoding.UTF8.GetBytes(text));
            }
        }

        return stream.ToArray();
    }

    public byte[] this[ModuleFileKind kind] => kind switch
    {
        ModuleFileKind.Info => Info,
        ModuleFileKind.Mod => Mod,
        _ => Zip,
    };

    public ModuleFacts Facts() => new()
    {
        Module = Module,
        ZipHash = ZipHash,
        ModHash = ModHash,
        Info = Digest(Info),
        Mod = Digest(Mod),
        Zip = Digest(Zip),
        StoredAt = new DateTimeOffset(2026, 11, 20, 0, 0, 0, TimeSpan.Zero),
        Source = "import",
        GoVersion = "",
        Origin = Origin,
    };

    public static FileDigest Digest(byte[] bytes) => new(Convert.ToHexStringLower(SHA256.HashData(bytes)), bytes.Length);

    private static string H1(Dictionary<string, byte[]> files)
    {
        StringBuilder text = new();
        foreach ((string name, byte[] bytes) in files.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"{Convert.ToHexStringLower(SHA256.HashData(bytes))}  {name}\n");
        }

        return "h1:" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
