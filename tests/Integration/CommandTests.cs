using System.Diagnostics;
using System.Text.RegularExpressions;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Integration;

/// <summary>The commands as a user types them.</summary>
public sealed partial class CommandTests : IDisposable
{
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(5);

    private readonly TemporaryFolder folder = new("command");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Tools_run_starts_a_node_and_the_pasted_line_is_enough_for_go()
    {
        var repositories = await GoRepositories.SharedAsync();
        var start = new ProcessStartInfo(Path.Combine(SourceTree.Root, "tools", "run"), ["--listen", "127.0.0.1:0", "--data", folder.Folder("data")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ATHENS_UPSTREAM_GOPROXY"] = "direct";
        start.Environment["ATHENS_UPSTREAM_SUMDB"] = "off";
        start.Environment["ATHENS_UPSTREAM_ENV"] = string.Join(';', repositories.GitConfigEnvironment.Select(entry => $"{entry.Key}={entry.Value}"));
        using var run = Process.Start(start)!;
        run.ErrorDataReceived += (_, _) => { };
        run.BeginErrorReadLine();
        try
        {
            var pasted = await PastedLineAsync(run).WaitAsync(BuildLimit);
            using var client = new GoClient("off");
            var go = await ChildProcess.RunAsync(
                "sh", ["-c", $"{pasted}\ngo mod download -json github.com/pkg/errors@v0.9.1"], client.WorkFolder, new Dictionary<string, string>(client.Environment), default);
            using var direct = new GoClient("direct", repositories.GitConfigEnvironment);
            var expected = (await direct.RunAsync(default, "mod", "download", "-json", "github.com/pkg/errors@v0.9.1")).OrFail();
            Assert.Equal(SumLine().Match(expected.Output).Value, SumLine().Match(go.OrFail().Output).Value);
            Assert.NotEmpty(SumLine().Match(expected.Output).Value);
        }
        finally
        {
            run.Kill(entireProcessTree: true);
            await run.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task A_bad_file_never_starts_a_node_and_every_error_has_its_line()
    {
        var file = folder.File("peers.toml");
        await File.WriteAllTextAsync(file, "[node]\nlisten = \"nowhere\"\n[upstream]\nworkers = 500\nproxy = \"direct\"\n");
        foreach (var verb in new[] { new[] { "serve" }, ["config", "check"] })
        {
            var (exitCode, output) = await NodeProcess.RunAsync(null, [.. verb, "--config", file, "--data", folder.Folder("data")]);
            Assert.Equal(2, exitCode);
            foreach (var line in new[] { 2, 4, 5 })
            {
                Assert.Contains($"peers.toml:{line}:", output, StringComparison.Ordinal);
            }

            Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Folder("data")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("serv")]
    [InlineData("serve --listen")]
    [InlineData("serve --colour red")]
    [InlineData("serve --listen nowhere")]
    [InlineData("serve --config /dev/null/peers.toml")]
    public async Task Wrong_use_ends_with_2_and_a_sentence(string arguments)
    {
        var (exitCode, output) = await NodeProcess.RunAsync(null, arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(2, exitCode);
        Assert.NotEmpty(output);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("serve --listen 127.0.0.1:0")]
    [InlineData("store verify")]
    [InlineData("store rebuild")]
    [InlineData("store import /nowhere")]
    public async Task A_data_folder_that_cannot_be_ends_with_1_and_a_sentence(string arguments)
    {
        var (exitCode, output) = await NodeProcess.RunAsync(null, [.. arguments.Split(' '), "--data", "/dev/null/x"]);
        Assert.Equal(1, exitCode);
        Assert.StartsWith("athens: ", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_says_what_the_node_is_built_on()
    {
        var (exitCode, output) = await NodeProcess.RunAsync(null, "version");
        Assert.Equal(0, exitCode);
        foreach (var part in new[] { "athens", ".NET", "SQLite", "Tomlyn", "NSec.Cryptography", "Google.Protobuf", "Grpc.AspNetCore", "Grpc.Net.Client", "OpenTelemetry.Exporter.Zipkin" })
        {
            Assert.Contains(part, output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_port_in_use_is_one_sentence()
    {
        using var first = new NodeFolder();
        using var second = new NodeFolder();
        await using var node = await first.StartAsync();
        var (exitCode, output) = await second.RunAsync(null, "serve", "--listen", node.Url.Authority);
        Assert.Equal(1, exitCode);
        Assert.Contains("in use", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_in_use_is_one_sentence()
    {
        using var folders = new NodeFolder();
        await using var node = await folders.StartAsync();
        var (exitCode, output) = await folders.RunAsync(null, "serve", "--listen", "127.0.0.1:0");
        Assert.Equal(1, exitCode);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.Contains(folders.Data, output, StringComparison.Ordinal);
    }

    private static async Task<string> PastedLineAsync(Process run)
    {
        while (await run.StandardOutput.ReadLineAsync() is { } line)
        {
            if (ExportLine().Match(line) is { Success: true } match)
            {
                return match.Value;
            }
        }

        throw new InvalidOperationException("tools/run ended without a line to paste");
    }

    [GeneratedRegex(@"export GOPROXY=http://127\.0\.0\.1:\d+")]
    private static partial Regex ExportLine();

    [GeneratedRegex("\"Sum\": \"h1:[^\"]+\"")]
    private static partial Regex SumLine();
}
