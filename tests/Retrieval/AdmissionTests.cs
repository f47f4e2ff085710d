using System.Text;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;
using Microsoft.Extensions.Logging;

namespace Athens.Federation.Tests.Retrieval;

public sealed class AdmissionTests
{
    /// <summary>What a source may stage, and how it has to end. The module version is example.com/a@v1.0.0, genuine but for this.</summary>
    private static readonly Dictionary<string, (Action<StagedModule> Spoil, OutcomeKind Kind)> Spoilings = new(StringComparer.Ordinal)
    {
        ["no zip"] = (staged => File.Delete(staged.ZipPath), OutcomeKind.Unavailable),
        ["an empty zip"] = (staged => File.WriteAllBytes(staged.ZipPath, []), OutcomeKind.Unavailable),
        ["a truncated zip"] = (staged => Rewrite(staged, zip => zip[..(zip.Length / 2)]), OutcomeKind.Unavailable),
        ["a zip short of one byte"] = (staged => Rewrite(staged, zip => zip[..^1]), OutcomeKind.Unavailable),
        ["an error page"] = (staged => File.WriteAllText(staged.ZipPath, "<html>502</html>"), OutcomeKind.Unavailable),
        ["another version's zip"] = (staged => File.WriteAllBytes(
            staged.ZipPath, GenuineModule.Make(version: "v1.0.1").Zip), OutcomeKind.Unavailable),
        ["a link"] = (Link, OutcomeKind.Unavailable),
        ["other contents"] = (staged => File.WriteAllBytes(
            staged.ZipPath, GenuineModule.Make(extra: "// evil\n").Zip), OutcomeKind.Conflicting),
        ["no mod"] = (staged => staged.Mod = [], OutcomeKind.Unavailable),
        ["a mod without bound"] = (staged => staged.Mod = new byte[GoModFile.MaxSize + 1], OutcomeKind.Unavailable),
        ["another mod"] = (staged => staged.Mod = Encoding.UTF8.GetBytes("module example.com/a\n\nrequire evil.example v1.0.0\n"), OutcomeKind.Conflicting),
        ["no info"] = (staged => staged.Info = [], OutcomeKind.Unavailable),
        ["another version's info"] = (staged => staged.Info = Encoding.UTF8.GetBytes("""{"Version":"v1.0.1"}"""), OutcomeKind.Unavailable),
        ["an info without bound"] = (staged => staged.Info = new byte[InfoFile.MaxSize + 1], OutcomeKind.Unavailable),
    };

    public static TheoryData<string> Names => [.. Spoilings.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Spoiled_files_are_refused_with_a_reason_and_nothing_is_stored(string name)
    {
        await using Rig rig = new();
        GenuineModule module = rig.Source.Publish(GenuineModule.Make());
        rig.Source.Spoil = Spoilings[name].Spoil;

        Outcome<StoredFile> outcome = await rig.FileAsync(module);

        Assert.Equal(Spoilings[name].Kind, outcome.Kind);
        Assert.Contains("example.com/a@v1.0.0", outcome.Reason, StringComparison.Ordinal);
        Assert.Empty(rig.Store.Admissions);
        Assert.Equal(0, rig.Store.Staged);
        Assert.DoesNotContain(rig.Log.Lines, line => line.Id == 3007);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_source_that_claims_other_hashes_is_a_security_event_with_both(bool zip)
    {
        await using Rig rig = new();
        GenuineModule module = rig.Source.Publish(GenuineModule.Make());
        const string Lie = "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        rig.Source.Claim = claims => zip ? claims with { ClaimedZipHash = Lie } : claims with { ClaimedModHash = Lie };

        Outcome<StoredFile> outcome = await rig.FileAsync(module);

        Assert.Equal(OutcomeKind.Conflicting, outcome.Kind);
        Assert.Empty(rig.Store.Admissions);
        (LogLevel Level, int Id, string Text) line = Assert.Single(rig.Log.Lines, line => line.Id == 3003);
        Assert.Equal(LogLevel.Error, line.Level);
        Assert.Contains(Lie, line.Text, StringComparison.Ordinal);
        Assert.Contains(zip ? module.ZipHash : module.ModHash, line.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_that_claims_nothing_is_believed_as_little_and_stored_as_well()
    {
        await using Rig rig = new();
        GenuineModule module = rig.Source.Publish(GenuineModule.Make());
        rig.Source.Claim = _ => new FetchedModule("", "", "not JSON", new string('x', 1000));

        Assert.True((await rig.FileAsync(module)).IsFound);
        ModuleFacts facts = Assert.Single(rig.Store.Admissions).Facts;
        Assert.Null(facts.Origin);
        Assert.Empty(facts.GoVersion);
    }

    [Theory]
    [InlineData("example.com/old", "v1.0.0")]
    [InlineData("example.com/old", "v2.0.0+incompatible")]
    [InlineData("gopkg.in/yaml.v2", "v2.0.0")]
    [InlineData("github.com/BurntSushi/toml", "v0.3.1")]
    public async Task A_version_without_go_mod_has_exactly_the_one_that_go_makes_up(string path, string version)
    {
        await using Rig rig = new();
        Dictionary<string, string> files = new(StringComparer.Ordinal) { ["a.go"] = "package a\n" };
        GenuineModule good = rig.Source.Publish(GenuineModule.Make(path, version, files));
        Assert.Equal($"module {path}\n", Encoding.UTF8.GetString(good.Mod));
        Assert.True((await rig.FileAsync(good)).IsFound);

        foreach (string lie in new[] { $"module {path}", $"module {path}\r\n", $"module {path}\n\n", $"module \"{path}\"\n" })
        {
            await using Rig other = new();
            GenuineModule bad = other.Source.Publish(GenuineModule.Make(path, version, files, lie));
            Assert.Equal(OutcomeKind.Conflicting, (await other.FileAsync(bad)).Kind);
        }
    }

    [Fact]
    public async Task A_mod_that_differs_from_the_zips_by_line_ends_alone_is_what_git_archive_makes()
    {
        await using Rig rig = new();
        Dictionary<string, string> files = new(StringComparer.Ordinal)
        {
            ["go.mod"] = "module example.com/crlf\r\n\r\ngo 1.19\r\n",
            [".gitattributes"] = "*.mod text eol=crlf\n",
        };
        GenuineModule module = rig.Source.Publish(
            GenuineModule.Make("example.com/crlf", "v1.0.0", files, "module example.com/crlf\n\ngo 1.19\n"));

        Outcome<StoredFile> outcome = await rig.FileAsync(module, ModuleFileKind.Mod);

        Assert.Equal(module.Mod, outcome.Value!.Bytes.ToArray());
    }

    /// <summary>Seeded storm of spoiled fetches; whatever reaches AdmitAsync must be the genuine bytes with the genuine hashes.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Nothing_but_the_genuine_bytes_ever_reaches_the_store(int seed)
    {
        Random random = new(seed);
        await using Rig rig = new();
        List<GenuineModule> modules = [.. Enumerable.Range(0, 60).Select(
            i => rig.Source.Publish(GenuineModule.Make($"example.com/m{i}", extra: new string('y', random.Next(5000)))))];
        rig.Source.Spoil = staged => Mutate(random, staged);
        foreach (GenuineModule module in modules)
        {
            await rig.FileAsync(module, (ModuleFileKind)random.Next(3));
        }

        Assert.NotEmpty(rig.Store.Admissions);
        Assert.True(rig.Store.Admissions.Count < modules.Count, $"seed {seed}: nothing was spoiled");
        Dictionary<ModuleVersion, GenuineModule> genuine = modules.ToDictionary(module => module.Module);
        foreach (Admission admission in rig.Store.Admissions)
        {
            GenuineModule module = genuine[admission.Facts.Module];
            Assert.Equal((module.ZipHash, module.ModHash), (admission.Facts.ZipHash, admission.Facts.ModHash));
            Assert.Equal(GenuineModule.Digest(admission.Zip), admission.Facts.Zip);
            Assert.Equal(module.Mod, admission.Mod);
            Assert.Equal(GenuineModule.Digest(admission.Info), admission.Facts.Info);
            Assert.Null(InfoFile.Check(admission.Info, module.Module.Version));
        }
    }

    private static void Mutate(Random random, StagedModule staged)
    {
        switch (random.Next(5))
        {
            case 0:
                Rewrite(staged, zip => Flip(random, zip));
                break;
            case 1:
                Rewrite(staged, zip => zip[..random.Next(zip.Length)]);
                break;
            case 2:
                staged.Mod = Flip(random, staged.Mod);
                break;
            case 3:
                staged.Info = Flip(random, staged.Info);
                break;
            default:
                break;
        }
    }

    private static byte[] Flip(Random random, byte[] bytes)
    {
        byte[] flipped = [.. bytes];
        flipped[random.Next(flipped.Length)] ^= (byte)(1 << random.Next(8));
        return flipped;
    }

    private static void Rewrite(StagedModule staged, Func<byte[], byte[]> change) =>
        File.WriteAllBytes(staged.ZipPath, change(File.ReadAllBytes(staged.ZipPath)));

    private static void Link(StagedModule staged)
    {
        string target = staged.ZipPath + ".elsewhere";
        File.Move(staged.ZipPath, target);
        File.CreateSymbolicLink(staged.ZipPath, target);
    }
}
