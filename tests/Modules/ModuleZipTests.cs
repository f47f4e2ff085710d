using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Athens.Federation.Node.Modules;

namespace Athens.Federation.Tests.Modules;

public class ModuleZipTests
{
    private const string P = ZipFile.Prefix;

    [Fact]
    public void A_sound_zip_gives_its_hashes_and_go_mod()
    {
        byte[] zip = ZipMaker.Of(new(P + "xyz", "data for xyz"), new(P + "go.mod", "module example.com/m\n"), new(P + "abc", "data for abc"));
        (ModuleZipContents? contents, string? reason) = ZipFile.Check(zip);

        Assert.Null(reason);
        Assert.NotNull(contents);
        Assert.Equal(
            HashOf((P + "abc", "data for abc"), (P + "go.mod", "module example.com/m\n"), (P + "xyz", "data for xyz")),
            contents.Hash);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(zip)), contents.Sha256);
        Assert.Equal(zip.Length, contents.Size);
        Assert.Equal("module example.com/m\n", Encoding.UTF8.GetString(contents.RootGoMod!));
    }

    [Fact]
    public void A_zip_that_Go_made_has_the_hash_that_Go_computes()
    {
        // Made with golang.org/x/mod/zip.CreateFromDir; the hash is what dirhash.HashZip says of it.
        byte[] zip = Convert.FromBase64String(
            File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "vectors", "modules", "go-made.zip.base64")));
        (ModuleZipContents? contents, string? reason) = ZipFile.Check(zip);
        Assert.Null(reason);
        Assert.Equal("h1:TymSGcBdJPyDrWylsJt5Wj9HFDIQOVo+PVZyC1hvi0k=", contents!.Hash);
        Assert.Equal("module example.com/m\n\ngo 1.19\n", Encoding.UTF8.GetString(contents.RootGoMod!));
    }

    [Fact]
    public void Names_are_hashed_in_the_order_of_their_bytes()
    {
        string[] names = ["B", "a-b", "a/b", "a.b", "é", "\U00010400", "\uff21", "Z/z"];
        ZipPart[] parts = [.. names.Select(n => new ZipPart(P + n, n))];
        string[] sorted = [.. names.OrderBy(n => Convert.ToHexString(Encoding.UTF8.GetBytes(n)), StringComparer.Ordinal)];
        Assert.Equal(HashOf([.. sorted.Select(n => (P + n, n))]), ZipFile.Check(parts).Contents?.Hash);
    }

    [Fact]
    public void An_empty_zip_is_a_module_without_files()
    {
        (ModuleZipContents? contents, string? reason) = ZipFile.Check(ZipMaker.Of());
        Assert.Null(reason);
        Assert.Null(contents!.RootGoMod);
        Assert.Equal(HashOf(), contents.Hash);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    public void Stored_and_deflated_entries_of_every_size_are_read(ushort method)
    {
        foreach (int size in (int[])[0, 1, 100, 65535, 65536, 65537, 300_000])
        {
            byte[] content = new byte[size];
            new Random(size).NextBytes(content);
            (ModuleZipContents? contents, string? reason) = ZipFile.Check(new ZipPart(P + "go.mod") { Content = content, Method = method });
            Assert.Null(reason);
            Assert.Equal(content, contents!.RootGoMod);
        }
    }

    [Fact]
    public void A_zip_from_another_writer_is_read()
    {
        var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (string name in (string[])["go.mod", "dir/", "dir/a.go", "LICENSE"])
            {
                using Stream entry = archive.CreateEntry(P + name).Open();
                entry.Write(name.EndsWith('/') ? [] : Encoding.UTF8.GetBytes(name));
            }
        }

        (ModuleZipContents? contents, string? reason) = ZipFile.Check(stream.ToArray());
        Assert.Null(reason);
        Assert.Equal(
            HashOf((P + "LICENSE", "LICENSE"), (P + "dir/", ""), (P + "dir/a.go", "dir/a.go"), (P + "go.mod", "go.mod")),
            contents!.Hash);
    }

    [Fact]
    public void Folders_are_hashed_and_may_stand_beside_their_files()
    {
        (ModuleZipContents? contents, string? reason) = ZipFile.Check(
            new ZipPart(P) { Method = 0 }, new ZipPart(P + "a/") { Method = 0 }, new(P + "a/b", "x"), new ZipPart(P + "go.mod/") { Method = 0 });
        Assert.Null(reason);
        Assert.Equal(HashOf((P, ""), (P + "a/", ""), (P + "a/b", "x"), (P + "go.mod/", "")), contents!.Hash);
        Assert.Null(contents.RootGoMod);
    }

    [Fact]
    public void Comments_data_descriptors_zip64_and_padding_are_understood()
    {
        ZipPart plain = new(P + "a", "a");
        byte[] crc = BitConverter.GetBytes(ZipMaker.CrcOf("a"u8.ToArray()));
        ZipPart described = plain with { Flags = 8, LocalCrc = 0, LocalSize = 0 };
        Assert.Null(ZipFile.Check(new ZipMaker { Comment = "hello"u8.ToArray() }.Make(plain)).Reason);
        Assert.Null(ZipFile.Check(new ZipMaker { Comment = new byte[65535] }.Make(plain)).Reason);
        Assert.Null(ZipFile.Check(new ZipMaker { Zip64 = true }.Make(plain)).Reason);
        Assert.Null(ZipFile.Check(new ZipMaker { Zip64 = true, Entries = 1 }.Make(plain)).Reason);
        Assert.Null(ZipFile.Check(described with { Descriptor = [.. "PK\x07\x08"u8, .. crc, .. new byte[8]] }).Reason);
        Assert.Null(ZipFile.Check(described with { Descriptor = [.. "PK\x07\x08"u8, .. crc, .. new byte[16]] }).Reason);
        Assert.Null(ZipFile.Check(described with { Descriptor = [.. crc, .. new byte[8]] }).Reason);
        Assert.Null(ZipFile.Check(plain with { Padding = new byte[100] }, new(P + "b", "b")).Reason);
        Assert.Null(ZipFile.Check(plain with { Comment = "note"u8.ToArray(), Extra = [9, 9, 1, 0, 7] }).Reason);
        Assert.Null(ZipFile.Check(
            plain with { Size = uint.MaxValue, Extra = [1, 0, 8, 0, 1, 0, 0, 0, 0, 0, 0, 0] }).Reason);
    }

    [Fact]
    public void Go_mod_and_license_may_have_sixteen_mebibytes()
    {
        byte[] most = new byte[ModuleZipRules.MaxRootFile];
        byte[] more = new byte[ModuleZipRules.MaxRootFile + 1];
        foreach (string name in (string[])["go.mod", "LICENSE"])
        {
            Assert.Null(ZipFile.Check(new ZipPart(P + name) { Content = most }).Reason);
            Assert.Contains(name, ZipFile.Check(new ZipPart(P + name) { Content = more }).Reason, StringComparison.Ordinal);
            Assert.Null(ZipFile.Check(new ZipPart(P + "x" + name) { Content = more }).Reason);
        }
    }

    [Fact]
    public void All_files_together_may_have_five_hundred_mebibytes()
    {
        // Two blocks of a deflate stream of zeros: no need to hold 250 MiB twice.
        (byte[] raw, uint crc) = Zeros(250 << 20);
        ZipPart half = new(P + "a") { Raw = raw, Size = 250 << 20, Crc = crc };
        (ModuleZipContents? contents, string? reason) = ZipFile.Check(half, half with { Name = P + "b" });
        Assert.Null(reason);
        Assert.NotNull(contents);
        reason = ZipFile.Check(half, half with { Name = P + "b" }, new ZipPart(P + "c", "x")).Reason;
        Assert.Contains("more than 524288000 bytes", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancelled_check_stops()
    {
        using var file = new ZipFile();
        file.Replace(ZipMaker.Of(new ZipPart(P + "a", "a")));
        Assert.Throws<OperationCanceledException>(() => ModuleZip.Check(file.Handle, ZipFile.Module, new CancellationToken(true)));
    }

    [Fact]
    public void Very_many_entries_stay_within_the_memory_bound()
    {
        // The 16-bit count of the end record cannot say it: this is what zip64 is for.
        using var file = new ZipFile();
        file.Replace(new ZipMaker { Zip64 = true }.Make(
            [.. Enumerable.Range(0, ZipDirectory.MaxEntries).Select(i => new ZipPart(Name(i)) { Method = 0 })]));
        long before = GC.GetAllocatedBytesForCurrentThread();
        (ModuleZipContents? contents, string? reason) = file.Check();
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Null(reason);
        Assert.NotNull(contents);
        Assert.InRange(allocated, 0, ModuleZip.MaxMemory);

        static string Name(int i) => string.Create(CultureInfo.InvariantCulture, $"{P}{i % 512:x3}/{i:X8}");
    }

    private static string HashOf(params (string Name, string Content)[] files)
    {
        string summary = string.Concat(files.Select(
            f => $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(f.Content)))}  {f.Name}\n"));
        return "h1:" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(summary)));
    }

    private static (byte[] Raw, uint Crc) Zeros(int size)
    {
        var deflated = new MemoryStream();
        byte[] block = new byte[1 << 20];
        uint crc = 0;
        using (var stream = new DeflateStream(deflated, CompressionLevel.Fastest))
        {
            for (int i = 0; i < size / block.Length; i++)
            {
                stream.Write(block);
                crc = Crc32.Append(crc, block);
            }
        }

        return (deflated.ToArray(), crc);
    }
}
