using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.Trust;

namespace Athens.Federation.Tests.Provenance.Trust;

/// <summary>Evidence that comes in one by one.</summary>
public sealed class TrustCaseTests
{
    private readonly ModuleVersion module = ModuleVersion.Create("other.example/lib", "v1.0.0", out _)!;
    private string? quarantine;

    [Fact]
    public void A_quorum_is_reached_by_the_second_organization_and_undone_by_a_contradiction()
    {
        TrustCase trust = Open(quorum: 2);
        trust.Add(TrustPolicyTests.Record("a/acme:observed=X"));
        Assert.Contains("1 organization of the 2", trust.Now.Why, StringComparison.Ordinal);
        trust.Add(TrustPolicyTests.Record("b/acme:observed=X"));
        Assert.Equal(TrustOutcome.NotEnough, trust.Now.Outcome);
        trust.Add(TrustPolicyTests.Record("c/globex:observed=X"));
        Assert.Equal(TrustPolicyTests.Hashes("X"), trust.Now.Believed);
        Assert.Empty(trust.TakeNew(trust.Now));
        trust.Add(TrustPolicyTests.Record("d/initech:vouched=Y"));
        Assert.True(trust.Now.IsRefused);
        Assert.Single(trust.TakeNew(trust.Now));
        Assert.Empty(trust.TakeNew(trust.Now));
        trust.Add(new PublicProof("sum.example", 7, TrustPolicyTests.Hashes("X")));
        Assert.Equal(TrustStep.PublicProof, trust.Now.Step);
    }

    [Fact]
    public void Bytes_are_judged_by_what_is_known_at_that_moment()
    {
        TrustCase trust = Open(quorum: 1);
        Assert.Equal(TrustOutcome.NotEnough, trust.Judge(TrustPolicyTests.Hashes("X")).Outcome);
        trust.Add(TrustPolicyTests.Record("a/acme:observed=X"));
        Assert.True(trust.Judge(TrustPolicyTests.Hashes("X")).IsBelieved);
        Assert.True(trust.Judge(TrustPolicyTests.Hashes("Y")).IsRefused);
        trust.Withdraw("log-a");
        Assert.Equal(TrustOutcome.NotEnough, trust.Judge(TrustPolicyTests.Hashes("Y")).Outcome);
    }

    [Fact]
    public void A_quarantine_that_begins_meanwhile_holds_and_ends_when_it_is_lifted()
    {
        TrustCase trust = Open(quorum: 1);
        trust.Add(TrustPolicyTests.Record("a/acme:observed=X"));
        Assert.True(trust.Now.IsBelieved);
        quarantine = "incident 17";
        Assert.Equal(TrustStep.Quarantine, trust.Now.Step);
        Assert.True(trust.Judge(TrustPolicyTests.Hashes("X")).IsRefused);
        quarantine = null;
        Assert.True(trust.Now.IsBelieved);
    }

    [Fact]
    public void Repetitions_and_a_flood_cost_nothing()
    {
        TrustCase trust = Open(quorum: 1);
        trust.Add(Enumerable.Repeat(TrustPolicyTests.Record("a/acme:observed=X"), 100));
        Assert.Single(trust.Records);
        trust.Add(Enumerable.Range(0, TrustCase.MaxRecords).Select(i => TrustPolicyTests.Record($"s{i}/acme:stranger=X")));
        Assert.Equal(TrustCase.MaxRecords, trust.Records.Count);
        Assert.True(trust.Now.IsBelieved);
    }

    private TrustCase Open(int quorum) => new(module, null, TrustPolicyTests.Rules(quorum), _ => quarantine);
}
