using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance;

namespace Athens.Federation.Tests.Provenance;

/// <summary>The text of a record: one order, one spelling, everything bounded.</summary>
public sealed class ModuleRecordTests
{
    private const string Sha = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private const string H1 = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    private const string Hashes = "github.com/pkg/errors v0.9.1 " + H1 + "\ngithub.com/pkg/errors v0.9.1/go.mod " + H1 + "\n";
    private const string Files = "zip sha256:" + Sha + " 13422\ninfo sha256:" + Sha + " 50\n";
    private const string Origin = "origin git https://github.com/pkg/errors refs/tags/v0.9.1 614d223910a179a466c1767a985424175c39b465\n";
    private const string Observed = "observed 2026-11-20T16:56:00Z direct go1.23.5\n";

    [Fact]
    public void A_record_is_read_whole()
    {
        var record = Good(Hashes + Files + Origin + Observed + "sumdb sum.golang.org 1234\n");
        Assert.Equal("github.com/pkg/errors@v0.9.1", record.Module.ToString());
        Assert.Equal(H1, record.ZipHash);
        Assert.Equal(new RecordedFile(Sha, 13422), record.Zip);
        Assert.Equal(new RecordedFile(Sha, 50), record.Info);
        Assert.Null(record.ChunkRoot);
        Assert.Equal("git https://github.com/pkg/errors refs/tags/v0.9.1 614d223910a179a466c1767a985424175c39b465", record.Origin);
        Assert.Equal("2026-11-20T16:56:00Z direct go1.23.5", record.Provenance);
        Assert.False(record.IsVouched);
        Assert.Equal("sumdb sum.golang.org 1234\n", record.Further);
    }

    [Fact]
    public void A_record_of_another_members_bytes_is_told_apart()
    {
        var record = Good(Hashes + Files + "vouched 2026-11-20T16:56:00Z node/01234567#12\n");
        Assert.True(record.IsVouched);
        Assert.Null(record.Origin);
    }

    [Fact]
    public void A_large_zip_has_chunks_and_only_a_large_one()
    {
        const string large = "zip sha256:" + Sha + " 8388608 chunks:" + Sha + "\ninfo sha256:" + Sha + " 50\n";
        Assert.Equal(Sha, Good(Hashes + large + Observed).ChunkRoot);
        Refused(Hashes + large.Replace("8388608", "8388607", StringComparison.Ordinal) + Observed);
        Refused(Hashes + large.Replace(" chunks:" + Sha, "", StringComparison.Ordinal) + Observed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData(Hashes)]
    [InlineData(Hashes + Files)]
    [InlineData(Files + Observed)]
    [InlineData(Hashes + Observed + Files)]
    [InlineData(Hashes + Files + Observed + Origin)]
    [InlineData(Hashes + Files + Observed + Observed)]
    [InlineData(Hashes + Files + Origin + Origin + Observed)]
    [InlineData(Hashes + Files + Observed + "vouched 2026-11-20T16:56:00Z node#1\n")]
    [InlineData(Hashes + Files + Observed + "zip sha256:" + Sha + " 1\n")]
    [InlineData(Hashes + "\n" + Files + Observed)]
    [InlineData("\n" + Hashes + Files + Observed)]
    [InlineData(Hashes + Files + Observed + "\n")]
    [InlineData(Hashes + Files + "observed 2026-11-20T16:56:00Z direct")]
    [InlineData(Hashes + Files + "observed 2026-11-20T16:56:00Z\n")]
    [InlineData(Hashes + Files + "observed 2026-11-20T16:56:00+01:00 direct\n")]
    [InlineData(Hashes + Files + "observed 2026-11-31T16:56:00Z direct\n")]
    [InlineData(Hashes + Files + "observed yesterday direct\n")]
    [InlineData(Hashes + Files + "observed  2026-11-20T16:56:00Z direct\n")]
    [InlineData(Hashes + Files + "observed 2026-11-20T16:56:00Z direct \n")]
    [InlineData(Hashes + Files + "origin\n" + Observed)]
    [InlineData(Hashes + Files + "origin git \u202e\n" + Observed)]
    [InlineData(Hashes + Files + "origin git \u2028x\n" + Observed)]
    [InlineData(Hashes + Files + "origin git \u001b[2J\n" + Observed)]
    [InlineData(Hashes + Files + "origin git\r\n" + Observed)]
    [InlineData(Hashes + Files + Observed + "Word x\n")]
    [InlineData(Hashes + Files + Observed + "wo.rd x\n")]
    public void What_breaks_a_rule_is_refused_with_a_reason(string text) => Refused(text);

    [Theory]
    [InlineData("github.com/pkg/errors v0.9.1/go.mod", "github.com/pkg/errors v0.9.2/go.mod")]
    [InlineData("github.com/pkg/errors v0.9.1/go.mod", "github.com/pkg/error v0.9.1/go.mod")]
    [InlineData("github.com/pkg/errors", "github.com/../errors")]
    [InlineData("github.com/pkg/errors", "pkg")]
    [InlineData("v0.9.1", "v0.9")]
    [InlineData("v0.9.1", "v2.0.0")]
    [InlineData("h1:47DE", "h2:47DE")]
    [InlineData("hSuFU=", "hSuFV=")]
    [InlineData("hSuFU=", "hSuFU")]
    [InlineData("sha256:0123", "sha256:0A23")]
    [InlineData("sha256:0123", "sha256:023")]
    [InlineData("sha256:0123", "sha1:0123")]
    [InlineData(" 13422", " 013422")]
    [InlineData(" 13422", " +13422")]
    [InlineData(" 13422", " -1")]
    [InlineData(" 13422", " 1.5")]
    [InlineData(" 13422", " 524288001")]
    [InlineData(" 13422", " 99999999999999999999")]
    [InlineData(" 13422", "")]
    [InlineData(" 50\n", " 1048577\n")]
    [InlineData(" 50\n", " 50 chunks:" + Sha + "\n")]
    public void One_wrong_part_is_enough(string part, string wrong) =>
        Refused((Hashes + Files + Observed).Replace(part, wrong, StringComparison.Ordinal));

    [Fact]
    public void Half_a_surrogate_pair_is_refused() => Refused(Hashes + Files + "origin git \ud800\n" + Observed);

    [Fact]
    public void No_further_line_can_pass_for_a_hash_line()
    {
        // go takes the hashes of every line of a record that begins with path and version.
        Refused(Hashes + Files + Observed + "github.com/pkg/errors v0.9.1 " + H1 + "\n");
        Refused(Hashes + Files + Observed + "golang.org/x/mod v0.9.1 " + H1 + "\n");
    }

    [Fact]
    public void Everything_is_bounded()
    {
        string Lines(int count) => string.Concat(Enumerable.Range(0, count).Select(i => $"later-{i} x\n"));
        Good(Hashes + Files + Observed + Lines(ModuleRecord.MaxFurtherLines));
        Refused(Hashes + Files + Observed + Lines(ModuleRecord.MaxFurtherLines + 1));
        var text = Hashes + Files + "origin " + new string('é', 4000) + "\n" + Observed;
        Good(text.Replace(new string('é', 4000), new string('é', 3000), StringComparison.Ordinal));
        Refused(text);
    }

    [Fact]
    public void Records_made_at_random_are_read_back_equal()
    {
        var random = new Random(20261120);
        for (var i = 0; i < 500; i++)
        {
            var record = Made(random);
            var read = ModuleRecord.Parse(record.ToText(), out var reason);
            Assert.True(read == record, $"{i}: {reason}\n{record}");
            Assert.Equal(record.ToText(), read!.ToText());
        }
    }

    [Fact]
    public void Damaged_records_are_refused_or_read_as_exactly_what_they_say()
    {
        var random = new Random(7);
        for (var i = 0; i < 5000; i++)
        {
            var text = Made(random).ToText().ToCharArray();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                text[random.Next(text.Length)] = " \n0a\r\0/:\u2028"[random.Next(9)];
            }

            var damaged = new string(text);
            if (ModuleRecord.Parse(damaged, out var reason) is { } record)
            {
                Assert.Equal(damaged, record.ToText());
            }
            else
            {
                Assert.NotEmpty(reason!);
            }
        }
    }

    [Theory]
    [InlineData("git x\nobserved 2026-11-20T16:56:00Z direct")]
    [InlineData("git  x")]
    [InlineData("")]
    public void A_record_that_could_not_be_read_back_is_never_written(string origin)
    {
        var record = Good(Hashes + Files + Observed) with { Origin = origin };
        Assert.Throws<InvalidOperationException>(() => record.ToText());
    }

    private static ModuleRecord Made(Random random)
    {
        string Digest() => Convert.ToHexStringLower(Bytes(random));
        var size = random.Next(2) == 0 ? random.NextInt64(8 << 20) : random.NextInt64(8 << 20, ModuleRecord.MaxZip + 1);
        return new ModuleRecord
        {
            Module = ModuleVersion.Create($"example.com/Module{random.Next(100)}", $"v1.{random.Next(100)}.0", out _)!,
            ZipHash = "h1:" + Convert.ToBase64String(Bytes(random)),
            ModHash = "h1:" + Convert.ToBase64String(Bytes(random)),
            Zip = new RecordedFile(Digest(), size),
            Info = new RecordedFile(Digest(), random.Next(1000)),
            ChunkRoot = size >= 8 << 20 ? Digest() : null,
            Origin = random.Next(2) == 0 ? null : $"git https://example.com/{random.Next()} refs/tags/ü{random.Next()}",
            Provenance = $"2026-11-{random.Next(1, 31):00}T{random.Next(24):00}:00:00Z direct go1.23.{random.Next(9)}",
            IsVouched = random.Next(2) == 0,
            Further = string.Concat(Enumerable.Range(0, random.Next(3)).Select(i => $"later{i} {random.Next()}\n")),
        };
    }

    private static byte[] Bytes(Random random)
    {
        var bytes = new byte[32];
        random.NextBytes(bytes);
        return bytes;
    }

    private static ModuleRecord Good(string text)
    {
        var record = ModuleRecord.Parse(text, out var reason);
        Assert.True(record is not null, reason);
        Assert.Null(reason);
        Assert.Equal(text, record.ToText());
        return record;
    }

    private static void Refused(string text)
    {
        Assert.Null(ModuleRecord.Parse(text, out var reason));
        Assert.NotEmpty(reason!);
    }
}
