using System.Text.Json;
using Athens.Federation.Node.Modules;

namespace Athens.Federation.Tests.Modules;

public class ModulePathTests
{
    public static TheoryData<string, string, bool> ModuleVersions => new()
    {
        { "rsc.io/quote", "0.1.0", false },
        { "rsc io/quote", "v1.0.0", false },
        { "github.com/go-yaml/yaml", "v0.8.0", true },
        { "github.com/go-yaml/yaml", "v1.0.0", true },
        { "github.com/go-yaml/yaml", "v2.0.0", false },
        { "github.com/go-yaml/yaml", "v2.1.5", false },
        { "github.com/go-yaml/yaml", "v3.0.0", false },
        { "github.com/go-yaml/yaml/v2", "v1.0.0", false },
        { "github.com/go-yaml/yaml/v2", "v2.0.0", true },
        { "github.com/go-yaml/yaml/v2", "v2.1.5", true },
        { "github.com/go-yaml/yaml/v2", "v3.0.0", false },
        { "gopkg.in/yaml.v0", "v0.8.0", true },
        { "gopkg.in/yaml.v0", "v1.0.0", false },
        { "gopkg.in/yaml.v0", "v2.0.0", false },
        { "gopkg.in/yaml.v1", "v0.8.0", false },
        { "gopkg.in/yaml.v1", "v1.0.0", true },
        { "gopkg.in/yaml.v1", "v2.0.0", false },
        { "gopkg.in/check.v1", "v0.0.0", false },
        { "gopkg.in/check.v1", "v0.0.0-20160102150405-abcdef123456", true },
        { "gopkg.in/yaml.v2", "v1.0.0", false },
        { "gopkg.in/yaml.v2", "v2.1.5", true },
        { "gopkg.in/yaml.v2-unstable", "v2.1.5", true },
        { "gopkg.in/yaml.v2", "v3.0.0", false },
        { "rsc.io/quote", "v17.0.0", false },
        { "rsc.io/quote", "v17.0.0+incompatible", true },
        { "rsc.io/quote", "v1.0", false },
        { "rsc.io/quote", "v1.0.0+meta", false },
        { "golang.org/toolchain", "v0.0.1-go1.23.5.linux-amd64", true },
    };

    public static TheoryData<string, bool, bool> Paths()
    {
        var paths = new TheoryData<string, bool, bool>();
        foreach (string line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "vectors", "modules", "paths.txt")))
        {
            if (line.StartsWith('"'))
            {
                paths.Add(line[..^4], line[^3] == 'y', line[^1] == 'y');
            }
        }

        return paths;
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_path_is_judged_as_Go_does(string json, bool module, bool file)
    {
        string path = Unquote(json);
        Assert.Equal(module, ModulePath.Check(path) is null);
        Assert.Equal(file, ModulePath.CheckFile(path) is null);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Prefix_and_major_add_up_to_the_path(string json, bool module, bool file)
    {
        string path = Unquote(json);
        bool ok = ModulePath.TrySplitMajor(path, out string prefix, out string major);
        Assert.Equal(path, prefix + major);
        Assert.True(ok || !module, $"{file}");
    }

    [Theory]
    [MemberData(nameof(ModuleVersions))]
    public void Path_and_version_must_belong_together(string path, string version, bool ok)
    {
        var module = ModuleVersion.Create(path, version, out string? reason);
        Assert.Equal(ok, module is not null);
        Assert.Equal(ok, reason is null);
        Assert.Equal(ok ? $"{path}@{version}" : null, module?.ToString());
    }

    [Theory]
    [InlineData("x.y/z", "", true)]
    [InlineData("x.y/z", "/v2", true)]
    [InlineData("x.y/z", "/v30", true)]
    [InlineData("x.y/v", "", true)]
    [InlineData("x.y/zv2", "", true)]
    [InlineData("v2", "", true)]
    [InlineData("gopkg.in/yaml", ".v0", true)]
    [InlineData("gopkg.in/yaml", ".v1", true)]
    [InlineData("gopkg.in/yaml", ".v3-unstable", true)]
    [InlineData("gopkg.in/user/pkg", ".v12", true)]
    [InlineData("x.y/z/v1", "", false)]
    [InlineData("x.y/z/v02", "", false)]
    [InlineData("x.y/z/v1.2", "", false)]
    [InlineData("gopkg.in/yaml", "", false)]
    [InlineData("gopkg.in/yaml.v", "", false)]
    public void The_major_is_split_off(string prefix, string major, bool ok)
    {
        Assert.Equal(ok, ModulePath.TrySplitMajor(prefix + major, out string gotPrefix, out string gotMajor));
        Assert.Equal((prefix, major), (gotPrefix, gotMajor));
    }

    [Theory]
    [InlineData("v0.0.0", "", true)]
    [InlineData("v0.0.0", "/v2", false)]
    [InlineData("v0.0.0", ".v0", true)]
    [InlineData("v0.0.0-20190510104115-cbcb75029529", ".v1", true)]
    [InlineData("v0.0.0-20190510104115-cbcb75029529", ".v1-unstable", true)]
    [InlineData("v1.0.0", "/v2", false)]
    [InlineData("v1.0.0", ".v1", true)]
    [InlineData("v1.0.0", ".v1-unstable", true)]
    [InlineData("v2.0.0+incompatible", "", true)]
    [InlineData("v2.0.0", "", false)]
    [InlineData("v2.0.0", "/v2", true)]
    [InlineData("v2.0.0", ".v2", true)]
    public void A_version_fits_a_major(string version, string major, bool fits) =>
        Assert.Equal(fits, ModulePath.MatchesMajor(version, major));

    [Theory]
    [InlineData("ascii.com/abcdefghijklmnopqrstuvwxyz.-/~_0123456789", "ascii.com/abcdefghijklmnopqrstuvwxyz.-/~_0123456789")]
    [InlineData("github.com/GoogleCloudPlatform/omega", "github.com/!google!cloud!platform/omega")]
    [InlineData("github.com/ABC", "github.com/!a!b!c")]
    [InlineData("v1.0.0-RC1", "v1.0.0-!r!c1")]
    public void Escaping_and_back_gives_the_same(string plain, string escaped)
    {
        Assert.Equal(escaped, ModulePath.Escape(plain));
        Assert.True(ModulePath.TryUnescape(escaped, out string back));
        Assert.Equal(plain, back);
    }

    [Theory]
    [InlineData("github.com/GoogleCloudPlatform/omega")]
    [InlineData("github.com/!google!cloud!platform!/omega")]
    [InlineData("github.com/!0google!cloud!platform/omega")]
    [InlineData("github.com/!_google!cloud!platform/omega")]
    [InlineData("github.com/!!google!cloud!platform/omega")]
    [InlineData("github.com/!Google")]
    [InlineData("github.com/google!")]
    [InlineData("!")]
    [InlineData("github.com/é")]
    [InlineData("github.com/a\0b")]
    [InlineData("github.com/a\nb")]
    public void A_malformed_escape_is_refused(string escaped)
    {
        Assert.False(ModulePath.TryUnescape(escaped, out string unescaped));
        Assert.Equal("", unescaped);
    }

    [Fact]
    public void Escaping_what_has_no_capitals_allocates_nothing()
    {
        const string path = "github.com/pkg/errors";
        Assert.Same(path, ModulePath.Escape(path));
        ModulePath.Check(path);
        ModulePath.CheckVersion(path, "v0.9.1");
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            ModulePath.Escape(path);
            ModulePath.Check(path);
            ModulePath.CheckVersion(path, "v0.9.1");
            SemanticVersion.Compare("v0.9.1", "v1.0.0-rc.1");
            SemanticVersion.IsPseudo("v0.0.0-20060102150405-abcdef123456");
        }

        // Nothing of a thousand rounds but, at the most, a runtime's own one-time cost.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4096);
    }

    [Fact]
    public void Names_too_long_for_a_file_system_are_refused()
    {
        string element = new('a', ModulePath.MaxEscapedElement);
        Assert.Null(ModulePath.Check("x.y/" + element));
        Assert.NotNull(ModulePath.Check("x.y/a" + element));
        Assert.NotNull(ModulePath.Check("x.y/A" + element[1..]));
        Assert.NotNull(ModulePath.Check("x.y" + string.Concat(Enumerable.Repeat("/" + element, 5))));
        Assert.NotNull(ModulePath.CheckVersion("x.y/z", "v1.0.0-" + element));
    }

    [Fact]
    public void Reasons_are_one_printable_line()
    {
        string hostile = "x.y/\0\u001b[2J\r\n\u202e\"\\" + new string('é', 5000);
        string?[] reasons =
        [
            ModulePath.Check(hostile), ModulePath.CheckFile(hostile), ModulePath.CheckVersion("x.y", hostile),
            ModulePath.Check(new string('a', 5000)), ModulePath.CheckVersion(hostile, "v2.0.0"),
        ];
        Assert.All(reasons, reason =>
        {
            Assert.NotNull(reason);
            Assert.InRange(reason.Length, 20, 648);
            Assert.DoesNotContain(reason, c => char.IsControl(c) || c == '\u202e');
        });
    }

    [Fact]
    public void Half_a_surrogate_pair_is_no_character_of_a_name()
    {
        Assert.NotNull(ModulePath.Check("x.y/\ud800z"));
        Assert.NotNull(ModulePath.CheckFile("x.y/\ud800z"));
        Assert.NotNull(ModulePath.CheckFile("x.y/z\udc00"));
    }

    private static string Unquote(string json) => JsonSerializer.Deserialize<string>(json)!;
}
