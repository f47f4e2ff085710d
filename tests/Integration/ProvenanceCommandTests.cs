using System.Globalization;
using System.Text;
using System.Text.Json;
using Athens.Federation.Node.Modules;
using Athens.Federation.Tests.Transparency;

namespace Athens.Federation.Tests.Integration;

/// <summary><c>athens provenance</c> and <c>athens verify</c> as they are typed, over a node that holds what it has fetched and what was imported.</summary>
public sealed class ProvenanceCommandTests : IClassFixture<GoOracle>, IClassFixture<ProvenanceCommandTests.Held>
{
    private readonly GoOracle go;
    private readonly Held held;

    public ProvenanceCommandTests(GoOracle go, Held held)
    {
        this.go = go;
        this.held = held;
    }

    [Fact]
    public async Task A_project_of_a_thousand_lines_is_proven_and_nothing_is_printed_but_the_sum()
    {
        Assert.Equal((0, "1000 lines: 1000 proven, 0 unknown, 0 wrong\n"), await VerifyAsync(held.Lines));
        var (exitCode, output) = await VerifyAsync(held.Lines.Take(2), "--verbose");
        Assert.Equal(0, exitCode);
        Assert.StartsWith("line 1: proven: example.org/storm/m0@v1.0.0: this node has recorded these hashes itself\nline 2: proven: ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "WRONG: example.org/storm/m0@v1.0.0: h1:")]
    [InlineData(1, "WRONG: example.org/storm/m0@v1.0.0 go.mod: h1:")]
    public async Task One_wrong_hash_is_a_security_failure_and_names_what_is_believed(int line, string expected)
    {
        string[] lines = [.. held.Lines];
        lines[line] = lines[line].Split("h1:")[0] + "h1:" + Convert.ToBase64String(new byte[32]);
        var (exitCode, output) = await VerifyAsync(lines.Append("example.org/nobody v1.0.0 h1:x"));
        Assert.Equal(3, exitCode);
        Assert.StartsWith($"line {line + 1}: {expected}", output, StringComparison.Ordinal);
        Assert.Contains("line 1001: unknown: example.org/nobody@v1.0.0: observed by no organization", output, StringComparison.Ordinal);
        Assert.EndsWith("1001 lines: 999 proven, 1 unknown, 1 wrong\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_nobody_knows_ends_with_its_own_exit_code_and_json_has_every_line()
    {
        var (exitCode, output) = await VerifyAsync(["", "example.org/nobody v1.0.0/go.mod h1:x\r", held.Lines[0], ""], "--json");
        Assert.Equal(1, exitCode);
        var json = JsonDocument.Parse(output).RootElement;
        Assert.Equal((1, 1, 0), (json.GetProperty("proven").GetInt32(), json.GetProperty("unknown").GetInt32(), json.GetProperty("wrong").GetInt32()));
        Assert.Equal(["go.mod unknown", "zip proven"], json.GetProperty("lines").EnumerateArray()
            .Select(line => $"{line.GetProperty("file").GetString()} {line.GetProperty("standing").GetString()}"));
    }

    [Theory]
    [InlineData("\u0000\u0001\u001b[31m\u0007 \u009b", "line 1")]
    [InlineData("example.org/a v1.0.0", "line 1 is none of a go.sum: it does not have three words")]
    [InlineData("example.org/a v1.0.0 h1:x\n../../etc v1.0.0 h1:x", "line 2 is none of a go.sum")]
    [InlineData("example.org/a latest h1:x", "line 1 is none of a go.sum")]
    public async Task A_file_that_is_no_go_sum_is_refused_in_one_printable_sentence(string content, string expected)
    {
        var (exitCode, output) = await VerifyAsync([content]);
        Assert.Equal(2, exitCode);
        Assert.Contains(expected, output, StringComparison.Ordinal);
        Assert.DoesNotContain(output.TrimEnd('\n'), char.IsControl);
    }

    [Fact]
    public async Task The_provenance_of_a_module_version_is_seen_at_a_glance()
    {
        var (exitCode, output) = await RunAsync("provenance", "example.org/storm/m0@v1.0.0");
        Assert.Equal(0, exitCode);
        var zip = held.Lines[0].Split(' ')[2];
        Assert.Matches(
            "^module      example\\.org/storm/m0@v1\\.0\\.0\nverdict     believed: this node has recorded these hashes itself\n"
            + "zip         h1:.*\ngo\\.mod      h1:.*\npublic      no proof\nrecords     this node  -  observed  [0-9]{4}-.*Z  \\S+#[0-9]+\n$",
            output);
        Assert.Contains(zip, output, StringComparison.Ordinal);
        (exitCode, output) = await RunAsync("provenance", "example.org/storm/m0@v1.0.0", "--json");
        Assert.Equal(0, exitCode);
        var json = JsonDocument.Parse(output).RootElement;
        Assert.Equal(("Believed", "OwnRecord", zip), (json.GetProperty("verdict").GetString(), json.GetProperty("step").GetString(), json.GetProperty("zip").GetString()));
        Assert.Equal("observed", Assert.Single(json.GetProperty("records").EnumerateArray()).GetProperty("how").GetString());
    }

    [Theory]
    [InlineData("example.org/nobody@v1.0.0", 1, "nothing is known of example.org/nobody@v1.0.0")]
    [InlineData("example.org/nobody", 2, "name one module version")]
    [InlineData("../a@v1.0.0", 2, "name one module version")]
    public async Task What_is_not_known_or_no_module_version_is_told(string word, int expected, string words)
    {
        var (exitCode, output) = await RunAsync("provenance", word);
        Assert.Equal(expected, exitCode);
        Assert.Contains(words, output, StringComparison.Ordinal);
    }

    [GoOracleFact]
    public async Task Gos_own_code_takes_the_proof_of_a_record()
    {
        var file = held.Node.Folder.Scratch("m3.tlog-proof");
        var (exitCode, output) = await RunAsync("provenance", "example.org/storm/m3@v1.0.0", "--tlog-proof", file);
        Assert.True(exitCode == 0, output);
        var key = (await RunAsync("key", "gosumdb")).Output.Trim();
        var proven = await go.ProveAsync(file, key);
        Assert.StartsWith($"{held.Lines[6]}\n{held.Lines[7]}\nzip sha256:", proven.OrFail().Output, StringComparison.Ordinal);
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[60] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);
        Assert.NotEqual(0, (await go.ProveAsync(file, key)).ExitCode);
        Assert.Equal(1, (await RunAsync("provenance", "example.org/nobody@v1.0.0", "--tlog-proof", file)).ExitCode);
    }

    private Task<(int ExitCode, string Output)> RunAsync(params string[] verb) => held.Node.Folder.RunAsync(null, verb);

    private async Task<(int ExitCode, string Output)> VerifyAsync(IEnumerable<string> lines, params string[] flags)
    {
        var file = held.Node.Folder.Scratch(Guid.NewGuid().ToString("N"));
        await File.WriteAllTextAsync(file, string.Join('\n', lines));
        return await RunAsync(["verify", file, .. flags]);
    }

    /// <summary>A running node that has observed five hundred module versions.</summary>
    public sealed class Held : IAsyncLifetime
    {
        internal PeerNode Node { get; private set; } = null!;

        /// <summary>Of a go.sum that has them all.</summary>
        internal string[] Lines { get; private set; } = [];

        public async Task InitializeAsync()
        {
            Node = await PeerNode.CreateAsync("held");
            var proxy = Path.GetDirectoryName(Node.Folder.Scratch("proxy/x"))!;
            var stems = SyntheticProxy.Write(proxy, modules: 500, versionsOfEach: 1);
            await Node.ObserveAsync(proxy);
            Lines = [.. stems.SelectMany(stem => LinesOf(proxy, stem))];
            await Node.StartAsync();
            await RecordedAsync();
        }

        public async Task DisposeAsync() => await Node.DisposeAsync();

        private string[] LinesOf(string proxy, string stem)
        {
            var module = stem.Split("/@v/");
            var zip = File.ReadAllText(Path.Combine(Node.Folder.Download, stem + ".ziphash")).Trim();
            var mod = DirHash.OfGoMod(File.ReadAllBytes(Path.Combine(proxy, stem + ".mod")));
            return [$"{module[0]} {module[1]} {zip}", $"{module[0]} {module[1]}/go.mod {mod}"];
        }

        /// <summary>What the node held before it started comes into its log soon after.</summary>
        private async Task RecordedAsync()
        {
            var name = (await Node.Folder.RunAsync(null, "key", "gosumdb")).Output.Split('+')[0];
            for (var tries = 0; tries < 3000; tries++)
            {
                var latest = await Node.GetAsync($"/sumdb/{name}/latest");
                if (latest.Status == 200 && Encoding.UTF8.GetString(latest.Body).Split('\n')[1] == 500.ToString(CultureInfo.InvariantCulture))
                {
                    return;
                }

                await ShortPause.TakeAsync();
            }

            Assert.Fail("not all that is held was recorded");
        }
    }
}
