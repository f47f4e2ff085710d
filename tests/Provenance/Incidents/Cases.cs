using System.Text;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Provenance.LogKeys;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Provenance.OwnLog;
using Athens.Federation.Tests.Provenance.PublicDatabases;

namespace Athens.Federation.Tests.Provenance.Incidents;

/// <summary>One genuine piece of evidence of each kind and form, with the keys that it rests on.</summary>
internal sealed class Cases : IDisposable
{
    public SigningKey A { get; } = SigningKey.Create("a/11111111");

    public SigningKey B { get; } = SigningKey.Create("b/22222222");

    public PublishedLog Database { get; } = new PublishedLog().Grow(300);

    /// <summary>What a test may name.</summary>
    public IReadOnlyDictionary<string, byte[]> All => new Dictionary<string, byte[]>(StringComparer.Ordinal)
    {
        ["records signed"] = Evidence.OfConflictingRecords(Signed(A, SampleRecord.Of(1)), Signed(B, SampleRecord.Of(1, "other"))),
        ["records in trees"] = Evidence.OfConflictingRecords(InTree(A, SampleRecord.Of(1)), InTree(B, SampleRecord.Of(1, "other"))),
        ["one log, two records"] = Evidence.OfConflictingRecords(Signed(A, SampleRecord.Of(1)), InTree(A, SampleRecord.Of(1, "other"))),
        ["fork of one size"] = Fork(10, 10),
        ["fork of two sizes"] = Fork(10, 37),
        ["fork in Go's form"] = GoFork(280, 301),
        ["moved tag"] = Evidence.OfMovedTag(Signed(A, SampleRecord.Of(1)), B.Verifier, Testify(B, SampleRecord.Of(1, "moved"))),
        ["revoked log"] = Revoked(7),
        ["wrong record"] = Evidence.OfWrongRecord(Signed(A, Recorded(7, "other")), Proven(7)),
    };

    public static LogStatement Signed(SigningKey log, ModuleRecord record) => LogStatement.Signed(log.Verifier, Note(SignedNote.Sign(record.ToText(), log)));

    public static LogStatement InTree(SigningKey log, ModuleRecord record)
    {
        var tree = new MemoryTree(20, record.ToText());
        return LogStatement.InTree(log.Verifier, new TlogProof(5, tree.Inclusion(5), tree.Checkpoint(20, log), Encoding.UTF8.GetBytes(record.ToText())));
    }

    public static SignedNote Testify(SigningKey node, ModuleRecord given) => Testimony.Sign(node, given.Module, given.ZipHash, given.ModHash);

    public byte[] Fork(int size, int larger)
    {
        var (one, other) = (new MemoryTree(size, "one\n"), new MemoryTree(larger, "other\n"));
        return Evidence.OfForkedLog(
            A.Verifier, one.Checkpoint(size, A), other.Checkpoint(larger, A), size == larger ? [] : PrefixProof.ProveAsync(size, larger, other, default).AsTask().Result);
    }

    /// <summary>B, as an identity, says of A's log key that it is revoked.</summary>
    public byte[] Revoked(long from) => Evidence.OfRevokedLog(B.Verifier, new LogRevocation(A.Verifier, from).Sign(B));

    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
        Database.Dispose();
    }

    public static SignedNote Note(byte[] note) => SignedNote.Parse(note, out _)!;

    /// <summary>A record of a module that the database has, with other hashes.</summary>
    private static ModuleRecord Recorded(int number, string content) => SampleRecord.Of(number, content) with { Module = PublishedLog.Module(number) };

    private LogStatement Proven(int number)
    {
        var answer = LookupAnswer.Parse(Database.Lookup(number, 0), out _)!;
        return LogStatement.InTree(
            Database.Identity.Key, answer.Record, InclusionProof.ProveAsync(number, Database.Size, Database, default).AsTask().Result, answer.Head);
    }

    private byte[] GoFork(int common, int size)
    {
        var fork = Database.Fork(common);
        fork.Add(PublishedLog.Module(9_999), "example.org/odd v1.0.0 h1:x\n");
        fork.Grow(size);
        return Evidence.OfForkedLog(
            Database.Identity.Key,
            Note(Database.Sign(Database.HeadAt(Database.Size))),
            Note(fork.Sign(fork.HeadAt(fork.Size))),
            PrefixProof.ProveAsync(Database.Size, fork.Size, fork, default).AsTask().Result);
    }
}
