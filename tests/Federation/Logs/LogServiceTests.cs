using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Logs;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Federation.Serving;
using Athens.Federation.Tests.Provenance.OwnLog;
using Google.Protobuf;
using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Federation.Logs;

/// <summary>What peers are told of logs, over real connections.</summary>
public sealed class LogServiceTests
{
    [Fact]
    public async Task Records_come_in_order_in_frames_and_no_more_than_there_are()
    {
        await using ServingRig rig = await ServingRig.StartAsync();
        await AppendAsync(rig, 0, 3000);
        PeerClient peer = rig.AddClient();
        List<Wire.Leaf> leaves = await RecordsAsync(peer, new() { First = 10, Count = 16_384 });
        Assert.Equal(2990, leaves.Count);
        Assert.Equal(MerkleTree.LeafHash((await rig.OwnLog.TextsAsync(10, 1, default))[0].Span), MerkleTree.LeafHash(leaves[0].Text.Span));
        Assert.Equal(20, (await RecordsAsync(peer, new() { Log = rig.OwnLog.Name, First = 2000, Count = 20 })).Count);
        RightEdge edge = new();
        foreach (Wire.Leaf leaf in await RecordsAsync(peer, new() { First = 0, Count = 3000 }))
        {
            edge.Append(MerkleTree.LeafHash(leaf.Text.Span));
        }

        Assert.Equal(rig.OwnLog.Head!.Tree, edge.Head);
    }

    [Theory]
    [InlineData("", 0, 0, StatusCode.InvalidArgument)]
    [InlineData("", 0, 16_385, StatusCode.InvalidArgument)]
    [InlineData("", 5, 1, StatusCode.NotFound)]
    [InlineData("", ulong.MaxValue, 1, StatusCode.NotFound)]
    [InlineData("somebody/else", 0, 1, StatusCode.NotFound)]
    public async Task What_is_not_there_or_breaks_a_rule_is_refused(string log, ulong first, uint count, StatusCode status)
    {
        await using ServingRig rig = await ServingRig.StartAsync();
        await AppendAsync(rig, 0, 5);
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => RecordsAsync(rig.AddClient(), new() { Log = log, First = first, Count = count }));
        Assert.Equal(status, refused.StatusCode);
    }

    [Fact]
    public async Task To_outsiders_a_private_record_is_its_hash_and_a_vouched_one_to_all_who_do_not_ask_for_it()
    {
        await using ServingRig rig = await ServingRig.StartAsync(new FederationOptions { Org = "corp", Private = "corp.example" });
        ModuleRecord[] records =
        [
            SampleRecord.Of(0),
            SampleRecord.Of(1) with { Module = ModuleVersion.Create("corp.example/secret", "v1.0.0", out _)! },
            SampleRecord.Of(2) with { Further = "salt 00112233445566778899aabbccddeeff\n" },
            SampleRecord.Of(3) with { IsVouched = true, Provenance = "2026-11-20T16:56:00Z peer" },
        ];
        foreach (ModuleRecord record in records)
        {
            await rig.OwnLog.AppendAsync(record, default, default);
        }

        PeerClient outsider = rig.AddClient("outsider", org: "other");
        PeerClient colleague = rig.AddClient("colleague", org: "corp");
        Assert.Equal("text hash hash hash", Forms(await RecordsAsync(outsider, new() { Count = 9 })));
        Assert.Equal("text hash hash text", Forms(await RecordsAsync(outsider, new() { Count = 9, Vouched = true })));
        Assert.Equal("text text text hash", Forms(await RecordsAsync(colleague, new() { Count = 9 })));
        Assert.Equal("text text text text", Forms(await RecordsAsync(colleague, new() { Count = 9, Vouched = true })));
        Assert.Equal(
            MerkleTree.LeafHash((await rig.OwnLog.TextsAsync(1, 1, default))[0].Span).ToArray(),
            (await RecordsAsync(outsider, new() { First = 1, Count = 1 }))[0].Hash.ToByteArray());
    }

    [Fact]
    public async Task A_smaller_tree_is_proven_against_the_signed_head()
    {
        await using ServingRig rig = await ServingRig.StartAsync();
        await AppendAsync(rig, 0, 300);
        TreeHead then = rig.OwnLog.Head!.Tree;
        await AppendAsync(rig, 300, 400);
        Wire.LogService.LogServiceClient logs = rig.AddClient().Logs;
        Wire.PrefixResponse proof = await logs.PrefixAsync(new() { Prefix = 300, Size = 700 });
        Assert.Equal(then.Root, PrefixProof.RootOf([.. proof.Hashes.Select(hash => MerkleHash.Of(hash.Span))], 300, rig.OwnLog.Head!.Tree));
        Assert.Equal(StatusCode.NotFound, (await PeerClient.RefusedAsync(logs.PrefixAsync(new() { Prefix = 1, Size = 701 }))).StatusCode);
        Assert.Equal(StatusCode.InvalidArgument, (await PeerClient.RefusedAsync(logs.PrefixAsync(new() { Prefix = 701, Size = 700 }))).StatusCode);
        Assert.Equal(StatusCode.InvalidArgument, (await PeerClient.RefusedAsync(logs.PrefixAsync(new() { Size = ulong.MaxValue }))).StatusCode);
    }

    [Fact]
    public async Task A_watch_tells_the_present_head_at_once_then_each_newest_and_ends_with_the_node()
    {
        await using ServingRig rig = await ServingRig.StartAsync();
        using AsyncServerStreamingCall<Wire.HeadNews> watch = rig.AddClient().Logs.Watch(new());
        Assert.Equal(0, await NextAsync(rig, watch));
        await AppendAsync(rig, 0, 5);
        await UntilAsync(rig, watch, 5);

        // Nobody reads: of what follows the last is what counts.
        for (int i = 5; i < 400; i += 5)
        {
            await AppendAsync(rig, i, 5);
        }

        await UntilAsync(rig, watch, 400);
        await rig.StopListeningAsync();
        RpcException ended = await Assert.ThrowsAsync<RpcException>(() => watch.ResponseStream.MoveNext(default));
        Assert.Equal(StatusCode.Unavailable, ended.StatusCode);
    }

    [Fact]
    public async Task Cosignatures_are_told_to_who_asks_for_them_gathered_and_to_nobody_else()
    {
        await using ServingRig rig = await ServingRig.StartAsync();
        Wire.LogService.LogServiceClient logs = rig.AddClient().Logs;
        using AsyncServerStreamingCall<Wire.HeadNews> plain = logs.Watch(new());
        using AsyncServerStreamingCall<Wire.HeadNews> cosigned = logs.Watch(new() { Cosigned = true });
        Assert.Equal(0, await NextAsync(rig, plain));
        Assert.Equal(0, await NextAsync(rig, cosigned));
        await AppendAsync(rig, 0, 5);
        await UntilAsync(rig, plain, 5);
        await UntilAsync(rig, cosigned, 5);
        SignedHead head = rig.OwnLog.Head!;
        SignedNote checkpoint = SignedNote.Parse(head.Checkpoint.Span, out _)!;
        for (int i = 0; i < 40; i++)
        {
            using SigningKey witness = SigningKey.Create($"witness{i}");
            rig.OwnLog.AddCosignatures(head, [Cosignature.Sign(checkpoint, witness, DateTimeOffset.UnixEpoch.AddYears(56))]);
        }

        // 40 cosignatures, in far fewer messages than that.
        int told = 0;
        int signatures = 0;
        while (signatures < 41)
        {
            Assert.Equal(5, await NextAsync(rig, cosigned));
            told++;
            signatures = SignedNote.Parse(cosigned.ResponseStream.Current.CosignedCheckpoint.Span, out _)!.Signatures.Count;
        }

        Assert.InRange(told, 1, 3);
        await AppendAsync(rig, 5, 1);
        Assert.Equal(6, await NextAsync(rig, plain));
        Assert.True(plain.ResponseStream.Current.CosignedCheckpoint.IsEmpty);
    }

    [Fact]
    public async Task Watches_of_one_peer_are_few_and_take_none_of_its_calls()
    {
        await using ServingRig rig = await ServingRig.StartAsync(new FederationOptions { PeerStreams = 1 });
        PeerClient peer = rig.AddClient();
        List<AsyncServerStreamingCall<Wire.HeadNews>> watches = [];
        for (int i = 0; i < PeerWatches.MaxOfPeer; i++)
        {
            watches.Add(peer.Logs.Watch(new()));
            Assert.Equal(0, await NextAsync(rig, watches[^1]));
        }

        using (AsyncServerStreamingCall<Wire.HeadNews> oneMore = peer.Logs.Watch(new()))
        {
            RpcException refused = await Assert.ThrowsAsync<RpcException>(() => oneMore.ResponseStream.MoveNext(default));
            Assert.Equal(PeerFault.Busy, CallFault.Of(refused).Fault);
        }

        await peer.UntilServedAsync();
        watches[0].Dispose();
        await peer.UntilServedAsync(async () =>
        {
            using AsyncServerStreamingCall<Wire.HeadNews> again = peer.Logs.Watch(new());
            Assert.Equal(0, await NextAsync(rig, again));
        });
        watches.ForEach(static watch => watch.Dispose());
    }

    [Fact]
    public async Task A_look_up_is_answered_as_a_developer_would_be_and_a_private_one_not_at_all()
    {
        await using ServingRig rig = await ServingRig.StartAsync(new FederationOptions { Org = "corp", Private = "corp.example" });
        PeerClient outsider = rig.AddClient("outsider", org: "other");
        Wire.LookupRequest open = new() { Module = new() { Path = "example.com/m", Version = "v1.0.0" } };
        Wire.LookupRequest secret = new() { Module = new() { Path = "corp.example/secret", Version = "v1.0.0" } };
        Wire.LookupResponse absent = await outsider.Logs.LookupAsync(open);
        Assert.Equal((Wire.LookupResponse.Types.End.Absent, "nobody has it"), (absent.End, absent.Reason));
        rig.Database.Answer = Outcome<ChecksumAnswer>.Found(new ChecksumAnswer("answer"u8.ToArray(), false), "store");
        Assert.Equal("answer", (await outsider.Logs.LookupAsync(open)).Answer.ToStringUtf8());
        rig.Database.Answer = Outcome<ChecksumAnswer>.Faulty(new string('☃', 5000));
        Wire.LookupResponse faulty = await outsider.Logs.LookupAsync(open);
        Assert.Equal(Wire.LookupResponse.Types.End.Unavailable, faulty.End);
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(faulty.Reason), 1, 1024);

        int asked = rig.Database.Asked.Count;
        Assert.Equal(Wire.LookupResponse.Types.End.NotHeld, (await outsider.Logs.LookupAsync(secret)).End);
        Assert.Equal(asked, rig.Database.Asked.Count);
        await rig.AddClient("colleague", org: "corp").Logs.LookupAsync(secret);
        Assert.Equal(asked + 1, rig.Database.Asked.Count);
        Assert.Equal(StatusCode.InvalidArgument, (await PeerClient.RefusedAsync(outsider.Logs.LookupAsync(new()))).StatusCode);
    }

    [Fact]
    public async Task A_head_that_this_log_did_not_sign_is_refused_and_changes_nothing()
    {
        await using ServingRig rig = await ServingRig.StartAsync();
        await AppendAsync(rig, 0, 5);
        Wire.LogService.LogServiceClient logs = rig.AddClient().Logs;
        using SigningKey other = SigningKey.Create(rig.OwnLog.Name);
        byte[] forged = SignedNote.Sign(Checkpoint.Of(rig.OwnLog.Name, new TreeHead(99, MerkleTree.Empty)).ToText(), other);
        foreach (byte[] note in new[] { forged, [], new byte[65 << 10], "x"u8.ToArray() })
        {
            Assert.Equal(StatusCode.InvalidArgument, (await PeerClient.RefusedAsync(logs.SeenHeadAsync(new() { Checkpoint = ByteString.CopyFrom(note) }))).StatusCode);
        }

        await logs.SeenHeadAsync(new() { Checkpoint = ByteString.CopyFrom(rig.OwnLog.Head!.Checkpoint.Span) });
        Assert.Null(rig.OwnLog.Problem);
    }

    /// <summary>Records that are appended together may come under one head or under several.</summary>
    private static async Task UntilAsync(ServingRig rig, AsyncServerStreamingCall<Wire.HeadNews> watch, long size)
    {
        long told;
        do
        {
            told = await NextAsync(rig, watch);
        }
        while (told < size);
    }

    private static Task<AppendOutcome[]> AppendAsync(ServingRig rig, int first, int count) =>
        Task.WhenAll(Enumerable.Range(first, count).Select(i => rig.OwnLog.AppendAsync(SampleRecord.Of(i), default, default)));

    private static async Task<List<Wire.Leaf>> RecordsAsync(PeerClient peer, Wire.RecordsRequest request)
    {
        using AsyncServerStreamingCall<Wire.RecordsFrame> call = peer.Logs.Records(request);
        List<Wire.Leaf> leaves = [];
        while (await call.ResponseStream.MoveNext(default))
        {
            Assert.NotEmpty(call.ResponseStream.Current.Leaves);
            Assert.InRange(call.ResponseStream.Current.CalculateSize(), 1, 256 << 10);
            leaves.AddRange(call.ResponseStream.Current.Leaves);
        }

        return leaves;
    }

    private static string Forms(IEnumerable<Wire.Leaf> leaves) =>
        string.Join(' ', leaves.Select(static leaf => leaf.Text.Length > 0 && leaf.Hash.IsEmpty ? "text" : leaf.Hash.Length == 32 && leaf.Text.IsEmpty ? "hash" : "?"));

    /// <summary>The size of the next head, whose two forms are checked.</summary>
    private static async Task<long> NextAsync(ServingRig rig, AsyncServerStreamingCall<Wire.HeadNews> watch)
    {
        Assert.True(await watch.ResponseStream.MoveNext(default));
        Wire.HeadNews news = watch.ResponseStream.Current;
        SignedHead? head = SignedHead.Read(news.Latest.Memory, news.Checkpoint.Memory, rig.Keys.Log.Verifier, out string? reason);
        Assert.Null(reason);
        return head!.Tree.Size;
    }
}
