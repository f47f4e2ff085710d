using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Provenance.Trust;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Retrieval;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Provenance.Trust;

/// <summary>Evidence that comes in one by one.</summary>
public sealed class TrustCaseTests
{
    private readonly ModuleVersion module = ModuleVersion.Create("other.example/lib", "v1.0.0", out _)!;
    private readonly TwinIncidents incidents = new();
    private readonly ListLogger log = new();

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
        Assert.Empty(log.Lines);
        trust.Add(TrustPolicyTests.Record("d/initech:vouched=Y"));
        Assert.True(trust.Now.IsRefused);
        trust.Add(TrustPolicyTests.Record("a/acme:observed=X"));
        Assert.Contains("peer d has zip-Y", Assert.Single(log.Lines).Text, StringComparison.Ordinal);
        trust.Add(new PublicProof("sum.example", 7, TrustPolicyTests.Hashes("X")));
        Assert.Equal(TrustStep.PublicProof, trust.Now.Step);
    }

    [Fact]
    public void Bytes_are_judged_by_what_is_known_at_that_moment()
    {
        TrustCase trust = Open(quorum: 1);
        Assert.Equal(TrustOutcome.NotEnough, trust.Judge(TrustPolicyTests.Hashes("X"), isUpstream: true).Outcome);
        trust.Add(TrustPolicyTests.Record("a/acme:observed=X"));
        Assert.True(trust.Judge(TrustPolicyTests.Hashes("X"), isUpstream: true).IsBelieved);
        Assert.True(trust.Judge(TrustPolicyTests.Hashes("Y"), isUpstream: true).IsRefused);
        trust.Withdraw("log-a");
        Assert.Equal(TrustOutcome.NotEnough, trust.Judge(TrustPolicyTests.Hashes("Y"), isUpstream: true).Outcome);
    }

    [Fact]
    public void A_quarantine_that_begins_meanwhile_holds_and_ends_when_it_is_lifted()
    {
        TrustCase trust = Open(quorum: 1);
        trust.Add(TrustPolicyTests.Record("a/acme:observed=X"));
        Assert.True(trust.Now.IsBelieved);
        incidents.Why = "incident 17";
        Assert.Equal(TrustStep.Quarantine, trust.Now.Step);
        Assert.True(trust.Judge(TrustPolicyTests.Hashes("X"), isUpstream: true).IsRefused);
        incidents.Why = null;
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

    private TrustCase Open(int quorum) => Desk.With(TrustPolicyTests.Rules(quorum), incidents, log).Open(module, null);

    private sealed class TwinIncidents : IIncidents
    {
        public event Action? Changed
        {
            add { }
            remove { }
        }

        public string? Why { get; set; }

        public ValueTask<string?> ReportAsync(ReadOnlyMemory<byte> evidence, CancellationToken cancellationToken) => ValueTask.FromResult<string?>(null);

        public string? WhyQuarantined(ModuleVersion module) => Why;

        public string? WhyQuarantined(NoteVerifier logKey) => null;
    }
}
