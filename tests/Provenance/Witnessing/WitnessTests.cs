using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Provenance.Witnessing;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Provenance.Incidents;

namespace Athens.Federation.Tests.Provenance.Witnessing;

/// <summary>What a witness cosigns, and what it never does (c2sp.org/tlog-witness).</summary>
public sealed class WitnessTests
{
    [Fact]
    public async Task A_log_that_grows_is_cosigned_step_by_step_and_across_starts()
    {
        await using var rig = await WitnessRig.OpenAsync();
        rig.Cosigned(10, await rig.AskAsync(0, 10));
        rig.Cosigned(37, await rig.AskAsync(10, 37));
        await rig.ReopenAsync();
        rig.Cosigned(37, await rig.AskAsync(37, 37));
        rig.Cosigned(64, await rig.AskAsync(37, 64));
        Assert.Empty(rig.Incidents.Book.All);
    }

    [Fact]
    public async Task Another_old_size_is_a_conflict_that_tells_what_is_known()
    {
        await using var rig = await WitnessRig.OpenAsync();
        Assert.Equal((WitnessEnd.Conflict, 0L), await EndAsync(rig.AskAsync(5, 10)));
        await rig.AskAsync(0, 37);
        foreach (var (old, size) in new[] { (0, 64), (10, 64), (10, 20), (36, 37), (0, 37) })
        {
            var answer = await rig.AskAsync(old, size);
            Assert.Equal((WitnessEnd.Conflict, 37L), (answer.End, answer.KnownSize));
            Assert.Equal(37, Checkpoint.Parse(SignedNote.Parse(answer.Known.Span, out _)!.Text, out _)!.Head.Size);
        }
    }

    [Fact]
    public async Task A_second_history_is_never_cosigned_and_one_of_the_same_size_is_proven_to_all()
    {
        await using var rig = await WitnessRig.OpenAsync();
        await rig.AskAsync(0, 37);
        Assert.Equal(WitnessEnd.BadProof, (await rig.AskAsync(37, 64, "other\n")).End);
        Assert.Empty(rig.Incidents.Book.All);
        Assert.Equal(WitnessEnd.Conflict, (await rig.AskAsync(37, 37, "other\n")).End);
        var incident = Assert.Single(rig.Incidents.Book.All);
        Assert.Equal(EvidenceKind.ForkedLog, incident.Kind);

        // Nothing more of that key is cosigned, true or not, until a person decides.
        Assert.Equal(WitnessEnd.Forbidden, (await rig.AskAsync(37, 64)).End);
        await rig.Incidents.Book.ClearAsync(incident.Id, "ada", "settled", default);
        rig.Cosigned(64, await rig.AskAsync(37, 64));
    }

    [Fact]
    public async Task What_is_no_request_of_a_known_log_is_refused_for_its_reason()
    {
        await using var rig = await WitnessRig.OpenAsync();
        using var stranger = SigningKey.Create("stranger/1");
        using var thief = SigningKey.Create(rig.Log.Name);
        using var go = SigningKey.Create("go");
        var tree = new TreeHead(3, MerkleTree.Empty);
        Assert.Equal(WitnessEnd.Malformed, (await rig.AskAsync("garbage"u8.ToArray())).End);
        Assert.Equal(WitnessEnd.Malformed, (await rig.AskAsync([])).End);
        Assert.Equal(WitnessEnd.UnknownLog, (await rig.AskAsync(await WitnessRig.BodyAsync(stranger, 0, 10, "one\n"))).End);
        Assert.Equal(WitnessEnd.Forbidden, (await rig.AskAsync(await WitnessRig.BodyAsync(thief, 0, 10, "one\n"))).End);
        Assert.Equal(WitnessEnd.Malformed, (await rig.AskAsync(new WitnessRequest(11, [], new MemoryTree(10, "one\n").Checkpoint(10, rig.Log)).Format())).End);
        var goHead = SignedNote.Parse(SignedNote.Sign(GoTreeHead.Format(tree), go), out _)!;
        Assert.Equal(WitnessEnd.UnknownLog, (await rig.AskAsync(new WitnessRequest(0, [], goHead).Format())).End);
    }

    [Fact]
    public async Task A_peer_that_begins_ever_new_logs_fills_only_its_share()
    {
        await using var rig = await WitnessRig.OpenAsync();
        for (var i = 0; i <= Witness.MaxOfOneOwner; i++)
        {
            using var log = SigningKey.Create($"a/{i}");
            var answer = await rig.AskAsync(await WitnessRig.BodyAsync(log, 0, 10, "one\n"), log);
            Assert.Equal(i < Witness.MaxOfOneOwner ? WitnessEnd.Cosigned : WitnessEnd.UnknownLog, answer.End);
        }
    }

    [Fact]
    public async Task Many_at_once_with_two_histories_leave_cosignatures_of_one()
    {
        await using var rig = await WitnessRig.OpenAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(async i => (History: i % 2, Answer: await rig.AskAsync(0, 20 + (i / 2), i % 2 == 0 ? "one\n" : "other\n"))));
        Assert.Single(answers.Where(one => one.Answer.End == WitnessEnd.Cosigned).Select(one => one.History).Distinct());
    }

    [Fact]
    public async Task A_rule_counts_other_organizations_and_each_once()
    {
        await using var rig = await WitnessRig.OpenAsync();
        using var second = SigningKey.Create("w2/witness/1");
        var cosigned = rig.Cosigned(10, await rig.AskAsync(0, 10));
        var now = DateTimeOffset.UtcNow;
        var note = cosigned.With(Cosignature.Sign(cosigned, second, now));
        KnownWitness first = new(rig.PublicKey, "x"), other = new(second.PublicKey, "y");
        Assert.Equal(2, WitnessRule.Count(note, "log", [first, other], now));
        Assert.Equal(1, WitnessRule.Count(note, "x", [first, other], now));
        Assert.Equal(1, WitnessRule.Count(note, "log", [first, other with { Org = "x" }], now));
        Assert.Equal(1, WitnessRule.Count(note, "log", [first, other with { Org = "" }], now));
        Assert.Equal(1, WitnessRule.Count(cosigned, "log", [first, other], now));
        Assert.Equal(0, WitnessRule.Count(note, "log", [], now));
        Assert.Equal(0, WitnessRule.Count(note, "log", [first, other], now - TimeSpan.FromHours(1)));

        // A cosignature of another checkpoint is none of this one.
        var moved = new MemoryTree(11, "one\n").Checkpoint(11, rig.Log).With([.. note.Signatures.Where(signature => !signature.IsOf(rig.Log.Name, rig.Log.Verifier.Hash))]);
        Assert.Equal(0, WitnessRule.Count(moved, "log", [first, other], now));
    }

    private static async Task<(WitnessEnd End, long Known)> EndAsync(Task<WitnessAnswer> asking)
    {
        var answer = await asking;
        return (answer.End, answer.KnownSize);
    }
}
