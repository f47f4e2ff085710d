using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Retrieval.Records;
using Athens.Federation.Node.Storage;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Protocol;
using Athens.Federation.Tests.Provenance.OwnLog;
using Athens.Federation.Tests.Storage;
using Athens.Federation.Tests.Support;
using Athens.Federation.Tests.Transparency;
using Microsoft.Extensions.Logging.Abstractions;

namespace Athens.Federation.Tests.Retrieval.Records;

/// <summary>Go's reference client (golang.org/x/mod/sumdb) reads the log over HTTP: ten thousand records, while more are appended.</summary>
public sealed class GoReadsLogTests : IClassFixture<GoOracle>, IDisposable
{
    private const int Records = 10_000;
    private const int More = 2_000;

    private readonly GoOracle go;
    private readonly Tests.Storage.TemporaryFolder folder = new();

    public GoReadsLogTests(GoOracle go) => this.go = go;

    public void Dispose() => folder.Dispose();

    [GoOracleFact]
    public async Task Go_finds_all_of_ten_thousand_records_while_more_are_appended()
    {
        using var key = SigningKey.Create("node/0123abcd");
        await using var logStore = SqliteLogStore.Open(new StoreLayout(folder.Path));
        await using var log = await NodeLog.OpenAsync(logStore, key, null, NullLogger.Instance, default);
        await AppendAsync(log, 0, Records);
        await using var store = await DiskStore.OpenAsync(folder["store"]);
        using var records = new ModuleRecords(store, log, "");
        var database = new OwnChecksumDatabase(log, records, new RetrievalTwin(), store, NullLogger<OwnChecksumDatabase>.Instance);
        await using var front = await FrontHost.StartAsync(null, [], [database]);
        var address = $"{front.Address.GetLeftPart(UriPartial.Authority)}/sumdb/{key.Name}";

        // One client with a long memory for all of them, and fresh ones that meet the log at many sizes.
        var all = go.LookAsync(address, key.Verifier.ToString(), [.. Enumerable.Range(0, Records).Select(Name)]);
        for (var at = Records; at < Records + More; at += 50)
        {
            await AppendAsync(log, at, 50);
        }

        var run = (await all).OrFail();
        Assert.Equal(Records, run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains(SampleRecord.Of(9_999).ZipHash, run.Output, StringComparison.Ordinal);
        foreach (var fresh in new[] { 0, 255, 256, 9_999, Records + More - 1 })
        {
            Assert.Contains(SampleRecord.Of(fresh).ZipHash, (await go.LookAsync(address, key.Verifier.ToString(), Name(fresh))).OrFail().Output, StringComparison.Ordinal);
        }
    }

    private static string Name(int i) => SampleRecord.Module(i).ToString();

    private static Task<AppendOutcome[]> AppendAsync(NodeLog log, int first, int count) =>
        Task.WhenAll(Enumerable.Range(first, count).Select(i => log.AppendAsync(SampleRecord.Of(i), default, default)));
}
