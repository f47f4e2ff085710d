using System.Security.Cryptography;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Provenance.Pool;
using Athens.Federation.Node.Transparency;
using Google.Protobuf;
using Grpc.Net.Client;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Hostile;

/// <summary>A node of an organization that joined a pool by the book, and whose key signs whatever it is told to.</summary>
internal sealed class HostileMember : IAsyncDisposable
{
    private readonly HostileServer server;
    private readonly NodeCertificate certificate;
    private readonly SocketsHttpHandler handler;
    private readonly GrpcChannel channel;
    private readonly SigningKey orgKey;
    private readonly Invitation invitation;
    private PoolRoot root = null!;

    private HostileMember(string org, HostileServer server, Invitation invitation)
    {
        Org = org;
        this.server = server;
        this.invitation = invitation;
        orgKey = OrgKeyOf(org);
        certificate = new NodeCertificate(server.Peer.Identity, TimeProvider.System);
        var seed = invitation.Seeds[0];
        handler = new SocketsHttpHandler { SslOptions = PeerTls.ClientOptions(certificate, PeerKey.Of(seed.Identity.Span)), EnableMultipleHttp2Connections = true };
        channel = GrpcChannel.ForAddress($"https://{seed.Endpoint}", new GrpcChannelOptions { HttpHandler = handler });
        Pool = new Wire.PoolService.PoolServiceClient(channel);
    }

    public string Org { get; }

    public HostilePeer Peer => server.Peer;

    public Wire.PoolService.PoolServiceClient Pool { get; }

    /// <summary>Joins with a token, as a real node does.</summary>
    public static async Task<HostileMember> JoinAsync(string token, string org)
    {
        HostileMember member = new(org, await HostileServer.StartAsync(new HostilePeer(org + "-node")), Invitation.Parse(token, TimeProvider.System.GetUtcNow(), out _)!);
        Wire.JoinRequest request = new()
        {
            Secret = ByteString.CopyFrom(member.invitation.Secret.Span),
            Org = org,
            OrgKey = member.orgKey.Verifier.ToString(),
            Statement = member.Own(),
        };
        SignedNote proposed = SignedNote.Parse((await member.Pool.JoinAsync(request)).Proposal.Span, out _)!;
        member.root = PoolRoot.Parse(proposed.Text, out _)!;
        SignedNote signed = SignedNote.Parse(SignedNote.Sign(proposed.Text, member.orgKey), out _)!;
        request.Proposal = ByteString.CopyFrom(proposed.With(signed.Signatures).ToBytes());
        await member.Pool.JoinAsync(request);
        return member;
    }

    /// <summary>What it says of itself.</summary>
    public ByteString Own() => Statement(Peer.Identity, [server.Address], TimeProvider.System.GetUtcNow());

    /// <summary>A good statement of a node that there is not. Of two the one with the higher number is the newer.</summary>
    public ByteString Statement(int number)
    {
        using SigningKey node = SigningKey.Create("n");
        DateTimeOffset newest = TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(50);
        return Statement(node, ["127.0.0.1:1"], newest - TimeSpan.FromDays(15) + TimeSpan.FromSeconds(number));
    }

    /// <summary>A good proposal, which others would have to sign.</summary>
    public ByteString Proposal(int number)
    {
        PoolRoot next = root.SetQuorum(1 + (number % 90)).Following(root, root.Version + 1 + (number / 90), TimeProvider.System.GetUtcNow());
        return ByteString.CopyFrom(SignedNote.Sign(next.Text, orgKey));
    }

    public Wire.TellPoolRequest Tell(Wire.PoolNews news) => new() { Pool = ByteString.CopyFrom(Convert.FromHexString(invitation.PoolId)), News = news };

    public async ValueTask DisposeAsync()
    {
        channel.Dispose();
        handler.Dispose();
        certificate.Dispose();
        orgKey.Dispose();
        await server.DisposeAsync();
    }

    private ByteString Statement(SigningKey node, IReadOnlyList<string> endpoints, DateTimeOffset issued)
    {
        NodeDescription description = new(node == Peer.Identity ? "h" : "n", node.PublicKey, node.Verifier, CosignatureVerifier.Of(node), endpoints);
        return ByteString.CopyFrom(NodeStatement.Create(invitation.PoolId, Org, description, issued, NodeStatement.UsualLife).Sign(orgKey));
    }

    private static SigningKey OrgKeyOf(string org)
    {
        byte[] seed = RandomNumberGenerator.GetBytes(32);
        using SigningKey nameless = SigningKey.FromSeed("x", seed);
        return SigningKey.FromSeed($"{org}/org/{Convert.ToHexStringLower(SHA256.HashData(nameless.PublicKey.Span))[..8]}", seed);
    }
}
