using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Athens.Federation.Tests.Integration;

/// <summary>A folder that <c>GOPROXY=file://…</c> can serve, with many small modules: input for storms.</summary>
internal static class SyntheticProxy
{
    /// <summary>Writes them and returns <c>example.org/storm/mN/@v/v1.M.0</c> of each.</summary>
    public static string[] Write(string folder, int modules, int versionsOfEach)
    {
        var paths = new List<string>();
        for (var m = 0; m < modules; m++)
        {
            var module = $"example.org/storm/m{m}";
            var directory = Directory.CreateDirectory(Path.Combine(folder, module, "@v")).FullName;
            var list = new StringBuilder();
            for (var v = 0; v < versionsOfEach; v++)
            {
                var version = $"v1.{v}.0";
                WriteVersion(directory, module, version, content: new byte[1000 + (m * 9973 * v % 90_000)]);
                list.Append(version).Append('\n');
                paths.Add($"{module}/@v/{version}");
            }

            File.WriteAllText(Path.Combine(directory, "list"), list.ToString());
        }

        return [.. paths];
    }

    /// <summary>One module version in a folder <c>@v</c>.</summary>
    public static void WriteVersion(string directory, string module, string version, byte[] content)
    {
        var stem = Path.Combine(directory, version);
        new Random(version.Length + content.Length).NextBytes(content);
        var mod = $"module {module}\n\ngo 1.19\n";
        File.WriteAllText(stem + ".info", string.Create(CultureInfo.InvariantCulture, $$"""{"Version":"{{version}}","Time":"2026-01-02T03:04:05Z"}"""));
        File.WriteAllText(stem + ".mod", mod);
        using var zip = ZipFile.Open(stem + ".zip", ZipArchiveMode.Create);
        Add(zip, $"{module}@{version}/go.mod", Encoding.UTF8.GetBytes(mod));
        Add(zip, $"{module}@{version}/doc.go", "package storm\n"u8.ToArray());
        Add(zip, $"{module}@{version}/data.bin", content);
    }

    private static void Add(ZipArchive zip, string name, byte[] content)
    {
        var made = zip.CreateEntry(name);
        made.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using var entry = made.Open();
        entry.Write(content);
    }
}
