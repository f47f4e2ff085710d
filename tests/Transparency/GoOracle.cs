using System.Text.Encodings.Web;
using System.Text.Json;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Transparency;

/// <summary>
/// golang.org/x/mod/sumdb as the installed Go has it for its own client, with the program sumdb_oracle.go around it: an independent reading
/// of everything in the Transparency room. Built once for a class of tests.
/// </summary>
public sealed class GoOracle : IAsyncLifetime, IDisposable
{
    private static readonly string[] Packages =
    [
        "internal/lazyregexp/lazyre.go", "module/module.go", "semver/semver.go", "sumdb/cache.go", "sumdb/client.go",
        "sumdb/note/note.go", "sumdb/tlog/note.go", "sumdb/tlog/tile.go", "sumdb/tlog/tlog.go",
    ];

    /// <summary>Go reads hashes only where no character is escaped.</summary>
    private static readonly JsonSerializerOptions Unescaped = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly GoClient go = new("off");

    /// <summary>What is missing; null when Go and the sources of its commands are there.</summary>
    public static string? Missing { get; } = Directory.Exists(SourceFolder()) ? null : "Go or the sources of its commands are missing (golang-go, golang-src)";

    public async Task InitializeAsync()
    {
        if (Missing is not null)
        {
            return;
        }

        foreach (var file in Packages)
        {
            var source = await File.ReadAllTextAsync(Path.Combine(SourceFolder(), file));
            source = source.Replace("golang.org/x/crypto/ed25519", "crypto/ed25519", StringComparison.Ordinal)
                .Replace("\"golang.org/x/mod/", "\"example.com/check/", StringComparison.Ordinal);
            Write(file, source);
        }

        Write("main.go", await File.ReadAllTextAsync(Path.Combine(SourceTree.Root, "tests", "Transparency", "sumdb_oracle.go")));
        Write("go.mod", "module example.com/check\n\ngo 1.19\n");
        (await go.RunAsync(default, "build", "-o", "oracle", ".")).OrFail();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => go.Dispose();

    /// <summary>A log of 600 records that Go made, its heads signed with a key.</summary>
    internal async Task<GoLog> MakeAsync(string signer) => JsonSerializer.Deserialize<GoLog>((await RunAsync("", "make", signer)).OrFail().Output)!;

    /// <summary>What Go says to proofs and texts.</summary>
    internal async Task<GoAnswers> CheckAsync(GoQuestions questions) =>
        JsonSerializer.Deserialize<GoAnswers>((await RunAsync(JsonSerializer.Serialize(questions, Unescaped), "check")).OrFail().Output)!;

    /// <summary>Go's checksum database client, on a database in a folder.</summary>
    internal Task<ChildRun> LookAsync(string folder, string key, params string[] modules) => RunAsync("", ["look", folder, key, .. modules]);

    /// <summary>The record that a c2sp.org/tlog-proof proves to be in the log with this key, or why it proves none.</summary>
    internal Task<ChildRun> ProveAsync(string file, string key) => RunAsync("", "prove", file, key);

    private static string SourceFolder()
    {
        var found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Select(folder => new FileInfo(Path.Combine(folder, "go")))
            .FirstOrDefault(file => file.Exists);
        var program = found?.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? found?.FullName ?? "/";
        return Path.GetFullPath(Path.Combine(program, "..", "..", "src/cmd/vendor/golang.org/x/mod"));
    }

    private async Task<ChildRun> RunAsync(string input, params string[] arguments)
    {
        await File.WriteAllTextAsync(Path.Combine(go.WorkFolder, "input"), input);
        return await ChildProcess.RunAsync("sh", ["-c", "./oracle \"$@\" < input", "oracle", .. arguments], go.WorkFolder, new Dictionary<string, string>(go.Environment), default);
    }

    private void Write(string file, string text)
    {
        var path = Path.Combine(go.WorkFolder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}

/// <summary>A test with Go's own packages; skipped, and counted as such, where they are not.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class GoOracleFactAttribute : FactAttribute
{
    public GoOracleFactAttribute() => Skip = GoOracle.Missing;
}

/// <summary>A proof of a leaf, or of an earlier tree, as Go and the tests hand it to each other; hashes in base64.</summary>
internal sealed record GoProof(bool Tree, long Size, string Root, long N, string Hash, string[]? Hashes);

/// <inheritdoc cref="GoOracle.MakeAsync" />
internal sealed record GoLog(string[] Stored, string[] Roots, GoProof[] Proofs, Dictionary<string, byte[]> Tiles, byte[][] Records, byte[][] Heads);

/// <inheritdoc cref="GoOracle.CheckAsync" />
internal sealed record GoQuestions(IReadOnlyList<GoProof> Proofs, IReadOnlyList<string> Paths, IReadOnlyList<byte[]> Trees, IReadOnlyList<byte[]> Records);

/// <inheritdoc cref="GoOracle.CheckAsync" />
internal sealed record GoAnswers(bool[]? Proofs, string[]? Paths, string[]? Trees, string[]? Records);
