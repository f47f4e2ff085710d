using System.IO.Compression;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Modules;
using Athens.Federation.Tests.Storage;
using Google.Protobuf;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Hostile;

/// <summary>A peer that lies about what it holds: in its records, in its answers to Locate, in the zip that it signed for.</summary>
[Collection(HostileCases.Name)]
public sealed class RecordLiesTests(NodeUnderTest node)
{
    private static readonly Lazy<byte[]> Gigabyte = new(static () => Zeros(1024));

    private static readonly Dictionary<string, (string Fault, Func<Wire.Location, HostilePeer, Wire.Location> Tell)> Kinds = new(StringComparer.Ordinal)
    {
        ["not-signed"] = ("Lied", static (location, _) => With(location, record => Array.Fill(record, (byte)'A', record.Length - 40, 30))),
        ["signed-by-another-log"] = ("Lied", static (location, _) =>
        {
            using SigningKey another = SigningKey.Create("another");
            string text = SignedNote.Parse(location.Record.Span, out string? _)!.Text;
            location.Record = ByteString.CopyFrom(SignedNote.Sign(text, another));
            return location;
        }),
        ["record-of-another-module"] = ("Lied", static (_, liar) => liar.Location(SampleModule.Make("example.org/other"))),
        ["record-of-noise"] = ("Lied", static (location, _) => With(location, static record => new Random(1).NextBytes(record))),
        ["record-too-large"] = ("Lied", static (location, _) =>
        {
            location.Record = ByteString.CopyFrom(new byte[100 << 10]);
            return location;
        }),
        ["other-sizes"] = ("Lied", static (location, _) =>
        {
            location.ZipSize++;
            return location;
        }),
        ["chunks-of-a-small-zip"] = ("Lied", static (location, _) =>
        {
            location.Chunks = ByteString.CopyFrom(new byte[32 * 500]);
            return location;
        }),
    };

    public static TheoryData<string> Cases() => [.. Kinds.Keys];

    public static TheoryData<string, uint> Bombs() => new() { { "bomb-that-declares-ten-bytes", 10 }, { "bomb-that-declares-a-gigabyte", 1U << 30 } };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_record_that_proves_nothing_is_a_lie(string kind)
    {
        await using Encounter encounter = await Encounter.BeginAsync(node, kind, prepare: liar => liar.Tell = location =>
        {
            liar.Told();
            return Kinds[kind].Tell(location, liar);
        });
        await encounter.FetchUntilLiedToAsync();
        await encounter.AssertSetAsideAsync(Kinds[kind].Fault);
        Assert.Equal(0, encounter.Liar.Fetches);
        await encounter.AssertUnharmedAsync();
    }

    [Fact]
    public async Task A_chunk_list_that_does_not_fit_its_record_is_a_lie()
    {
        await using Encounter encounter = await Encounter.BeginAsync(node, "chunk-list", Encounter.Large, prepare: static liar => liar.Tell = location =>
        {
            liar.Told();
            byte[] chunks = location.Chunks.ToByteArray();
            chunks[40] ^= 1;
            location.Chunks = ByteString.CopyFrom(chunks);
            return location;
        });
        await encounter.FetchUntilLiedToAsync();
        await encounter.AssertSetAsideAsync("Lied");
        await encounter.AssertUnharmedAsync();
    }

    [Fact]
    public async Task The_right_h1_claimed_for_other_bytes_is_a_lie()
    {
        await using Encounter encounter = await Encounter.BeginAsync(node, "right-h1-other-bytes", prepare: static liar =>
        {
            liar.Zip = static module => SampleModule.Make(module.Module.Path, module.Module.Version, text: "malice", fill: 1000).Zip;
            liar.Lie(HostilePeer.HonestAsync, static served => served.IsZip);
        });
        await encounter.FetchUntilLiedToAsync();
        await encounter.AssertSetAsideAsync("Lied");
        await encounter.AssertUnharmedAsync();
    }

    [Theory]
    [MemberData(nameof(Bombs))]
    public async Task A_bomb_is_a_lie_of_whoever_signed_for_it(string kind, uint declared)
    {
        await using Encounter encounter = await Encounter.BeginAsync(node, kind, prepare: liar =>
        {
            liar.Zip = module => ZipMaker.Of(new ZipPart($"{module.Module}/bomb") { Raw = Gigabyte.Value, Size = declared, Crc = ZipMaker.CrcOf(new byte[10]) });
            liar.Lie(HostilePeer.HonestAsync, static served => served.IsZip);
        });
        await encounter.FetchUntilSetAsideAsync("Lied");
        await encounter.AssertSetAsideAsync("Lied");
        await encounter.AssertUnharmedAsync();
    }

    [Fact]
    public async Task Another_zip_of_the_same_h1_in_the_middle_of_a_resumed_one_is_found_out()
    {
        await using Encounter encounter = await Encounter.BeginAsync(node, "other-zip-resumed", prepare: static liar => liar.Lie(
            static (served, frames, context) =>
            {
                byte[] other = SampleModule.Make(served.Module.Module.Path, fill: Encounter.Small, level: CompressionLevel.NoCompression).Zip;
                byte[] file = new byte[served.File.Length];
                other.AsSpan(0, Math.Min(other.Length, file.Length)).CopyTo(file);
                return HostilePeer.HonestAsync(served with { File = file }, frames, context);
            },
            static served => served is { IsZip: true, Offset: > 0 }));

        // Not as quick as who breaks off, and quicker than the honest one.
        encounter.Liar.Locate = async request =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
            return encounter.Liar.Located(request);
        };
        await encounter.JoinAsync("breaks-off", static breaks => breaks.Lie(StreamLies.BreaksOffAsync, static served => served is { IsZip: true, Offset: 0 }));
        await encounter.FetchUntilSetAsideAsync("Lied");
        await encounter.AssertSetAsideAsync("Lied");
        Assert.DoesNotContain("SECURITY: peer breaks-off", encounter.Log, StringComparison.Ordinal);
        await encounter.AssertUnharmedAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(1000)]
    public async Task Another_number_of_answers_than_questions_is_no_answer(int answers)
    {
        await using Encounter encounter = await Encounter.BeginAsync(node, $"{answers}-answers", prepare: liar => liar.Locate = request =>
        {
            liar.Told();
            Wire.LocateResponse response = new();
            Wire.Location one = liar.Located(request).Locations[0];
            response.Locations.AddRange(Enumerable.Repeat(one, answers));
            return Task.FromResult(response);
        });
        await encounter.FetchUntilLiedToAsync();
        await encounter.AssertSetAsideAsync("Protocol");
        await encounter.AssertUnharmedAsync();
    }

    [Fact]
    public async Task A_peer_that_does_not_answer_whether_it_holds_something_holds_nobody_up()
    {
        await using Encounter encounter = await Encounter.BeginAsync(node, "no-answer", prepare: static liar => liar.Locate = async request =>
        {
            liar.Told();
            await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System);
            return liar.Located(request);
        });
        await encounter.FetchUntilLiedToAsync();
        await encounter.AssertSetAsideAsync("Slow");
        await encounter.AssertUnharmedAsync();
    }

    [Fact]
    public async Task Trusted_records_that_disagree_are_refused_in_words_that_a_developer_understands()
    {
        await using Encounter encounter = await Encounter.BeginAsync(node, "other-hashes", prepare: static liar =>
            liar.Sign = static record => record with { ZipHash = "h1:" + Convert.ToBase64String(new byte[32]) });
        (int status, string words) = await encounter.RefusedAsync();
        Assert.Equal(403, status);
        Assert.Contains("disagree", words, StringComparison.Ordinal);
        await encounter.AssertLoggedAsync("the record of peer other-hashes has ");
        await encounter.AssertUnharmedAsync();
    }

    [Fact]
    public async Task Other_hashes_of_a_peer_that_is_not_trusted_count_for_nothing()
    {
        await using Encounter encounter = await Encounter.BeginAsync(node, "stranger", trust: "none", prepare: static liar =>
            liar.Sign = static record => record with { ZipHash = "h1:" + Convert.ToBase64String(new byte[32]) });
        await encounter.FetchAsync();
        await encounter.AssertLoggedAsync("Peer stranger holds ");
        Assert.Equal(0, encounter.Liar.Fetches);
        await encounter.AssertUnharmedAsync();
    }

    [Theory]
    [InlineData("wrong-bytes-alone")]
    [InlineData("truncated-alone")]
    public async Task When_nobody_else_holds_it_the_reason_names_the_peer(string kind)
    {
        await using Encounter encounter = await Encounter.BeginAsync(
            node, kind, prepare: liar => liar.Lie(kind[0] == 'w' ? StreamLies.WrongBytesAsync : StreamLies.TruncatedAsync));
        (int status, string words) = await encounter.RefusedAsync(isHeldByHonest: false);
        Assert.Equal(502, status);
        Assert.Contains($"{kind}: ", words, StringComparison.Ordinal);
        await encounter.AssertUnharmedAsync();
    }

    private static Wire.Location With(Wire.Location location, Action<byte[]> change)
    {
        byte[] record = location.Record.ToByteArray();
        change(record);
        location.Record = ByteString.CopyFrom(record);
        return location;
    }

    /// <summary>Mebibytes of zeros, deflated: one mebibyte, flushed, again and again.</summary>
    private static byte[] Zeros(int mebibytes)
    {
        MemoryStream one = new();
        using DeflateStream deflate = new(one, CompressionLevel.Optimal, leaveOpen: true);
        deflate.Write(new byte[1 << 20]);
        deflate.Flush();
        byte[] block = one.ToArray();
        return [.. Enumerable.Repeat(block, mebibytes).SelectMany(static part => part), 3, 0];
    }
}
