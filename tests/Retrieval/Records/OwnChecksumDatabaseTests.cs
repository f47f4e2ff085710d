using System.Text;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Retrieval.Records;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Protocol;
using Athens.Federation.Tests.Provenance.OwnLog;
using Microsoft.Extensions.Logging.Abstractions;

namespace Athens.Federation.Tests.Retrieval.Records;

/// <summary>Look-ups: what is not recorded yet is retrieved and recorded first, and every other end is told apart.</summary>
public sealed class OwnChecksumDatabaseTests : IAsyncLifetime
{
    private readonly RetrievalTwin retrieval = new();
    private RecordsRig rig = null!;
    private OwnChecksumDatabase database = null!;

    public async Task InitializeAsync()
    {
        rig = await RecordsRig.StartAsync();
        database = new OwnChecksumDatabase(rig.Log, rig.Records, retrieval, rig.Store, NullLogger<OwnChecksumDatabase>.Instance);
    }

    public async Task DisposeAsync() => await rig.DisposeAsync();

    [Fact]
    public async Task What_is_not_recorded_is_retrieved_and_recorded_before_it_is_answered()
    {
        var module = Storage.SampleModule.Make();
        retrieval.Put(module.Module.Path, module.Module.Version, ModuleFileKind.Info, () =>
        {
            module.AdmitAsync(rig.Store).GetAwaiter().GetResult();
            return new StoredFile(module.Info, module.Facts.Info, default);
        });
        var answer = await LookupAsync(module.Module);
        Assert.Contains($"{module.Module.Path} v1.0.0 {module.Facts.ZipHash}\n", Encoding.UTF8.GetString(answer.Record.Text.Span), StringComparison.Ordinal);
        Assert.Equal(1, GoTreeHead.Parse(answer.Head.Text, out _)!.Value.Size);

        var asked = 0;
        retrieval.Asked = (_, _) => asked++;
        Assert.Equal(0, (await LookupAsync(module.Module)).Record.Index);
        Assert.Equal(0, asked);
    }

    [Fact]
    public async Task Many_that_ask_at_once_get_one_record()
    {
        var module = await rig.HoldAsync();
        retrieval.Put(module.Module.Path, module.Module.Version, ModuleFileKind.Info, module.Info);
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => LookupAsync(module.Module))));
        Assert.All(answers, answer => Assert.Equal(0, answer.Record.Index));
        Assert.Equal(1, rig.Log.Head!.Tree.Size);
    }

    [Theory]
    [InlineData(OutcomeKind.Absent)]
    [InlineData(OutcomeKind.NotHeld)]
    [InlineData(OutcomeKind.Forbidden)]
    [InlineData(OutcomeKind.Conflicting)]
    [InlineData(OutcomeKind.Unavailable)]
    [InlineData(OutcomeKind.OutOfSpace)]
    public async Task What_cannot_be_retrieved_ends_as_a_download_of_it_does(object kind)
    {
        retrieval.Failing["example.com/m"] = (OutcomeKind)kind;
        var outcome = await database.LookupAsync(ModuleVersion.Create("example.com/m", "v1.0.0", out _)!, default);
        Assert.Equal((OutcomeKind)kind, outcome.Kind);
        Assert.NotEmpty(outcome.Reason);
        Assert.Equal(0, rig.Log.Head!.Tree.Size);
    }

    [Fact]
    public async Task Other_hashes_than_recorded_are_a_conflict()
    {
        var module = await rig.HoldAsync();
        retrieval.Put(module.Module.Path, module.Module.Version, ModuleFileKind.Info, module.Info);
        await rig.Log.AppendAsync(SampleRecord.Of(0) with { Module = ModuleVersion.Create("example.com/other", "v1.0.0", out _)! }, default, default);
        var facts = (await rig.Store.FindAsync(module.Module, default))!;
        await rig.Log.AppendAsync(SampleRecord.Of(1) with { Module = module.Module }, default, default);
        var appended = await rig.Records.AppendAsync(facts, default);
        Assert.Equal(Node.Provenance.OwnLog.AppendKind.Conflicting, appended!.Value.Kind);
    }

    [Fact]
    public async Task A_log_that_cannot_be_written_is_this_nodes_fault_and_never_an_absence()
    {
        var module = await rig.HoldAsync();
        retrieval.Put(module.Module.Path, module.Module.Version, ModuleFileKind.Info, module.Info);
        rig.LogStore.Fault = CommitFault.NothingStored;
        var outcome = await database.LookupAsync(module.Module, default);
        Assert.Equal(OutcomeKind.Faulty, outcome.Kind);
        Assert.Contains("no space left", outcome.Reason, StringComparison.Ordinal);
        rig.LogStore.Fault = CommitFault.None;
        Assert.Equal(0, (await LookupAsync(module.Module)).Record.Index);
    }

    [Fact]
    public async Task Files_are_given_under_the_logs_name()
    {
        var module = await rig.HoldAsync();
        await rig.Records.AppendAsync((await rig.Store.FindAsync(module.Module, default))!, default);
        Assert.Equal("node/0123abcd", database.Name);
        Assert.Equal(rig.Log.Head!.Latest.ToArray(), (await database.ReadAsync("latest", default)).Value!.Body.ToArray());
        Assert.True((await database.ReadAsync("tile/8/0/000.p/1", default)).Value!.IsImmutable);
        Assert.Equal(OutcomeKind.NotHeld, (await database.ReadAsync("tile/8/0/000.p/2", default)).Kind);
    }

    private async Task<LookupAnswer> LookupAsync(ModuleVersion module)
    {
        var outcome = await database.LookupAsync(module, default);
        Assert.True(outcome.IsFound, outcome.Reason);
        var answer = LookupAnswer.Parse(outcome.Value!.Body.Span, out var reason);
        Assert.Null(reason);
        return answer!;
    }
}
