using System.IO.Compression;
using System.Text;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Storage;

namespace Athens.Federation.Tests.Storage;

/// <summary>A small real module: a zip by Go's rules, and facts computed from it.</summary>
internal sealed class SampleModule
{
    private SampleModule(ModuleVersion module, byte[] info, byte[] mod, byte[] zip, ModuleFacts facts)
    {
        Module = module;
        Info = info;
        Mod = mod;
        Zip = zip;
        Facts = facts;
    }

    public ModuleVersion Module { get; }

    public byte[] Info { get; }

    public byte[] Mod { get; }

    public byte[] Zip { get; }

    public ModuleFacts Facts { get; }

    public byte[] this[ModuleFileKind kind] => kind switch
    {
        ModuleFileKind.Info => Info,
        ModuleFileKind.Mod => Mod,
        _ => Zip,
    };

    /// <param name="path">The module path.</param>
    /// <param name="version">Its version.</param>
    /// <param name="text">Goes into the package's source: other text, other h1.</param>
    /// <param name="fill">Bytes of incompressible ballast, to make the zip big.</param>
    /// <param name="level">Other levels give other zip bytes with the same h1.</param>
    public static SampleModule Make(
        string path = "example.com/sample",
        string version = "v1.0.0",
        string text = "hello",
        int fill = 0,
        CompressionLevel level = CompressionLevel.Optimal)
    {
        var module = ModuleVersion.Create(path, version, out var reason) ?? throw new ArgumentException(reason);
        var mod = Encoding.UTF8.GetBytes($"module {path}\n");
        var info = Encoding.UTF8.GetBytes($$"""{"Version":"{{version}}","Time":"2026-11-20T16:56:00Z"}""");
        var zip = Pack(module, mod, text, fill, level);
        return new SampleModule(module, info, mod, zip, FactsOf(module, info, mod, zip));
    }

    public async Task<AdmitOutcome> AdmitAsync(IModuleStore store)
    {
        await using var staged = await store.StageAsync(Module, CancellationToken.None);
        await FillAsync(staged);
        return await store.AdmitAsync(staged, Facts, CancellationToken.None);
    }

    public async Task FillAsync(StagedModule staged)
    {
        await File.WriteAllBytesAsync(staged.ZipPath, Zip);
        staged.Info = Info;
        staged.Mod = Mod;
    }

    public static async Task<byte[]?> ReadAsync(IModuleStore store, ModuleVersion module, ModuleFileKind kind)
    {
        using var file = await store.OpenAsync(module, kind, CancellationToken.None);
        if (file?.Handle is not { } handle)
        {
            return file?.Bytes.ToArray();
        }

        var bytes = new byte[file.Length];
        Assert.Equal(bytes.Length, RandomAccess.Read(handle, bytes, 0));
        return bytes;
    }

    /// <summary>All three files are there, byte for byte.</summary>
    public async Task AssertHeldAsync(IModuleStore store)
    {
        Assert.NotNull(await store.FindAsync(Module, CancellationToken.None));
        foreach (var kind in Enum.GetValues<ModuleFileKind>())
        {
            Assert.Equal(this[kind], await ReadAsync(store, Module, kind));
        }
    }

    /// <summary>Nothing of it can be seen.</summary>
    public async Task AssertAbsentAsync(IModuleStore store)
    {
        Assert.Null(await store.FindAsync(Module, CancellationToken.None));
        Assert.Empty(await store.HeldAsync(Module.Path, CancellationToken.None));
        foreach (var kind in Enum.GetValues<ModuleFileKind>())
        {
            Assert.Null(await ReadAsync(store, Module, kind));
        }
    }

    private static byte[] Pack(ModuleVersion module, byte[] mod, string text, int fill, CompressionLevel level)
    {
        var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            var name = module.Path.Split('/')[^1].Replace(".", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
            Add(archive, $"{module}/go.mod", mod, level);
            Add(archive, $"{module}/code.go", Encoding.UTF8.GetBytes($"package {name}\n\nconst Text = \"{text}\"\n"), level);
            if (fill > 0)
            {
                var ballast = new byte[fill];
                new Random(fill).NextBytes(ballast);
                Add(archive, $"{module}/ballast.bin", ballast, CompressionLevel.NoCompression);
            }
        }

        return bytes.ToArray();
    }

    private static void Add(ZipArchive archive, string name, byte[] content, CompressionLevel level)
    {
        var made = archive.CreateEntry(name, level);

        // The same bytes whenever it is made: the default is the time of day.
        made.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using var entry = made.Open();
        entry.Write(content);
    }

    private static ModuleFacts FactsOf(ModuleVersion module, byte[] info, byte[] mod, byte[] zip)
    {
        var path = Path.Combine(Path.GetTempPath(), "sample-" + Guid.NewGuid().ToString("N"));
        File.WriteAllBytes(path, zip);
        try
        {
            using var handle = File.OpenHandle(path);
            var (contents, reason) = ModuleZip.Check(handle, module, CancellationToken.None);
            Assert.Null(reason);
            return new ModuleFacts
            {
                Module = module,
                ZipHash = contents!.Hash,
                ModHash = DirHash.OfGoMod(mod),
                Info = FileDigests.Of(info),
                Mod = FileDigests.Of(mod),
                Zip = new FileDigest(contents.Sha256, contents.Size),
                StoredAt = default,
                Source = "upstream",
                GoVersion = "go1.19.8",
                Origin = """{"VCS":"git"}""",
            };
        }
        finally
        {
            File.Delete(path);
        }
    }
}
