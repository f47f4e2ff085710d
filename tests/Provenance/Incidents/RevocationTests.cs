using Athens.Federation.Node.Provenance.Incidents;

namespace Athens.Federation.Tests.Provenance.Incidents;

/// <summary>A node's word that a former log key of its own does not count any more.</summary>
public sealed class RevocationTests
{
    [Fact]
    public async Task Of_the_node_that_keeps_the_log_it_has_effect_from_its_record_on_and_after_the_next_start()
    {
        await using var rig = await BookRig.OpenAsync(isTrusting: false);
        rig.Owner = rig.Cases.B.Verifier;
        var taken = await rig.Book.TakeAsync(rig.Cases.Revoked(7), "c", default);
        Assert.Equal(EvidenceEnd.Kept, taken.End);
        await rig.ReopenAsync();
        rig.Owner = null;
        Assert.Equal(7, rig.Book.UsableBelow(rig.Cases.A.Verifier));
        Assert.Contains($"is revoked, incident {taken.Id}", rig.Book.WhyQuarantined(rig.Cases.A.Verifier), StringComparison.Ordinal);
        Assert.Equal("log a/11111111 from record 7 on", Assert.Single(rig.Book.All).Subject);
        Assert.Equal(long.MaxValue, rig.Book.UsableBelow(rig.Cases.B.Verifier));
    }

    [Fact]
    public async Task Of_anybody_else_it_has_none_until_the_log_turns_out_to_be_his()
    {
        await using var rig = await BookRig.OpenAsync();
        Assert.Equal(EvidenceEnd.Kept, (await rig.Book.TakeAsync(rig.Cases.Revoked(7), "mallory", default)).End);
        Assert.Equal((long.MaxValue, null), (rig.Book.UsableBelow(rig.Cases.A.Verifier), rig.Book.WhyQuarantined(rig.Cases.A.Verifier)));
        rig.Owner = rig.Cases.B.Verifier;
        Assert.Equal(7, rig.Book.UsableBelow(rig.Cases.A.Verifier));
    }

    [Fact]
    public async Task A_second_one_counts_when_the_key_was_stolen_earlier_and_there_is_an_end_of_it()
    {
        await using var rig = await BookRig.OpenAsync();
        rig.Owner = rig.Cases.B.Verifier;
        List<EvidenceEnd> ends = [];
        foreach (var from in new[] { 70, 80, 60, 50, 40, 30 })
        {
            ends.Add((await rig.Book.TakeAsync(rig.Cases.Revoked(from), "", default)).End);
        }

        Assert.Equal([EvidenceEnd.Kept, EvidenceEnd.Known, EvidenceEnd.Kept, EvidenceEnd.Kept, EvidenceEnd.Kept, EvidenceEnd.Full], ends);
        Assert.Equal(40, rig.Book.UsableBelow(rig.Cases.A.Verifier));
    }

    [Fact]
    public async Task A_fork_that_the_thief_signs_is_an_incident_of_its_own_and_takes_the_whole_key_out_of_use()
    {
        await using var rig = await BookRig.OpenAsync();
        rig.Owner = rig.Cases.B.Verifier;
        await rig.Book.TakeAsync(rig.Cases.Revoked(7), "", default);
        Assert.Equal(EvidenceEnd.Kept, (await rig.Book.TakeAsync(rig.Cases.Fork(10, 37), "c", default)).End);
        Assert.Equal(0, rig.Book.UsableBelow(rig.Cases.A.Verifier));
        await rig.Book.ClearAsync(rig.Book.All[^1].Id, "operator", "the thief's", default);
        Assert.Equal(7, rig.Book.UsableBelow(rig.Cases.A.Verifier));
    }
}
