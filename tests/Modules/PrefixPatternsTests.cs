using System.Globalization;
using System.Text;
using Athens.Federation.Node.Modules;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Modules;

public sealed class PrefixPatternsTests
{
    private const string Alphabet = "ab/*?[]^-\\.";

    private const int Seed = 20261120;

    /// <summary>Patterns, names and results out of Go's own tests of path.Match.</summary>
    public static TheoryData<string, string, bool> GoCases => new()
    {
        { "abc", "abc", true }, { "*", "abc", true }, { "*c", "abc", true }, { "a*", "a", true }, { "a*", "abc", true },
        { "a*", "ab/c", false }, { "a*/b", "abc/b", true }, { "a*/b", "a/c/b", false },
        { "a*b*c*d*e*/f", "axbxcxdxe/f", true }, { "a*b*c*d*e*/f", "axbxcxdxexxx/f", true },
        { "a*b*c*d*e*/f", "axbxcxdxe/xxx/f", false }, { "a*b*c*d*e*/f", "axbxcxdxexxx/fff", false },
        { "a*b?c*x", "abxbbxdbxebxczzx", true }, { "a*b?c*x", "abxbbxdbxebxczzy", false },
        { "ab[c]", "abc", true }, { "ab[b-d]", "abc", true }, { "ab[e-g]", "abc", false }, { "ab[^c]", "abc", false },
        { "ab[^b-d]", "abc", false }, { "ab[^e-g]", "abc", true }, { "a\\*b", "a*b", true }, { "a\\*b", "ab", false },
        { "a?b", "a☺b", true }, { "a[^a]b", "a☺b", true }, { "a???b", "a☺b", false }, { "a[^a][^a][^a]b", "a☺b", false },
        { "[a-ζ]*", "α", true }, { "*[a-ζ]", "A", false }, { "a?b", "a/b", false }, { "a*b", "a/b", false },
        { "[\\]a]", "]", true }, { "[\\-]", "-", true }, { "[x\\-]", "x", true }, { "[x\\-]", "-", true },
        { "[x\\-]", "z", false }, { "[\\-x]", "x", true }, { "[\\-x]", "-", true }, { "[\\-x]", "a", false },
        { "[]a]", "]", false }, { "[-]", "-", false }, { "[x-]", "x", false }, { "[x-]", "-", false }, { "[-x]", "x", false },
        { "\\", "a", false }, { "[a-b-c]", "a", false }, { "[", "a", false }, { "[^", "a", false }, { "[^bc", "a", false },
        { "a[", "a", false }, { "a[", "ab", false }, { "a[", "x", false }, { "a/b[", "x", false }, { "*x", "xxx", true },
    };

    [Theory]
    [MemberData(nameof(GoCases))]
    public void Globs_match_as_in_Gos_own_tests(string glob, string name, bool matches) =>
        Assert.Equal(matches, PathGlob.IsMatch(Encoding.UTF8.GetBytes(glob), Encoding.UTF8.GetBytes(name)));

    [Theory]
    [InlineData("", "a.com/b", false)]
    [InlineData(",", "a.com/b", false)]
    [InlineData("/", "a.com/b", false)]
    [InlineData("a.com", "a.com/b", true)]
    [InlineData("a.com", "a.com", true)]
    [InlineData("a.com/", "a.com/b", true)]
    [InlineData("a.com//", "a.com/b", false)]
    [InlineData("a.com/b/c", "a.com/b", false)]
    [InlineData("a.com/b", "a.com/bc", false)]
    [InlineData("a.com/b", "a.com/b/c/d", true)]
    [InlineData("*.com", "a.com/b", true)]
    [InlineData("*", "a.com/b", true)]
    [InlineData("*/*", "a.com", false)]
    [InlineData("x,*/b,y", "a.com/b/c", true)]
    [InlineData("[,a.com", "a.com/b", true)]
    [InlineData(" a.com", "a.com/b", false)]
    [InlineData("A.com", "a.com/b", false)]
    public void A_glob_is_compared_with_as_many_leading_elements_as_it_has(string globs, string path, bool matches) =>
        Assert.Equal(matches, new PrefixPatterns(globs).Matches(path));

    [Theory]
    [InlineData("github.com/a*,*/x/y")]
    [InlineData("github.com")]
    [InlineData("*.com/[a-c]bc")]
    [InlineData("github.com/x/,[")]
    [InlineData("github.com/[^a-c]*/?")]
    [InlineData("github.com/a[,github.com/x/y/z/w")]
    [InlineData("g*h*.c*m/*b*c*,nothing")]
    [InlineData("github.com//x")]
    [InlineData("github.com/\\x/z")]
    public async Task Real_go_takes_the_same_paths_for_private(string globs)
    {
        string[] paths = ["github.com/abc/d", "github.com/bcd/e", "github.com/x/y/z", "github.com/x/z", "github.com/a/b", "github.com/a-bc-/c"];
        using GoClient go = new("off", new Dictionary<string, string>
        {
            // Private paths go past the proxy, straight to GOVCS, which refuses them: no network, and two different sentences.
            ["GOPRIVATE"] = globs,
            ["GOVCS"] = "*:off",
        });
        string[] query = ["list", "-m", "-e", "-f", "{{.Path}} {{.Error}}", .. paths.Select(static path => path + "@v1.0.0")];
        ChildRun run = (await go.RunAsync(CancellationToken.None, query)).OrFail();
        string[] lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(paths.Length, lines.Length);
        PrefixPatterns patterns = new(globs);
        Assert.All(paths.Zip(lines), pair =>
        {
            bool isPrivate = pair.Second.Contains("GOVCS", StringComparison.Ordinal);
            Assert.True(isPrivate || pair.Second.Contains("disabled by GOPROXY=off", StringComparison.Ordinal), pair.Second);
            Assert.Equal(isPrivate, patterns.Matches(pair.First));
        });
    }

    [Fact]
    public async Task Twenty_thousand_random_globs_match_as_in_the_real_path_Match()
    {
        Random random = new(Seed);
        (string Glob, string Name)[] cases = [.. Enumerable.Range(0, 20_000).Select(_ => (RandomText(random, Alphabet, 9), RandomText(random, "ab/-", 7)))];
        using GoClient go = new("off");
        await File.WriteAllTextAsync(Path.Combine(go.WorkFolder, "main.go"), MatchProgram);
        await File.WriteAllLinesAsync(Path.Combine(go.WorkFolder, "cases"), cases.Select(static one => $"{one.Glob} {one.Name}"));
        string[] answers = (await go.RunAsync(CancellationToken.None, "run", "main.go")).OrFail().Output.Split('\n');
        int matched = 0;
        for (int i = 0; i < cases.Length; i++)
        {
            (string glob, string name) = cases[i];
            bool expected = answers[i] == "true";
            matched += expected ? 1 : 0;
            bool actual = PathGlob.IsMatch(Encoding.UTF8.GetBytes(glob), Encoding.UTF8.GetBytes(name));
            Assert.True(expected == actual, string.Create(CultureInfo.InvariantCulture, $"seed {Seed}: {glob} on {name}: go says {expected}"));
        }

        Assert.InRange(matched, 100, cases.Length / 2);
    }

    private const string MatchProgram =
        """
        package main

        import (
            "bufio"
            "fmt"
            "os"
            "path"
            "strings"
        )

        func main() {
            file, _ := os.Open("cases")
            lines := bufio.NewScanner(file)
            out := bufio.NewWriter(os.Stdout)
            defer out.Flush()
            for lines.Scan() {
                glob, name, _ := strings.Cut(lines.Text(), " ")
                matched, _ := path.Match(glob, name)
                fmt.Fprintln(out, matched)
            }
        }
        """;

    private static string RandomText(Random random, string alphabet, int longest) =>
        new([.. Enumerable.Range(0, random.Next(longest + 1)).Select(_ => alphabet[random.Next(alphabet.Length)])]);
}
