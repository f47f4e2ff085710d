using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Pools;
using Athens.Federation.Node.Provenance.Pool;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Federation.Serving;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Federation.Pools;

/// <summary>What a node of a pool lets strangers, guests, members and former members do, over real connections.</summary>
public sealed class JoinAndGossipTests : IAsyncLifetime, IDisposable
{
    private readonly PoolBook book = PoolBook.Open(null, TimeProvider.System, NullLogger.Instance);
    private readonly SigningKey theirs = SigningKey.Create("globex/org/11111111");
    private ServingRig rig = null!;
    private OrgKey own = null!;

    public async Task InitializeAsync()
    {
        rig = await ServingRig.StartAsync(pool: folder =>
        {
            own = new OrgKey(folder);
            using var key = own.FindOrCreate("acme");
            Assert.Equal(PoolEnd.Taken, book.Create("trial", "acme", key, 1).End);
            return new PoolServingParts(book, own, new PoolWatchers(), new PoolIntake(book, TimeProvider.System));
        });
    }

    public async Task DisposeAsync() => await rig.DisposeAsync();

    public void Dispose()
    {
        book.Dispose();
        theirs.Dispose();
    }

    [Fact]
    public async Task A_stranger_gets_no_further_than_the_handshake_while_nobody_is_invited()
    {
        var stranger = rig.AddClient(isPeer: false);
        Assert.Equal(StatusCode.Unavailable, (await PeerClient.RefusedAsync(stranger.Pool.JoinAsync(Join(stranger, new byte[32])))).StatusCode);
        book.Withdraw(Invite().Id);
        Assert.Equal(StatusCode.Unavailable, (await PeerClient.RefusedAsync(stranger.Pool.JoinAsync(Join(stranger, new byte[32])))).StatusCode);
    }

    [Fact]
    public async Task A_guest_may_join_and_do_nothing_else()
    {
        var module = await rig.HoldAsync();
        Invite();
        var guest = rig.AddClient(isPeer: false);
        foreach (var call in new Func<Task<RpcException>>[]
        {
            () => PeerClient.RefusedAsync(guest.Service.WhoAreYouAsync(new Wire.WhoAreYouRequest())),
            () => guest.RefusedAsync(PeerClient.Request(module.Module, Wire.FetchRequest.Types.File.Zip)),
            () => PeerClient.RefusedAsync(guest.Logs.PrefixAsync(new Wire.PrefixRequest())),
            () => PeerClient.RefusedAsync(guest.Pool.TellPoolAsync(new Wire.TellPoolRequest { Pool = ByteString.CopyFrom(new byte[32]) })),
            () => PeerClient.RefusedAsync(guest.Pool.JoinAsync(Join(guest, new byte[32]))),
        })
        {
            Assert.Equal(StatusCode.PermissionDenied, (await call()).StatusCode);
        }

        Assert.Single(book.Current!.Root.Orgs);
    }

    [Fact]
    public async Task An_invitation_makes_a_member_with_both_signatures_and_only_of_whoever_used_it_first()
    {
        var invitation = Invite();
        var guest = rig.AddClient("first", isPeer: false);
        var request = Join(guest, invitation.Secret);
        var response = await guest.Pool.JoinAsync(request);
        var proposed = SignedNote.Parse(response.Proposal.Span, out _)!;
        Assert.Equal(2, PoolRoot.Parse(proposed.Text, out _)!.Threshold);
        Assert.Single(book.Current!.Root.Orgs);

        // Without its signature nothing happens, however often it asks; nor with that of a stranger's key.
        request.Proposal = response.Proposal;
        await guest.Pool.JoinAsync(request);
        using var other = SigningKey.Create("globex/org/22222222");
        request.Proposal = Sign(proposed, other);
        Assert.Equal(StatusCode.FailedPrecondition, (await PeerClient.RefusedAsync(guest.Pool.JoinAsync(request))).StatusCode);
        Assert.Single(book.Current!.Root.Orgs);

        request.Proposal = Sign(proposed, theirs);
        await guest.Pool.JoinAsync(request);
        Assert.Equal(["acme", "globex"], book.Current!.Root.Orgs.Select(org => org.Name));
        Assert.Contains(book.Current!.Members, member => member.Statement.Identity.Span.SequenceEqual(guest.Key.Bytes.Span));

        var second = rig.AddClient("second", isPeer: false);
        Assert.Equal(StatusCode.PermissionDenied, (await PeerClient.RefusedAsync(second.Pool.JoinAsync(Join(second, invitation.Secret)))).StatusCode);
    }

    [Fact]
    public async Task A_name_that_is_taken_a_statement_of_another_and_an_organizations_invitation_for_a_node_are_refused()
    {
        var invitation = Invite();
        var guest = rig.AddClient(isPeer: false);
        var other = rig.AddClient("other", isPeer: false);
        Assert.Equal(StatusCode.AlreadyExists, (await PeerClient.RefusedAsync(guest.Pool.JoinAsync(Join(guest, invitation.Secret, "acme")))).StatusCode);
        var borrowed = Join(guest, invitation.Secret);
        borrowed.Statement = Join(other, invitation.Secret).Statement;
        Assert.Equal(StatusCode.InvalidArgument, (await PeerClient.RefusedAsync(guest.Pool.JoinAsync(borrowed))).StatusCode);
        Assert.Equal(StatusCode.PermissionDenied, (await PeerClient.RefusedAsync(guest.Pool.JoinAsync(new Wire.JoinRequest { Secret = ByteString.CopyFrom(invitation.Secret.Span) }))).StatusCode);
        Assert.Single(book.Current!.Root.Orgs);
    }

    [Fact]
    public async Task Who_is_a_peer_but_no_member_hears_nothing_of_the_pool()
    {
        var peer = rig.AddClient();
        using var watch = peer.Pool.WatchPool(new Wire.WatchPoolRequest { Pool = PoolId(), Roots = { ByteString.CopyFrom(new byte[32]) } });
        var refused = await Assert.ThrowsAsync<RpcException>(() => watch.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
        Assert.Equal(StatusCode.FailedPrecondition, (await PeerClient.RefusedAsync(peer.Pool.TellPoolAsync(new Wire.TellPoolRequest { Pool = PoolId() }))).StatusCode);
    }

    [Fact]
    public async Task News_beyond_their_bounds_are_refused_and_forged_ones_change_nothing()
    {
        var member = await MemberAsync();
        var before = book.Current!.Root.Sha256;
        Wire.PoolNews many = new();
        many.Statements.Add(Enumerable.Repeat(ByteString.CopyFromUtf8("x"), 51));
        foreach (var news in new[] { many, new Wire.PoolNews { Root = ByteString.CopyFrom(new byte[113 << 10]) }, new Wire.PoolNews { Statements = { ByteString.CopyFrom(new byte[9 << 10]) } } })
        {
            Assert.Equal(StatusCode.InvalidArgument, (await PeerClient.RefusedAsync(member.Pool.TellPoolAsync(Tell(news)))).StatusCode);
        }

        // A member alone throws the other out; speaks for the other's node; sends what is no note.
        var root = book.Current!.Root;
        var coup = root.RemoveOrg("acme").Following(root, root.Version + 1, TimeProvider.System.GetUtcNow());
        var forged = NodeStatement.Create(book.Current!.Id, "acme", member.Description, TimeProvider.System.GetUtcNow(), NodeStatement.UsualLife);
        foreach (var news in new[]
        {
            new Wire.PoolNews { Root = Bytes(SignedNote.Sign(coup.Text, theirs)) },
            new Wire.PoolNews { Statements = { Bytes(forged.Sign(theirs)) } },
            new Wire.PoolNews { Root = ByteString.CopyFromUtf8("nothing"), Proposal = ByteString.CopyFromUtf8("nothing"), Statements = { ByteString.CopyFromUtf8("nothing") } },
        })
        {
            await member.Pool.TellPoolAsync(Tell(news));
        }

        Assert.Equal(before, book.Current!.Root.Sha256);
        Assert.DoesNotContain(book.Current!.Statements, one => one.Statement.Org == "acme");
    }

    [Fact]
    public async Task A_removed_organization_is_shut_out_at_once_and_the_old_root_does_not_bring_it_back()
    {
        var member = await MemberAsync();
        var old = book.Current!.Chain[^1].Note.ToBytes();
        using (var key = own.Find()!)
        {
            var (_, proposal) = book.Propose(root => root.RemoveOrg("globex"), key);
            Assert.NotNull(proposal);
            Assert.Equal(PoolEnd.Taken, book.Sign(proposal.Id, theirs).End);
        }

        rig.Keep();
        await Assert.ThrowsAnyAsync<Exception>(() => member.Pool.TellPoolAsync(Tell(new Wire.PoolNews { Root = Bytes(old) })).ResponseAsync);
        Assert.NotEqual(PoolEnd.Taken, book.TakeRoot(old).End);
        Assert.Equal(["acme"], book.Current!.Root.Orgs.Select(org => org.Name));
        Assert.Empty(book.Current!.Members);
    }

    private static ByteString Bytes(byte[] note) => UnsafeByteOperations.UnsafeWrap(note);

    private static ByteString Sign(SignedNote note, SigningKey key) =>
        Bytes(note.With(SignedNote.Parse(SignedNote.Sign(note.Text, key), out _)!.Signatures).ToBytes());

    /// <summary>A member of globex, whom the node knows as a peer.</summary>
    private async Task<PeerClient> MemberAsync()
    {
        var invitation = Invite();
        var client = rig.AddClient(isPeer: false);
        var request = Join(client, invitation.Secret);
        request.Proposal = Sign(SignedNote.Parse((await client.Pool.JoinAsync(request)).Proposal.Span, out _)!, theirs);
        await client.Pool.JoinAsync(request);
        rig.Peers.Set(PeerOrigin.Configuration, [new PeerOptions("globex/caller", "", client.Key, "globex", PeerTrust.Observe)]);
        return client;
    }

    private Invitation Invite() => book.Invite(
        Invitation.GrantOrg, TimeSpan.FromHours(1), [new PoolSeed("127.0.0.1:3443", rig.Key.Bytes)]);

    private Wire.JoinRequest Join(PeerClient client, ReadOnlyMemory<byte> secret, string org = "globex") => new()
    {
        Secret = ByteString.CopyFrom(secret.Span),
        Org = org,
        OrgKey = theirs.Verifier.ToString(),
        Statement = Bytes(NodeStatement.Create(book.Current!.Id, org, client.Description, TimeProvider.System.GetUtcNow(), NodeStatement.UsualLife).Sign(theirs)),
    };

    private Wire.TellPoolRequest Tell(Wire.PoolNews news) => new() { Pool = PoolId(), News = news };

    private ByteString PoolId() => ByteString.CopyFrom(Convert.FromHexString(book.Current!.Id));
}
