using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.Trust;

namespace Athens.Federation.Tests.Provenance.Trust;

/// <summary>The five steps, each in a line: what is known, what came, and what is said of it.</summary>
public sealed class TrustPolicyTests
{
    /// <summary>
    /// Quorum; what is known; the hashes received (empty: it is only asked); outcome, step, believed hashes, and words of the reason. Known things are
    /// divided by blanks: <c>own=X</c>, <c>public=X</c>, <c>quarantined</c>, and records <c>NODE/ORG:HOW=X</c>, HOW being observed, vouched,
    /// stranger (observed by an untrusted node) or locked (observed, but the log key is quarantined). The module is corp.example/lib, other.example/lib belongs to nobody.
    /// </summary>
    public static TheoryData<int, string, string, string, string> Table => new()
    {
        // 1. Own record: H must equal it, whatever others say.
        { 1, "own=X", "X", "Believed OwnRecord X", "recorded these hashes itself" },
        { 1, "own=X", "", "Believed OwnRecord X", "" },
        { 2, "own=X", "X", "Believed OwnRecord X", "" },
        { 1, "own=X", "Y", "Refused OwnRecord", "this node's own record has zip-X" },
        { 1, "own=X a/acme:observed=Y b/globex:observed=Y", "X", "Believed OwnRecord X +2", "" },
        { 1, "own=X public=Y", "Y", "Refused OwnRecord +2", "" },
        { 1, "own=X quarantined", "X", "Believed OwnRecord X", "" },

        // 2. Public proof: from any source, against all records.
        { 2, "public=X", "X", "Believed PublicProof X", "sum.example has proven these hashes (record 7)" },
        { 2, "public=X", "", "Believed PublicProof X", "" },
        { 2, "public=X", "Y", "Refused PublicProof", "the record 7 of sum.example has zip-X" },
        { 1, "public=X a/acme:observed=Y", "X", "Believed PublicProof X +1", "" },
        { 1, "public=X a/acme:vouched=Y", "X", "Believed PublicProof X +1", "" },
        { 1, "public=X a/acme:stranger=Y", "X", "Believed PublicProof X", "" },
        { 1, "public=X a/acme:observed=Y b/globex:observed=Y", "Y", "Refused PublicProof +3", "" },
        { 1, "public=X public=Y", "X", "Refused PublicProof", "public checksum databases disagree" },
        { 1, "public=X quarantined", "X", "Believed PublicProof X", "" },

        // Quarantine: refused unless one of these two settles it.
        { 1, "quarantined a/acme:observed=X", "X", "Refused Quarantine", "incident 17" },
        { 1, "quarantined", "", "Refused Quarantine", "incident 17" },
        { 1, "quarantined own=X", "Y", "Refused OwnRecord", "" },

        // 4. Quorum: organizations, never nodes; observed, never vouched; trusted, never strangers.
        { 1, "a/acme:observed=X", "X", "Believed Quorum X", "observed by 1 organization (acme); [pool] quorum asks for 1" },
        { 1, "a/acme:observed=X", "", "Believed Quorum X", "" },
        { 2, "a/acme:observed=X", "X", "NotEnough NotEnough", "observed by 1 organization of the 2 that [pool] quorum asks for (acme)" },
        { 2, "a/acme:observed=X b/globex:observed=X", "X", "Believed Quorum X", "observed by 2 organizations (acme, globex)" },
        { 2, "a/acme:observed=X b/acme:observed=X", "X", "NotEnough NotEnough", "1 organization" },
        { 2, "a/:observed=X b/:observed=X", "X", "NotEnough NotEnough", "observed by 1 organization of the 2" },
        { 2, "a/:observed=X b/acme:observed=X", "X", "Believed Quorum X", "" },
        { 3, "a/acme:observed=X b/globex:observed=X c/acme:observed=X", "X", "NotEnough NotEnough", "2 organizations of the 3" },
        { 1, "a/acme:vouched=X", "X", "NotEnough NotEnough", "observed by no organization of the 1" },
        { 2, "a/acme:observed=X b/globex:vouched=X", "X", "NotEnough NotEnough", "1 organization" },
        { 2, "a/acme:vouched=X a/acme:observed=X b/globex:observed=X", "X", "Believed Quorum X", "" },
        { 1, "a/acme:stranger=X", "X", "NotEnough NotEnough", "no organization" },
        { 1, "", "X", "NotEnough NotEnough", "no organization" },
        { 1, "", "", "NotEnough NotEnough", "" },

        // A trusted record that says otherwise is an incident, observed or vouched; a stranger's is none.
        { 1, "a/acme:observed=X", "Y", "Refused Quorum", "the record of peer a has zip-X and mod-X for its go.mod, what was received has zip-Y" },
        { 2, "a/acme:observed=X", "Y", "Refused Quorum", "" },
        { 1, "a/acme:vouched=X", "Y", "Refused Quorum", "" },
        { 1, "a/acme:observed=X b/globex:observed=Y", "X", "Refused Quorum", "trusted records of it disagree: the record of peer a has zip-X" },
        { 1, "a/acme:observed=X b/globex:observed=Y", "", "Refused Quorum", "" },
        { 1, "a/acme:observed=X b/globex:vouched=Y", "X", "Refused Quorum", "" },
        { 1, "a/acme:vouched=X b/globex:vouched=Y", "", "Refused Quorum", "" },
        { 1, "a/acme:observed=X a/acme:observed=Y", "X", "Refused Quorum", "" },
        { 2, "a/acme:observed=X b/globex:observed=X c/initech:observed=Y", "X", "Refused Quorum", "" },
        { 1, "a/acme:observed=X b/globex:stranger=Y", "X", "Believed Quorum X", "" },
        { 1, "a/acme:stranger=X", "Y", "NotEnough NotEnough", "" },

        // What a quarantined log key signed does not exist.
        { 1, "a/acme:locked=X", "X", "NotEnough NotEnough", "no organization" },
        { 1, "a/acme:locked=X", "Y", "NotEnough NotEnough", "" },
        { 1, "a/acme:observed=X b/globex:locked=Y", "X", "Believed Quorum X", "" },
        { 1, "public=X a/acme:locked=Y", "X", "Believed PublicProof X", "" },
    };

    /// <summary>The same, for a path that belongs to acme.</summary>
    public static TheoryData<int, string, string, string, string> Owned => new()
    {
        { 2, "a/acme:observed=X", "X", "Believed Namespace X", "observed by acme, to which corp.example/* belongs" },
        { 2, "a/acme:observed=X", "", "Believed Namespace X", "" },
        { 1, "a/acme:observed=X", "Y", "Refused Namespace", "the record of peer a" },
        { 1, "a/globex:observed=X b/initech:observed=X", "X", "NotEnough NotEnough", "corp.example/* belongs to acme, and no trusted node of acme" },
        { 1, "a/acme:vouched=X", "X", "NotEnough NotEnough", "" },
        { 1, "a/acme:stranger=X", "X", "NotEnough NotEnough", "" },
        { 1, "a/acme:locked=X", "X", "NotEnough NotEnough", "" },
        { 1, "a/:observed=X", "X", "NotEnough NotEnough", "" },

        // Others who say otherwise stop nobody, and are wrong.
        { 1, "a/acme:observed=X b/globex:observed=Y", "X", "Believed Namespace X +1", "" },
        { 1, "b/globex:observed=Y a/acme:observed=X", "X", "Believed Namespace X +1", "" },
        { 1, "a/acme:observed=X b/globex:observed=Y", "Y", "Refused Namespace +2", "" },

        // The owner against itself.
        { 1, "a/acme:observed=X b/acme:observed=Y", "X", "Refused Namespace", "disagree" },
        { 1, "a/acme:observed=X b/acme:vouched=Y", "X", "Refused Namespace", "disagree" },

        // Without the owner's word nothing is believed, and yet nothing is taken that somebody trusted has seen otherwise.
        { 1, "b/globex:observed=X", "Y", "Refused Namespace", "" },
        { 1, "b/globex:observed=X c/initech:observed=Y", "", "Refused Namespace", "disagree" },
        { 1, "public=X a/acme:observed=Y", "X", "Believed PublicProof X +1", "" },
        { 1, "own=X a/acme:observed=Y", "X", "Believed OwnRecord X +1", "" },
        { 1, "quarantined a/acme:observed=X", "X", "Refused Quarantine", "" },
        { 1, "", "X", "NotEnough NotEnough", "" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void A_path_that_belongs_to_nobody(int quorum, string known, string received, string verdict, string reason) =>
        Check("other.example/lib", quorum, known, received, verdict, reason);

    [Theory]
    [MemberData(nameof(Owned))]
    public void A_path_that_belongs_to_an_organization(int quorum, string known, string received, string verdict, string reason) =>
        Check("corp.example/lib", quorum, known, received, verdict, reason);

    [Theory]
    [InlineData("corp.example/lib", "acme")]
    [InlineData("corp.example/team/lib", "globex")]
    [InlineData("corp.example", null)]
    [InlineData("git.corp.example/lib", null)]
    public void The_longest_pattern_wins(string path, string? org) =>
        Assert.Equal(org, new TrustRules(1, Namespaces(("corp.example/*", "acme"), ("corp.example/team", "globex"))).OwnerOf(path)?.Org);

    [Theory]
    [InlineData("other.example/lib", 1, "", "acme", true)]
    [InlineData("other.example/lib", 2, "", "acme", false)]
    [InlineData("other.example/lib", 2, "a/globex:observed=X", "acme", true)]
    [InlineData("other.example/lib", 2, "a/acme:observed=X", "acme", false)]
    [InlineData("other.example/lib", 2, "a/globex:vouched=X", "acme", false)]
    [InlineData("corp.example/lib", 9, "", "acme", true)]
    [InlineData("corp.example/lib", 1, "", "globex", false)]
    public void Nobody_waits_for_one_whose_word_would_not_suffice(string path, int quorum, string known, string org, bool expected) =>
        Assert.Equal(expected, TrustPolicy.WouldSuffice(Evidence(path, known, ""), Rules(quorum), org));

    internal static TrustRules Rules(int quorum) => new(quorum, Namespaces(("corp.example/*", "acme")));

    internal static TrustEvidence Evidence(string path, string known, string received)
    {
        string[] words = known.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new TrustEvidence
        {
            Module = ModuleVersion.Create(path, "v1.0.0", out _)!,
            Received = received.Length == 0 ? null : Hashes(received),
            Own = words.FirstOrDefault(word => word.StartsWith("own=", StringComparison.Ordinal)) is { } own ? Hashes(own[4..]) : null,
            Proofs = [.. words.Where(word => word.StartsWith("public=", StringComparison.Ordinal)).Select((word, i) => new PublicProof("sum.example", 7 + i, Hashes(word[7..])))],
            Records = [.. words.Where(word => word.Contains('/', StringComparison.Ordinal)).Select(Record)],
            Quarantine = words.Contains("quarantined") ? "it is quarantined by incident 17" : null,
        };
    }

    internal static HashPair Hashes(string name) => new($"zip-{name}", $"mod-{name}");

    internal static KnownRecord Record(string word)
    {
        string[] parts = word.Split('/', ':', '=');
        return new KnownRecord($"log-{parts[0]}", parts[0], parts[1], parts[2] != "stranger", parts[2] != "vouched", Hashes(parts[3]))
        {
            Quarantine = parts[2] == "locked" ? "its key is quarantined" : null,
        };
    }

    private static Dictionary<string, string> Namespaces(params (string Pattern, string Org)[] all) =>
        all.ToDictionary(static one => one.Pattern, static one => one.Org, StringComparer.Ordinal);

    /// <summary>A verdict as text: a refusal has one incident when nothing is said (a quarantine none), a belief none.</summary>
    private static void Check(string path, int quorum, string known, string received, string verdict, string reason)
    {
        TrustVerdict decided = TrustPolicy.Decide(Evidence(path, known, received), Rules(quorum));
        int usual = decided.IsRefused && decided.Step != TrustStep.Quarantine ? 1 : 0;
        string incidents = decided.Incidents.Count == usual ? "" : $" +{decided.Incidents.Count}";
        string hashes = decided.Believed is { } believed ? $" {believed.Zip[4..]}" : "";
        Assert.Equal(verdict, $"{decided.Outcome} {decided.Step}{hashes}{incidents}");
        Assert.Contains(reason, decided.Why, StringComparison.Ordinal);
        Assert.Equal(decided.IsBelieved, decided.Believed is not null);
        Assert.True(received.Length == 0 || decided.Believed is null || decided.Believed == Hashes(received));
    }
}
