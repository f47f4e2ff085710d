using System.IO.Compression;
using Athens.Federation.Tests.Retrieval;

namespace Athens.Federation.Tests.Federation.Fetching;

/// <summary>Module versions of every kind of transfer, and second zips of the same h1.</summary>
internal static class Samples
{
    private static readonly Lazy<GenuineModule> LargeOne = new(static () => WithBytes("example.com/large", 12 << 20));

    /// <summary>In one stream, of a few frames.</summary>
    public static GenuineModule Small() => WithBytes("example.com/small", 300 << 10);

    /// <summary>In chunks: 12 MiB and a little.</summary>
    public static GenuineModule Large() => LargeOne.Value;

    /// <summary>Other zip bytes, the same files.</summary>
    public static byte[] OtherZip(GenuineModule module)
    {
        using MemoryStream stream = new();
        using (ZipArchive zip = new(stream, ZipArchiveMode.Create))
        {
            foreach ((string name, string text) in module.Files)
            {
                using StreamWriter writer = new(zip.CreateEntry($"{module.Module}/{name}", CompressionLevel.NoCompression).Open());
                writer.Write(text);
            }
        }

        return stream.ToArray();
    }

    public static byte[] Corrupted(byte[] bytes, int at)
    {
        byte[] wrong = [.. bytes];
        wrong[at] ^= 1;
        return wrong;
    }

    private static GenuineModule WithBytes(string path, int zipBytes)
    {
        // Base64 of random bytes deflates back to about the number of those bytes.
        byte[] random = new byte[zipBytes];
        new Random(zipBytes).NextBytes(random);
        return GenuineModule.Make(path, "v1.0.0", $"// {Convert.ToBase64String(random)}\n");
    }
}
