using System.Text;
using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Provenance.PublicDatabases;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Provenance.OwnLog;
using Athens.Federation.Tests.Provenance.PublicDatabases;

namespace Athens.Federation.Tests.Provenance.Incidents;

/// <summary>What evidence proves by itself, and that nothing else passes for it.</summary>
public sealed class EvidenceTests : IDisposable
{
    private readonly Cases cases = new();

    public static TheoryData<string, string, string?> Kinds => new()
    {
        { "records signed", "conflicting-records", null },
        { "records in trees", "conflicting-records", null },
        { "one log, two records", "conflicting-records", "a/11111111" },
        { "fork of one size", "forked-log", "a/11111111" },
        { "fork of two sizes", "forked-log", "a/11111111" },
        { "fork in Go's form", "forked-log", "sum.example.org/public" },
        { "moved tag", "moved-tag", null },
        { "revoked log", "revoked-log", "a/11111111" },
        { "wrong record", "wrong-record", "a/11111111" },
    };

    public void Dispose() => cases.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Each_kind_proves_what_it_says_and_names_who_is_guilty(string name, string kind, string? guilty)
    {
        var finding = EvidenceVerifier.Verify(cases.All[name], out var reason);
        Assert.True(finding is not null, reason);
        Assert.Equal(kind, finding.Kind.Name());
        Assert.Equal(guilty, finding.Guilty?.Name);
        Assert.True(finding.Guilty is not null || finding.Module is not null);
        Assert.True(finding.Module is null == (kind is "forked-log" or "revoked-log"));
        Assert.DoesNotContain('\n', finding.Sentence);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Any_flipped_bit_is_refused(string name, string kind, string? guilty)
    {
        _ = (kind, guilty);
        var evidence = cases.All[name];
        for (var i = 0; i < evidence.Length; i++)
        {
            var flipped = evidence.ToArray();
            flipped[i] ^= (byte)(1 << (i % 7));
            Assert.True(EvidenceVerifier.Verify(flipped, out var reason) is null, $"byte {i} of {evidence.Length} does not matter");
            Assert.NotNull(reason);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_file_that_is_cut_or_goes_on_is_refused(string name, string kind, string? guilty)
    {
        _ = (kind, guilty);
        var evidence = cases.All[name];
        for (var length = 0; length < evidence.Length; length += 1 + (length % 13))
        {
            Assert.Null(EvidenceVerifier.Verify(evidence.AsSpan(0, length), out _));
        }

        Assert.Null(EvidenceVerifier.Verify([.. evidence, (byte)'\n'], out _));
        Assert.Null(EvidenceVerifier.Verify([.. evidence, .. "note x\n"u8], out _));
        Assert.Null(EvidenceVerifier.Verify([.. evidence, .. "> more\n"u8], out _));
        Assert.Null(EvidenceVerifier.Verify(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(evidence).Replace("\n", "\r\n", StringComparison.Ordinal)), out _));
    }

    [Fact]
    public void The_same_evidence_is_the_same_bytes_whoever_writes_it_and_whatever_others_signed()
    {
        var (one, other) = (Cases.Signed(cases.A, SampleRecord.Of(1)), Cases.Signed(cases.B, SampleRecord.Of(1, "other")));
        var crowded = LogStatement.Signed(cases.A.Verifier, Cases.Note(SignedNote.Sign(SampleRecord.Of(1).ToText(), cases.B, cases.A)));
        Assert.Equal(Evidence.OfConflictingRecords(one, other), Evidence.OfConflictingRecords(other, one));
        Assert.Equal(Evidence.OfConflictingRecords(one, other), Evidence.OfConflictingRecords(other, crowded));
        Assert.Equal(cases.Fork(10, 37), cases.Fork(10, 37));
        Assert.Matches("^[0-9a-f]{16}$", Evidence.IdOf(cases.Fork(10, 37)));
    }

    [Fact]
    public void Other_proofs_of_one_disagreement_are_one_matter()
    {
        static string Matter(byte[] evidence) => EvidenceVerifier.Verify(evidence, out _)!.Matter;
        Assert.Equal(Matter(cases.All["records signed"]), Matter(cases.All["records in trees"]));
        Assert.NotEqual(Matter(cases.All["records signed"]), Matter(cases.All["moved tag"]));
        Assert.NotEqual(Matter(cases.Fork(10, 37)), Matter(cases.Fork(11, 37)));
    }

    [Fact]
    public void What_does_not_contradict_proves_nothing()
    {
        var record = SampleRecord.Of(1);
        byte[][] none =
        [
            Evidence.OfConflictingRecords(Cases.Signed(cases.A, record), Cases.Signed(cases.B, record)),
            Evidence.OfConflictingRecords(Cases.Signed(cases.A, record), Cases.Signed(cases.B, SampleRecord.Of(2))),
            Evidence.OfConflictingRecords(Cases.Signed(cases.A, record), LogStatement.Signed(cases.B.Verifier, Cases.Note(SignedNote.Sign("not a record\n", cases.B)))),
            Evidence.OfMovedTag(Cases.Signed(cases.A, record), cases.B.Verifier, Cases.Testify(cases.B, record)),
            Evidence.OfMovedTag(Cases.Signed(cases.A, record), cases.B.Verifier, Cases.Testify(cases.B, SampleRecord.Of(2, "moved"))),
            Evidence.OfWrongRecord(Cases.Signed(cases.A, record), Cases.InTree(cases.B, SampleRecord.Of(1, "other"))),
            Evidence.OfForkedLog(cases.A.Verifier, Head(10, "one\n"), Head(10, "one\n"), []),
            Evidence.OfForkedLog(cases.A.Verifier, Head(10, "one\n"), Head(37, "one\n"), Prefix(10, 37, "one\n")),
            Evidence.OfForkedLog(cases.A.Verifier, Head(0, ""), Head(37, "one\n"), Prefix(0, 37, "one\n")),
            Evidence.OfForkedLog(cases.A.Verifier, Head(10, "one\n"), Head(37, "other\n"), []),
            Evidence.OfForkedLog(cases.A.Verifier, Head(10, "one\n"), Head(37, "other\n"), Prefix(11, 37, "other\n")),
            Evidence.OfForkedLog(cases.A.Verifier, Head(10, "one\n"), Head(37, "other\n"), Prefix(10, 37, "one\n")),
        ];
        Assert.All(none, evidence => Assert.Null(EvidenceVerifier.Verify(evidence, out _)));
    }

    [Fact]
    public void A_statement_of_another_key_or_a_checkpoint_of_another_log_proves_nothing()
    {
        using var thief = SigningKey.Create(cases.A.Name);
        var forged = LogStatement.Signed(cases.A.Verifier, Cases.Note(SignedNote.Sign(SampleRecord.Of(1).ToText(), thief)));
        Assert.Null(EvidenceVerifier.Verify(Evidence.OfConflictingRecords(forged, Cases.Signed(cases.B, SampleRecord.Of(1, "other"))), out var reason));
        Assert.Contains("not signed", reason, StringComparison.Ordinal);

        // A key may sign heads of several logs: two origins are no fork.
        var elsewhere = Cases.Note(SignedNote.Sign(Checkpoint.Of("elsewhere", Tree(10, "other\n")).ToText(), cases.A));
        Assert.Null(EvidenceVerifier.Verify(Evidence.OfForkedLog(cases.A.Verifier, Head(10, "one\n"), elsewhere, []), out reason));
        Assert.Contains("elsewhere", reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("athens.federation/evidence/v1 ")]
    [InlineData("athens.federation/evidence/v1 forked-log\n")]
    [InlineData("athens.federation/evidence/v1 forked-log\nlog\nhead\nhead\n")]
    [InlineData("athens.federation/evidence/v1 of-the-future\nlog x\n")]
    [InlineData("athens.federation/evidence/v2 forked-log\nlog x\n")]
    [InlineData("{\"incident\":\"checksum-database-fork\"}")]
    public void Garbage_is_refused_with_a_reason(string text)
    {
        Assert.Null(EvidenceFile.Verify(Encoding.UTF8.GetBytes(text), out _, out var reason));
        Assert.False(string.IsNullOrEmpty(reason));
    }

    [Fact]
    public void Nothing_is_read_beyond_the_bounds()
    {
        Assert.Null(EvidenceVerifier.Verify(new byte[EvidenceText.MaxLength + 1], out _));
        Assert.Null(EvidenceFile.Verify(new byte[EvidenceVerifier.MaxFile + 1], out var isReadable, out _));
        Assert.False(isReadable);
        var deep = Encoding.UTF8.GetBytes(new string('[', 1 << 20));
        Assert.Null(EvidenceFile.Verify(deep, out isReadable, out _));
        Assert.False(isReadable);
    }

    [Fact]
    public async Task The_fork_of_a_checksum_database_is_understood_as_it_was_kept()
    {
        var fork = cases.Database.Fork(200);
        fork.Add(PublishedLog.Module(5_000), "example.org/odd v1.0.0 h1:x\n");
        fork.Grow(400);
        var incident = new DatabaseIncident(cases.Database.Identity, DatabaseFault.Fork, "two histories")
        {
            Known = Cases.Note(cases.Database.Sign(cases.Database.HeadAt(300))),
            Met = Cases.Note(fork.Sign(fork.HeadAt(400))),
            Proof = await PrefixProof.ProveAsync(300, 400, fork, default),
        };
        var finding = EvidenceFile.Verify(incident.ToJson(), out _, out var reason);
        Assert.True(finding is not null, reason);
        Assert.Equal("sum.example.org/public", finding.Guilty!.Name);
        Assert.Equal(finding.Matter, EvidenceVerifier.Verify(EvidenceFile.OfFork(incident), out _)!.Matter);
        Assert.Null(EvidenceFile.Verify((incident with { Met = incident.Known }).ToJson(), out var isReadable, out _));
        Assert.True(isReadable);
        Assert.Null(EvidenceFile.Verify((incident with { Fault = DatabaseFault.BadTile }).ToJson(), out _, out reason));
        Assert.Contains("bad-tile", reason, StringComparison.Ordinal);
    }

    private static MerkleHash[] Prefix(int prefix, int size, string sixth) =>
        PrefixProof.ProveAsync(prefix, size, new MemoryTree(size, sixth), default).AsTask().Result;

    private static TreeHead Tree(int size, string sixth)
    {
        using var key = SigningKey.Create("any");
        return Checkpoint.Parse(new MemoryTree(size, sixth).Checkpoint(size, key).Text, out _)!.Head;
    }

    private SignedNote Head(int size, string sixth) => new MemoryTree(size, sixth).Checkpoint(size, cases.A);
}
