using System.Globalization;
using System.Text;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Integration;
using Athens.Federation.Tests.Provenance.OwnLog;
using Google.Protobuf;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Hostile;

/// <summary>Peers that lie with genuine signatures, on real sockets, and a real node: heads of the past, and witnesses that say what they did not see.</summary>
public sealed class LogLiesTests : IDisposable
{
    private const string KeeperLog = "keeper/0123abcd";

    private readonly NodeFolder folder = new();

    public LogLiesTests() => folder.Upstream["goproxy"] = "\"off\"";

    public void Dispose() => folder.Dispose();

    /// <summary>
    /// Developer: nothing changes, what was there is still proven under the newest head. Operator: a line that the peer has lost records, and the peer is told its own newer
    /// head; no incident, since an old head is also what late mail and a restored backup look like.
    /// </summary>
    [Fact]
    public async Task A_replayed_old_head_takes_nothing_back()
    {
        using var keeper = new HostilePeer("keeper", KeeperLog);
        await using var log = await HostileLog.StartAsync(keeper.Log, 6);
        keeper.Kept = log;
        log.Show(log.Heads[4]);
        await using var server = await HostileServer.StartAsync(keeper);
        await using var node = await StartAsync("", (server, "observe", "x"));
        await SizeAsync(node, 4);

        log.Show(log.Heads[2]);
        Assert.Contains("has 2 now, and had signed 4", await node.WaitForLineAsync("SECURITY: peer keeper has lost records"), StringComparison.Ordinal);
        Assert.True(await ShortPause.UntilAsync(() => Task.FromResult(log.Seen.TryPeek(out _)), isTold => isTold));
        Assert.Equal(log.Heads[4].Checkpoint.ToArray(), log.Seen.First());
        Assert.Equal(4, await SizeAsync(node, 4));
        Assert.Equal(200, (await GetAsync(node, $"lookup/{SampleRecord.Module(3)}")).Status);
        Assert.Equal((0, "There are no incidents.\n"), await folder.RunAsync(null, "incident", "list"));

        // The log goes on where it was.
        log.Show(log.Heads[6]);
        Assert.Equal(6, await SizeAsync(node, 6));

        // What never was a head of that history is no replay: it is proven against the keeper.
        var other = await log.ForkAsync(3);
        log.Show(other[3]);
        Assert.Contains("signed two histories", await node.WaitForLineAsync("SECURITY: incident"), StringComparison.Ordinal);
        Assert.Equal(403, (await ShortPause.UntilAsync(() => GetAsync(node, "latest"), answer => answer.Status == 403)).Status);
    }

    /// <summary>
    /// Developer: the log is not served before an honest witness has cosigned it, and a fork that a witness cosigned all the same ends its use (403). Operator: how many
    /// witnesses are missing; later an incident with both heads.
    /// </summary>
    [Fact]
    public async Task A_witness_that_lies_for_a_log_makes_nothing_believed_that_is_not_so()
    {
        using var keeper = new HostilePeer("keeper", KeeperLog);
        using var liar = new HostilePeer("liar");
        using var witness = SigningKey.Create("liar/witness");
        using var another = SigningKey.Create("liar/witness");
        liar.Hello = hello => Named(hello, witness);
        await using var log = await HostileLog.StartAsync(keeper.Log, 5);
        keeper.Kept = log;

        // Made up, over another head, of the future, by the log itself: none of them counts.
        var now = DateTimeOffset.UtcNow;
        var head = log.Heads[3];
        log.Show(head, head, Cosignature.Sign(HostileLog.NoteOf(head), another, now), Cosignature.Sign(HostileLog.NoteOf(log.Heads[2]), witness, now));
        await using var keeperServer = await HostileServer.StartAsync(keeper);
        await using var liarServer = await HostileServer.StartAsync(liar);
        await using var node = await StartAsync("witnesses = 1", (keeperServer, "observe", "x"), (liarServer, "none", "y"));
        await node.WaitForLineAsync("Peer liar connected");
        await node.WaitForLineAsync("0 of 1 organizations have witnessed its head");
        log.Show(head, head, Cosignature.Sign(HostileLog.NoteOf(head), witness, now.AddHours(1)));
        log.Show(head, head, new NoteSignature("liar/witness", 1, new byte[72]));
        Assert.NotEqual(200, (await GetAsync(node, "latest")).Status);

        // Honest for once.
        log.Show(head, head, Cosignature.Sign(HostileLog.NoteOf(head), witness, now));
        Assert.Equal(3, await SizeAsync(node, 3));

        // And then for a second history, which a witness must never do: what was mirrored tells.
        var other = await log.ForkAsync(5);
        log.Show(other[5], other[5], Cosignature.Sign(HostileLog.NoteOf(other[5]), witness, now));
        Assert.Contains("signed two histories", await node.WaitForLineAsync("SECURITY: incident"), StringComparison.Ordinal);
        Assert.Equal(403, (await ShortPause.UntilAsync(() => GetAsync(node, "latest"), answer => answer.Status == 403)).Status);
        Assert.Matches($"open +forked-log +log {KeeperLog}", (await folder.RunAsync(null, "incident", "list")).Output);
    }

    /// <summary>Developer: the node's checkpoint shows no cosignature that is not the witness's. Operator: which peer lied, and that it is set aside; signing goes on.</summary>
    [Theory]
    [InlineData("another key", "its cosignature is not by its witness key")]
    [InlineData("another head", "its cosignature is not by its witness key")]
    [InlineData("a known head of nobody", "Peer liar does not witness this node's log for now: it knows a head of 1000 records")]
    public async Task A_witness_that_lies_to_a_log_is_told_to_its_operator_and_shown_to_nobody(string lie, string told)
    {
        using var liar = new HostilePeer("liar");
        using var witness = SigningKey.Create("liar/witness");
        using var another = SigningKey.Create("liar/witness");
        liar.Hello = hello => Named(hello, witness);
        liar.Cosign = request =>
        {
            var note = WitnessRequest.Parse(request.Body.Span, out _)!.Note;
            var known = SignedNote.Parse(SignedNote.Sign(Checkpoint.Of(Checkpoint.Parse(note.Text, out _)!.Origin, new TreeHead(1000, MerkleTree.Empty)).ToText(), another), out _)!;
            return lie switch
            {
                "another key" => new Wire.AddCheckpointResponse { Cosignatures = ByteString.CopyFromUtf8(Cosignature.Sign(note, another, DateTimeOffset.UtcNow).ToLine()) },
                "another head" => new Wire.AddCheckpointResponse { Cosignatures = ByteString.CopyFromUtf8(Cosignature.Sign(known, witness, DateTimeOffset.UtcNow).ToLine()) },
                _ => new Wire.AddCheckpointResponse { KnownSize = 1000, Known = ByteString.CopyFrom(known.ToBytes()) },
            };
        };
        await using var server = await HostileServer.StartAsync(liar);
        await using var node = await StartAsync("", (server, "none", "y"));
        await node.WaitForLineAsync(told);
        var name = (await folder.RunAsync(null, "key", "gosumdb")).Output.Split('+')[0];
        using var answer = await node.Client.GetAsync($"/sumdb/{name}/checkpoint");
        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Single((await answer.Content.ReadAsStringAsync()).Split('\n'), line => line.StartsWith('—'));
        Assert.Equal((0, "There are no incidents.\n"), await folder.RunAsync(null, "incident", "list"));
    }

    private static Wire.WhoAreYouResponse Named(Wire.WhoAreYouResponse hello, SigningKey witness)
    {
        hello.WitnessKey = ByteString.CopyFrom(witness.PublicKey.Span);
        return hello;
    }

    private async Task<NodeProcess> StartAsync(string pool, params (HostileServer Server, string Trust, string Org)[] peers)
    {
        var text = new StringBuilder("[node]\nname = \"node\"\npeer_listen = \"127.0.0.1:0\"\n[pool]\norg = \"z\"\n").AppendLine(pool);
        foreach (var (server, trust, org) in peers)
        {
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"[[peer]]\nname = \"{server.Peer.Name}\"\nendpoint = \"{server.Address}\"\nkey = \"{server.Peer.Key}\"\ntrust = \"{trust}\"\norg = \"{org}\"");
        }

        folder.Sections = text.ToString();
        return await folder.StartWithoutGoAsync();
    }

    private static async Task<(int Status, string Body)> GetAsync(NodeProcess node, string resource)
    {
        using var answer = await node.Client.GetAsync($"/sumdb/{KeeperLog}/{resource}");
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Records that developers are shown of the keeper's log, once there are so many.</summary>
    private static async Task<long> SizeAsync(NodeProcess node, long size)
    {
        static long Of((int Status, string Body) answer) => answer.Status == 200 ? long.Parse(answer.Body.Split('\n')[1], CultureInfo.InvariantCulture) : -1;
        return Of(await ShortPause.UntilAsync(() => GetAsync(node, "latest"), answer => Of(answer) >= size));
    }
}
