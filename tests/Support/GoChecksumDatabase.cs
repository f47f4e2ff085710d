using System.Diagnostics;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Tests.Support;

/// <summary>
/// Go's own checksum database server (golang.org/x/mod/sumdb, as the installed Go ships it) in a process of its own: the database that the
/// node did not write. Its records are the files of a folder.
/// </summary>
internal sealed class GoChecksumDatabase : IDisposable
{
    private const string Program =
        """
        package main

        import (
            "fmt"
            "net"
            "net/http"
            "os"
            "path/filepath"
            "strings"

            "golang.org/x/mod/sumdb"
        )

        func main() {
            key, records, base, listen := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
            server := sumdb.NewServer(sumdb.NewTestServer(key, func(path, vers string) ([]byte, error) {
                return os.ReadFile(filepath.Join(records, strings.ReplaceAll(path, "/", ",")+"@"+vers))
            }))
            listener, err := net.Listen("tcp", listen)
            if err != nil {
                fmt.Println(err)
                os.Exit(1)
            }
            fmt.Println(listener.Addr())
            http.Serve(listener, http.StripPrefix(base, server))
        }
        """;

    private static readonly Lazy<Task<string>> Built = new(BuildAsync);

    private readonly TemporaryFolder records = new("sumdb-records");
    private readonly SigningKey key;
    private readonly string? desk;
    private Process? process;

    private GoChecksumDatabase(SigningKey key, string? desk)
    {
        this.key = key;
        this.desk = desk;
        Address = desk is null ? Address : $"{OnLan.Office.Address(desk)}:8080";
    }

    /// <summary>Where it listens; the path is the name's.</summary>
    public string Address { get; private set; } = "127.0.0.1:0";

    /// <summary>GOSUMDB of a client that reaches it through its proxy.</summary>
    public string GoSumDb => key.Verifier.ToString();

    /// <summary>GOSUMDB of whoever asks it itself.</summary>
    public string GoSumDbWithUrl => $"{key.Verifier} http://{Address}{Base}";

    public string Name => key.Name;

    private string Base => key.Name[key.Name.IndexOf('/', StringComparison.Ordinal)..];

    /// <param name="name">With a slash in it.</param>
    /// <param name="desk">Where in an office it stands; null: on this machine.</param>
    public static async Task<GoChecksumDatabase> StartAsync(string name = "sum.example.org/public/db", string? desk = null)
    {
        var database = new GoChecksumDatabase(SigningKey.Create(name), desk);
        await database.StartAsync();
        return database;
    }

    /// <summary>Makes the record of a module version; it enters the log when it is first looked up.</summary>
    public void Publish(string path, string version, string zipHash, string modHash) => File.WriteAllText(
        records.File($"{path.Replace('/', ',')}@{version}"), $"{path} {version} {zipHash}\n{path} {version}/go.mod {modHash}\n");

    /// <summary>As kill -9; another one begins with an empty log.</summary>
    public void Stop()
    {
        process!.Kill();
        process.WaitForExit();
        process.Dispose();
        process = null;
    }

    /// <summary>Starts it at the same address, with an empty log.</summary>
    public async Task StartAsync()
    {
        var program = await Built.Value;
        string[] arguments = [key.ExportText(), records.Path, Base, Address];
        var start = desk is null ? new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true } : OnLan.Office.At(desk, [program, .. arguments]);
        process = Process.Start(start)!;
        Address = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("the checksum database did not start");
    }

    public void Dispose()
    {
        if (process is not null)
        {
            Stop();
        }

        key.Dispose();
        records.Dispose();
    }

    /// <summary>Compiles it once for a test run.</summary>
    private static async Task<string> BuildAsync()
    {
        var go = new GoClient("off", new Dictionary<string, string> { ["GOFLAGS"] = "-mod=mod" });
        AppDomain.CurrentDomain.ProcessExit += (_, _) => go.Dispose();
        var root = (await go.RunAsync(default, "env", "GOROOT")).OrFail().Output.Trim();
        var source = Path.Combine(root, "src/cmd/vendor/golang.org/x/mod");
        foreach (var file in Directory.EnumerateFiles(source, "*.go", SearchOption.AllDirectories))
        {
            var target = Path.Combine(go.WorkFolder, "mod", Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            var text = await File.ReadAllTextAsync(file);
            await File.WriteAllTextAsync(target, text.Replace("golang.org/x/crypto/ed25519", "crypto/ed25519", StringComparison.Ordinal));
        }

        await File.WriteAllTextAsync(Path.Combine(go.WorkFolder, "mod", "go.mod"), "module golang.org/x/mod\n\ngo 1.19\n");
        await File.WriteAllTextAsync(Path.Combine(go.WorkFolder, "main.go"), Program);
        await File.WriteAllTextAsync(
            Path.Combine(go.WorkFolder, "go.mod"),
            "module example.org/database\n\ngo 1.19\n\nrequire golang.org/x/mod v0.0.0\n\nreplace golang.org/x/mod => ./mod\n");
        (await go.RunAsync(default, "build", "-o", "database", ".")).OrFail();
        return Path.Combine(go.WorkFolder, "database");
    }
}
