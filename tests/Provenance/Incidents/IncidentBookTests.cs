using System.Text;
using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Provenance.OwnLog;

namespace Athens.Federation.Tests.Provenance.Incidents;

/// <summary>What is quarantined by which evidence, for how long, and who decides that it ends.</summary>
public sealed class IncidentBookTests
{
    [Fact]
    public async Task Conflicting_records_of_trusted_logs_quarantine_the_module_version_and_outlive_a_start()
    {
        await using var rig = await BookRig.OpenAsync();
        var changes = 0;
        rig.Book.Changed += () => changes++;
        var evidence = rig.Cases.All["records signed"];
        var id = await rig.ReportAsync(evidence);
        Assert.Equal(Evidence.IdOf(evidence), id);
        Assert.Contains(id!, rig.Book.WhyQuarantined(SampleRecord.Module(1)), StringComparison.Ordinal);
        Assert.Null(rig.Book.WhyQuarantined(SampleRecord.Module(2)));
        Assert.Null(rig.Book.WhyQuarantined(rig.Cases.A.Verifier));

        await rig.ReopenAsync();
        Assert.NotNull(rig.Book.WhyQuarantined(SampleRecord.Module(1)));
        Assert.Equal(evidence, (await rig.Book.EvidenceAsync(id!, default))!.Value.ToArray());
        Assert.Equal(evidence, await File.ReadAllBytesAsync(Assert.Single(rig.Files)));
        Assert.Equal(id, await rig.ReportAsync(evidence));
        Assert.Equal((1, 1), (rig.Book.All.Count, changes));
    }

    [Theory]
    [InlineData("one log, two records")]
    [InlineData("fork of one size")]
    [InlineData("fork of two sizes")]
    [InlineData("wrong record")]
    public async Task A_guilty_log_key_is_quarantined_and_nothing_else(string name)
    {
        await using var rig = await BookRig.OpenAsync();
        Assert.NotNull(await rig.ReportAsync(rig.Cases.All[name]));
        await rig.ReopenAsync();
        Assert.NotNull(rig.Book.WhyQuarantined(rig.Cases.A.Verifier));
        Assert.Null(rig.Book.WhyQuarantined(rig.Cases.B.Verifier));
        Assert.Null(rig.Book.WhyQuarantined(SampleRecord.Module(1)));
    }

    [Fact]
    public async Task A_cleared_incident_does_not_come_back_by_the_same_disagreement_nor_by_a_start()
    {
        await using var rig = await BookRig.OpenAsync();
        var id = (await rig.ReportAsync(rig.Cases.All["records signed"]))!;
        Assert.True(await rig.Book.ClearAsync(id, "ada", "upstream confirmed the first", default));
        Assert.False(await rig.Book.ClearAsync(id, "ada", "again", default));
        Assert.False(await rig.Book.ClearAsync("0123456789abcdef", "ada", "unknown", default));
        Assert.Null(rig.Book.WhyQuarantined(SampleRecord.Module(1)));

        await rig.ReopenAsync();
        Assert.Equal(id, await rig.ReportAsync(rig.Cases.All["records signed"]));
        Assert.Equal(id, await rig.ReportAsync(rig.Cases.All["records in trees"]));
        Assert.Null(rig.Book.WhyQuarantined(SampleRecord.Module(1)));
        var incident = Assert.Single(rig.Book.All);
        Assert.Equal(("ada", "upstream confirmed the first"), (incident.Cleared!.By, incident.Cleared.Because));

        // Another disagreement about the same module version is another incident.
        Assert.NotEqual(id, await rig.ReportAsync(rig.Cases.All["moved tag"]));
        Assert.NotNull(rig.Book.WhyQuarantined(SampleRecord.Module(1)));
    }

    [Fact]
    public async Task A_log_that_was_cleared_is_quarantined_again_by_another_fork()
    {
        await using var rig = await BookRig.OpenAsync();
        var id = (await rig.ReportAsync(rig.Cases.Fork(10, 37)))!;
        Assert.Equal(id, await rig.ReportAsync(rig.Cases.Fork(11, 37)));
        await rig.Book.ClearAsync(id, "ada", "its disk was restored", default);
        Assert.Null(rig.Book.WhyQuarantined(rig.Cases.A.Verifier));
        Assert.NotEqual(id, await rig.ReportAsync(rig.Cases.Fork(12, 37)));
        Assert.NotNull(rig.Book.WhyQuarantined(rig.Cases.A.Verifier));
    }

    [Theory]
    [InlineData("records signed", false)]
    [InlineData("moved tag", false)]
    [InlineData("wrong record", false)]
    [InlineData("one log, two records", true)]
    [InlineData("fork of two sizes", true)]
    public async Task The_word_of_keys_that_are_not_trusted_accuses_nobody_but_themselves(string name, bool isInEffect)
    {
        await using var rig = await BookRig.OpenAsync(isTrusting: false);
        rig.Trusted.Add(rig.Cases.A.Verifier.ToString());
        Assert.Equal(EvidenceEnd.Kept, (await rig.Book.TakeAsync(rig.Cases.All[name], "mallory", default)).End);
        Assert.Equal(isInEffect, (rig.Book.WhyQuarantined(SampleRecord.Module(1)) ?? rig.Book.WhyQuarantined(rig.Cases.A.Verifier)) is not null);
    }

    [Fact]
    public async Task Evidence_that_came_before_its_keys_were_known_takes_effect_when_they_are_and_keeps_it()
    {
        await using var rig = await BookRig.OpenAsync(isTrusting: false);
        await rig.Book.TakeAsync(rig.Cases.All["records signed"], "b", default);
        Assert.Null(rig.Book.WhyQuarantined(SampleRecord.Module(1)));
        rig.Trusted.UnionWith([rig.Cases.A.Verifier.ToString(), rig.Cases.B.Verifier.ToString()]);
        Assert.NotNull(rig.Book.WhyQuarantined(SampleRecord.Module(1)));
        await WaitAsync(() => rig.Book.All[0].Concerns);
        rig.Trusted.Clear();
        await rig.ReopenAsync();
        Assert.NotNull(rig.Book.WhyQuarantined(SampleRecord.Module(1)));
    }

    [Fact]
    public async Task What_proves_nothing_is_not_kept()
    {
        await using var rig = await BookRig.OpenAsync();
        var evidence = rig.Cases.All["records signed"];
        evidence[^10] ^= 1;
        Assert.Null(await rig.ReportAsync(evidence));
        Assert.Empty(rig.Book.All);
        Assert.Empty(rig.Files);
    }

    [Fact]
    public async Task A_stranger_with_a_thousand_keys_fills_only_his_share_and_keeps_nothing_real_out()
    {
        await using var rig = await BookRig.OpenAsync();
        for (var i = 0; i < IncidentBook.MaxForeign + 20; i++)
        {
            using var made = SigningKey.Create($"made-up/{i}");
            var evidence = Evidence.OfForkedLog(
                made.Verifier, new MemoryTree(10, "one\n").Checkpoint(10, made), new MemoryTree(10, "other\n").Checkpoint(10, made), []);
            var expected = i < IncidentBook.MaxForeign ? EvidenceEnd.Kept : EvidenceEnd.Full;
            Assert.Equal(expected, (await rig.Book.TakeAsync(evidence, "mallory", default)).End);
        }

        Assert.Equal(EvidenceEnd.Kept, (await rig.Book.TakeAsync(rig.Cases.All["records signed"], "bob", default)).End);
        Assert.NotNull(await rig.ReportAsync(rig.Cases.Fork(10, 10)));
        Assert.Equal(IncidentBook.MaxForeign + 2, rig.Files.Length);
    }

    [Fact]
    public async Task When_nothing_can_be_written_the_quarantine_holds_all_the_same()
    {
        await using var rig = await BookRig.OpenAsync();
        await rig.LoseStoreAsync();
        await Assert.ThrowsAnyAsync<Exception>(async () => await rig.ReportAsync(rig.Cases.All["records signed"]));
        Assert.NotNull(rig.Book.WhyQuarantined(SampleRecord.Module(1)));
    }

    [Fact]
    public async Task The_file_reads_by_itself()
    {
        await using var rig = await BookRig.OpenAsync();
        await rig.ReportAsync(rig.Cases.All["records in trees"]);
        var text = Encoding.UTF8.GetString(await File.ReadAllBytesAsync(rig.Files[0]));
        Assert.StartsWith("athens.federation/evidence/v1 conflicting-records\nlog a/11111111+", text, StringComparison.Ordinal);
        Assert.Contains("\n> example.com/m1 v1.0.0 h1:", text, StringComparison.Ordinal);
    }

    private static async Task WaitAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Yield();
        }
    }
}
