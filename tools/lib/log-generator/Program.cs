using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Storage;
using Microsoft.Extensions.Logging.Abstractions;

// Fills the log of a node that does not run with records of modules that nobody has, by the node's own log: arguments are the data
// folder, how many, and how many more one after the other. Prints the log's name and how long both took.
var (data, count) = (args[0], int.Parse(args[1], CultureInfo.InvariantCulture));
Directory.CreateDirectory(data);
using var keys = NodeKeys.Open(data, "bench");
await using var store = SqliteLogStore.Open(new StoreLayout(data));
await using var log = await NodeLog.OpenAsync(
    store, keys.Log, HeadMark.Open(data, keys.Log.Name), NullLogger.Instance, CancellationToken.None);
var start = TimeProvider.System.GetTimestamp();
foreach (var batch in Enumerable.Range(0, count).Chunk(4096))
{
    await Task.WhenAll(batch.Select(i => log.AppendAsync(Record(i), default, CancellationToken.None)));
}

var together = TimeProvider.System.GetElapsedTime(start);
var more = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 0;
start = TimeProvider.System.GetTimestamp();
for (var i = count; i < count + more; i++)
{
    await log.AppendAsync(Record(i), default, CancellationToken.None);
}

Console.WriteLine(log.Name);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} together in {together.TotalSeconds:0.000} s"));
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{more} one by one in {TimeProvider.System.GetElapsedTime(start).TotalSeconds:0.000} s"));

static ModuleRecord Record(int i)
{
    var digest = SHA256.HashData(BitConverter.GetBytes(i));
    var path = string.Create(CultureInfo.InvariantCulture, $"github.com/bench-{i % 5000}/library-{i / 50}");
    var version = string.Create(CultureInfo.InvariantCulture, $"v1.{i % 50}.{i % 7}");
    return new ModuleRecord
    {
        Module = ModuleVersion.Create(path, version, out _)!,
        ZipHash = "h1:" + Convert.ToBase64String(digest),
        ModHash = "h1:" + Convert.ToBase64String(SHA256.HashData(digest)),
        Zip = new RecordedFile(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path))), 10_000 + (i % 1_000_000)),
        Info = new RecordedFile(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path + version))), 200),
        Origin = $"git https://{path} refs/tags/{version} {Convert.ToHexStringLower(digest.AsSpan(0, 20))}",
        Provenance = "2026-11-20T16:56:00Z direct go1.23.5",
    };
}
