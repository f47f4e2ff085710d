using Athens.Federation.Node.Modules;
using Microsoft.Win32.SafeHandles;

namespace Athens.Federation.Tests.Modules;

/// <summary>A zip on disk for the time of one test, checked through a real handle.</summary>
internal sealed class ZipFile : IDisposable
{
    private readonly FileStream file = new(
        Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()),
        new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Options = FileOptions.DeleteOnClose,
            BufferSize = 0,
        });

    public static readonly ModuleVersion Module = ModuleVersion.Create("example.com/m", "v1.2.3", out _)!;

    public const string Prefix = "example.com/m@v1.2.3/";

    public SafeFileHandle Handle => file.SafeFileHandle;

    public static (ModuleZipContents? Contents, string? Reason) Check(byte[] zip)
    {
        using var file = new ZipFile();
        file.Replace(zip);
        return file.Check();
    }

    /// <summary>Checks a zip of entries under the module's prefix.</summary>
    public static (ModuleZipContents? Contents, string? Reason) Check(params ZipPart[] parts) => Check(ZipMaker.Of(parts));

    public (ModuleZipContents? Contents, string? Reason) Check() => ModuleZip.Check(Handle, Module, CancellationToken.None);

    public void Replace(ReadOnlySpan<byte> zip)
    {
        RandomAccess.SetLength(Handle, 0);
        RandomAccess.Write(Handle, zip, 0);
    }

    public void Dispose() => file.Dispose();
}
