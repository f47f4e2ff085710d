using System.IO.Compression;
using System.Text;
using Athens.Federation.Node.Modules;

namespace Athens.Federation.Tests.Modules;

public class HostileZipTests
{
    private const string P = ZipFile.Prefix;

    private static readonly ZipPart A = new(P + "a", "some text, some text");

    /// <summary>What a name is refused for, as in the cases of golang.org/x/mod/zip's testdata.</summary>
    public static TheoryData<string, string[], string> Names => new()
    {
        { "prefix missing", ["a"], "outside of" },
        { "other module", ["example.com/n@v1.2.3/a"], "outside of" },
        { "other version", ["example.com/m@v1.2.4/a"], "outside of" },
        { "other case of the module", ["example.com/M@v1.2.3/a"], "outside of" },
        { "prefix without slash", ["example.com/m@v1.2.3"], "outside of" },
        { "absolute", ["/etc/passwd"], "outside of" },
        { "absolute below the prefix", [P + "/etc/passwd"], "empty element" },
        { "only a slash", [P + "/"], "is empty" },
        { "traversal", [P + "../../x"], "the element" },
        { "dot", [P + "./x"], "the element" },
        { "traversal as folder", [P + "a/../"], "the element" },
        { "double slash", [P + "a//b"], "empty element" },
        { "double slash at the end", [P + "a//"], "empty element" },
        { "backslash", [P + "..\\x"], "not allowed" },
        { "drive", [P + "C:x"], "not allowed" },
        { "NUL", [P + "a\0b"], "U+0000" },
        { "newline", [P + "a\nb"], "U+000A" },
        { "reserved on Windows", [P + "x/Aux.go"], "Windows" },
        { "trailing dot", [P + "x./a"], "ends with a dot" },
        { "symbol", [P + "a☺"], "not allowed" },
        { "combining mark", [P + "e\u0301"], "not allowed" },
        { "direction mark", [P + "a\u202eog"], "U+202E" },
        { "twice", [P + "a", P + "a"], "more than one entry" },
        { "twice, not adjacent", [P + "a", P + "b", P + "a"], "more than one entry" },
        { "folder twice", [P + "a/", P + "a/"], "more than one entry" },
        { "root twice", [P, P], "more than one entry" },
        { "case", [P + "Readme", P + "README"], "differ only in case" },
        { "case of a folder", [P + "a/b", P + "A/c"], "differ only in case" },
        { "case of a folder entry", [P + "a/", P + "A/c"], "differ only in case" },
        { "case deep inside", [P + "x/y/z/1", P + "x/Y/z/2"], "differ only in case" },
        { "Kelvin sign", [P + "k", P + "\u212a"], "differ only in case" },
        { "long s", [P + "s", P + "\u017f"], "differ only in case" },
        { "long s in a folder", [P + "Sub/a", P + "\u017fub/b"], "differ only in case" },
        { "sharp s", [P + "ß", P + "ẞ"], "differ only in case" },
        { "final sigma", [P + "σ", P + "ς"], "differ only in case" },
        { "Cyrillic", [P + "испытание", P + "Испытание"], "differ only in case" },
        { "Deseret", [P + "\U00010400", P + "\U00010428"], "differ only in case" },
        { "titlecase", [P + "ǆ", P + "ǅ"], "differ only in case" },
        { "file and folder", [P + "a", P + "a/b"], "both as a file and as a folder" },
        { "file and folder entry", [P + "a", P + "a/"], "both as a file and as a folder" },
        { "file and folder, names between", [P + "a", P + "a!b", P + "a-c", P + "a/b"], "both as a file and as a folder" },
        { "go.mod in capitals", [P + "Go.MOD"], "must be written go.mod" },
        { "go.mod below the root", [P + "sub/go.mod"], "only in the module's root" },
        { "go.mod in capitals below the root", [P + "sub/GO.MOD"], "only in the module's root" },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void A_bad_name_is_refused(string what, string[] names, string expected)
    {
        (ModuleZipContents? contents, string? reason) = ZipFile.Check([.. names.Select(n => new ZipPart(n))]);
        Assert.True(contents is null, what);
        Assert.Contains(expected, reason, StringComparison.Ordinal);
        Assert.DoesNotContain(reason!, char.IsControl);

        // The order of entries in the file changes nothing.
        Assert.Null(ZipFile.Check([.. names.Reverse().Select(n => new ZipPart(n))]).Contents);
    }

    [Fact]
    public void Names_that_only_look_alike_are_taken()
    {
        string[] names =
        [
            "a!b", "a/b", "a-b", "A0", "dotless ı", "dotless i", "İ", "ﬁ", "fi", "go.mod", "go.mod2", "vendor/x/y", "Sub/x", "Subs/x",
            ".gitignore", "x~1/y", "Å", "å.txt",
        ];
        Assert.Null(ZipFile.Check([.. names.Select(n => new ZipPart(P + n))]).Reason);
    }

    [Fact]
    public void A_name_that_is_not_UTF8_is_refused()
    {
        byte[] name = [.. Encoding.UTF8.GetBytes(P), 0xff];
        Assert.Contains("UTF-8", ZipFile.Check(new ZipPart("") { NameBytes = name }).Reason, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Lies()
    {
        var names = new TheoryData<string, string>();
        foreach ((string what, (byte[] _, string expected)) in Archives)
        {
            names.Add(what, expected);
        }

        return names;
    }

    [Theory]
    [MemberData(nameof(Lies))]
    public void A_lying_archive_is_refused(string what, string expected)
    {
        (ModuleZipContents? contents, string? reason) = ZipFile.Check(Archives[what].Zip);
        Assert.Null(contents);
        Assert.Contains(expected, reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        byte[] zip = new ZipMaker { Comment = "bye"u8.ToArray(), Zip64 = true }.Make(A, new(P + "go.mod", "module example.com/m"));
        using var file = new ZipFile();
        for (int length = 0; length < zip.Length; length++)
        {
            file.Replace(zip.AsSpan(0, length));
            Assert.NotNull(file.Check().Reason);
        }
    }

    [Fact]
    public void A_bomb_is_not_inflated_beyond_what_it_declares()
    {
        var bomb = new MemoryStream();
        using (var stream = new DeflateStream(bomb, CompressionLevel.Fastest, leaveOpen: true))
        {
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 1024; i++)
            {
                stream.Write(zeros);
            }
        }

        ZipPart part = new(P + "a") { Raw = bomb.ToArray(), Size = 10, Crc = ZipMaker.CrcOf(new byte[10]) };
        using var file = new ZipFile();
        file.Replace(ZipMaker.Of(part));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("more bytes than the 10", file.Check().Reason, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.Contains("declares 1073741824 bytes", ZipFile.Check(part with { Size = 1 << 30 }).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_deep_name_costs_no_more_than_its_length()
    {
        // Every folder of each name kept apart would be 2 GB; twenty names of sixty kilobytes are 1.2 MB.
        string deep = string.Concat(Enumerable.Repeat("x/", 30_000));
        ZipPart[] parts = [.. Enumerable.Range(0, 20).Select(i => new ZipPart($"{P}{deep}{i}") { Method = 0 })];
        using var file = new ZipFile();
        file.Replace(ZipMaker.Of(parts));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Null(file.Check().Reason);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
    }

    [Fact]
    public void A_file_larger_than_any_module_is_not_read()
    {
        using var file = new ZipFile();
        RandomAccess.SetLength(file.Handle, ModuleZip.MaxSize + 1);
        Assert.Contains("a module zip may have", file.Check().Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_file_cannot_be_read()
    {
        using var folder = File.OpenHandle("/dev/null");
        Assert.NotNull(ModuleZip.Check(folder, ZipFile.Module, CancellationToken.None).Reason);
    }

    private static readonly Dictionary<string, (byte[] Zip, string Expected)> Archives = new(StringComparer.Ordinal)
    {
        ["empty file"] = ([], "is not a zip"),
        ["text"] = (Encoding.UTF8.GetBytes(new string('x', 100_000)), "is not a zip"),
        ["only a signature"] = ([.. "PK\x05\x06"u8], "is not a zip"),
        ["bytes after the end"] = ([.. ZipMaker.Of(A), 0], "contradicts itself"),
        ["comment longer than the file"] = (new ZipMaker { CommentLength = 5 }.Make(A), "contradicts itself"),
        ["bytes before the first entry"] = ([0, .. ZipMaker.Of(A)], "contradicts itself"),
        ["a second end in the comment"] = (new ZipMaker { Comment = ZipMaker.Of() }.Make(A), "contradicts itself"),
        ["entry count too high"] = (new ZipMaker { Entries = 2 }.Make(A), "claims more entries"),
        ["entry count a little too high"] = (new ZipMaker { Entries = 2 }.Make(A with { Comment = new byte[100] }), "malformed"),
        ["entry count too low"] = (new ZipMaker { Entries = 1 }.Make(A, A with { Name = P + "b" }), "more in its directory"),
        ["entry count 65535 without zip64"] = (new ZipMaker { Entries = 65535 }.Make(A), "claims more entries"),
        ["directory size too small"] = (new ZipMaker { DirectorySize = 46 }.Make(A), "contradicts itself"),
        ["directory size 4 GiB"] = (new ZipMaker { DirectorySize = uint.MaxValue }.Make(A), "contradicts itself"),
        ["directory offset outside"] = (new ZipMaker { DirectoryOffset = uint.MaxValue }.Make(A), "contradicts itself"),
        ["zip64 claims 2^64 entries"] = (new ZipMaker { Zip64 = true, Zip64Entries = ulong.MaxValue }.Make(A), "contradicts itself"),
        ["zip64 claims 2^40 entries"] = (new ZipMaker { Zip64 = true, Zip64Entries = 1UL << 40 }.Make(A), "contradicts itself"),
        ["zip64 claims as many entries as bytes"] = (new ZipMaker { Zip64 = true, Zip64Entries = 60 }.Make(A), "claims more entries"),
        ["zip64 size lies"] = (new ZipMaker { Zip64 = true, Zip64Size = ulong.MaxValue }.Make(A), "contradicts itself"),
        ["zip64 offset lies"] = (new ZipMaker { Zip64 = true, Zip64Offset = 1UL << 63 }.Make(A), "contradicts itself"),
        ["zip64 locator lies"] = (new ZipMaker { Zip64 = true, LocatorOffset = 1UL << 63 }.Make(A), "contradicts itself"),
        ["zip64 locator points to itself"] = (new ZipMaker { Zip64 = true, LocatorOffset = 0 }.Make(A), "contradicts itself"),
        ["zip64 and the 32-bit count disagree"] = (new ZipMaker { Zip64 = true, Entries = 2 }.Make(A), "contradicts itself"),
        ["zip64 size without its value"] = (ZipMaker.Of(A with { Size = uint.MaxValue }), "lacks the 64-bit sizes"),
        ["zip64 field too short"] =
            (ZipMaker.Of(A with { CompressedSize = uint.MaxValue, Extra = [1, 0, 4, 0, 1, 0, 0, 0] }), "lacks the 64-bit sizes"),
        ["zip64 offset of 2^63"] =
            (ZipMaker.Of(A with { HeaderOffset = uint.MaxValue, Extra = [1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 128] }), "outside"),
        ["zip64 compressed size of 2^64"] =
            (ZipMaker.Of(A with { CompressedSize = uint.MaxValue, Extra = [1, 0, 8, 0, .. Enumerable.Repeat((byte)255, 8)] }), "outside"),
        ["zip64 size of 2^64"] =
            (ZipMaker.Of(A with { Size = uint.MaxValue, Extra = [1, 0, 8, 0, .. Enumerable.Repeat((byte)255, 8)] }), "declares 1844674407"),
        ["encrypted"] = (ZipMaker.Of(A with { Flags = 1 }), "is encrypted"),
        ["strongly encrypted"] = (ZipMaker.Of(A with { Flags = 64 }), "is encrypted"),
        ["encrypted in its own header only"] = (ZipMaker.Of(A with { LocalFlags = 1 }), "contradicts the directory"),
        ["unknown method"] = (ZipMaker.Of(A with { Method = 93 }), "compression method 93"),
        ["other method in its own header"] = (ZipMaker.Of(A with { LocalMethod = 0 }), "contradicts the directory"),
        ["other name in its own header"] =
            (ZipMaker.Of(A with { LocalName = Encoding.UTF8.GetBytes(P + "b") }), "another name"),
        ["longer name in its own header"] =
            (ZipMaker.Of(A with { LocalName = Encoding.UTF8.GetBytes(P + "aa") }), "another name"),
        ["other checksum in its own header"] = (ZipMaker.Of(A with { LocalCrc = 1 }), "contradicts the directory"),
        ["no checksum in its own header"] = (ZipMaker.Of(A with { LocalCrc = 0 }), "contradicts the directory"),
        ["other size in its own header"] = (ZipMaker.Of(A with { LocalSize = 1 }), "contradicts the directory"),
        ["no header at its offset"] = (ZipMaker.Of(A with { HeaderOffset = 4 }), "no header of its own"),
        ["offset in the directory"] = (ZipMaker.Of(A with { HeaderOffset = 90 }), "outside"),
        ["two entries on one header"] = (ZipMaker.Of(A, A with { HeaderOffset = 0, Raw = [] }), "more than one entry"),
        ["two names on one header"] =
            (ZipMaker.Of(A, A with { Name = P + "b", HeaderOffset = 0, LocalName = [] }), "overlaps what follows"),
        ["data that runs into the next entry"] =
            (ZipMaker.Of(A with { CompressedSize = 60, Padding = new byte[8] }, A with { Name = P + "b" }), "overlaps what follows"),
        ["data that runs into the directory"] = (ZipMaker.Of(A with { CompressedSize = 60 }), "overlaps what follows"),
        ["descriptor that runs into the directory"] =
            (ZipMaker.Of(A with { Flags = 8, Descriptor = BitConverter.GetBytes(ZipMaker.CrcOf("some text, some text"u8.ToArray())) }),
            "overlaps what follows"),
        ["descriptor with another checksum"] = (ZipMaker.Of(A with { Flags = 8, Descriptor = new byte[16] }), "behind its data"),
        ["wrong checksum"] = (ZipMaker.Of(A with { Crc = 1 }), "checksum does not fit"),
        ["checksum zero"] = (ZipMaker.Of(A with { Crc = 0 }), "checksum does not fit"),
        ["size too small"] = (ZipMaker.Of(A with { Size = 5 }), "more bytes than the 5"),
        ["size too large"] = (ZipMaker.Of(A with { Size = 100 }), "fewer bytes than the 100"),
        ["size zero"] = (ZipMaker.Of(A with { Size = 0 }), "more bytes than the 0"),
        ["stored with two sizes"] = (ZipMaker.Of(A with { Method = 0, Size = 5 }), "declares two sizes"),
        ["not deflate"] = (ZipMaker.Of(A with { Raw = [255, 255, 255, 255, 255] }), "does not inflate"),
        ["deflate cut short"] = (ZipMaker.Of(A with { Raw = ZipMaker.Deflate("some text, some text"u8.ToArray())[..^3] }), "fewer bytes"),
        ["deflate without a last block"] =
            (ZipMaker.Of(new ZipPart(P + "a", "xyz") { Raw = [0, 3, 0, 252, 255, .. "xyz"u8] }), "cut short"),
        ["deflate of nothing at all"] = (ZipMaker.Of(new ZipPart(P + "a") { Raw = [] }), "cut short"),
        ["folder with content"] = (ZipMaker.Of(new ZipPart(P + "a/", "text")), "a folder \"a/\" with content"),
        ["go.mod of 400 MiB claimed"] = (ZipMaker.Of(new ZipPart(P + "go.mod", "x") { Size = 400 << 20 }), "it may have 16777216"),
        ["500 MiB twice claimed"] =
            (ZipMaker.Of(A with { Size = 500 << 20 }, A with { Name = P + "b", Size = 500 << 20 }), "more than 524288000 bytes"),
    };
}
