using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Provenance.Pool;
using Athens.Federation.Node.Transparency;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Pools;

/// <summary>How far joining has come.</summary>
internal enum JoinEnd
{
    Joined,

    /// <summary>Other organizations have to approve; it goes on by itself.</summary>
    Waiting,

    /// <summary>No node of the invitation can be reached now.</summary>
    Unreachable,

    /// <summary>It will not come to anything.</summary>
    Refused,
}

/// <param name="End">How far it has come.</param>
/// <param name="Reason">For a person.</param>
internal readonly record struct JoinProgress(JoinEnd End, string Reason);

/// <summary>One attempt to join with an invitation. What the other side says is believed as far as signatures and the invitation's hash go.</summary>
internal sealed class JoinAttempt(PoolBook book, OrgKey orgKey, OwnStatement own, PeerDialer dialer)
{
    /// <summary>Roots of a pool's whole history, and statements.</summary>
    private const int MaxAnswer = 5 << 20;

    /// <summary>Addresses besides the invitation's own, for each of its nodes: a person waits.</summary>
    private const int MaxHints = 2;

    /// <summary>A person waits for it.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <param name="invitation">Parsed and not expired.</param>
    /// <param name="org">The organization that joins; empty for a node of the inviting one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">The pool cannot be kept on this node's disk, or the key not be read.</exception>
    public async Task<JoinProgress> RunAsync(Invitation invitation, string org, CancellationToken cancellationToken)
    {
        List<string> failures = [];
        foreach ((PoolSeed seed, PeerTarget target) in invitation.Seeds.SelectMany(Targets))
        {
            try
            {
                using SocketsHttpHandler handler = Handler(seed);
                using GrpcChannel channel = GrpcChannel.ForAddress(
                    target.Url, new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = false, MaxReceiveMessageSize = MaxAnswer });
                return await AskAsync(new Wire.PoolService.PoolServiceClient(channel), invitation, org, cancellationToken);
            }
            catch (RpcException exception) when (exception.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.ResourceExhausted or StatusCode.Internal)
            {
                cancellationToken.ThrowIfCancellationRequested();
                failures.Add($"{target.Endpoint}: {exception.Status.DebugException?.GetBaseException().Message ?? exception.Status.Detail}");
            }
            catch (RpcException exception)
            {
                cancellationToken.ThrowIfCancellationRequested();
                return new(JoinEnd.Refused, $"{target.Endpoint} refused: {exception.Status.Detail}");
            }
        }

        return new(JoinEnd.Unreachable, $"no node of the invitation can be reached ({string.Join("; ", failures)})");
    }

    /// <summary>Where the invitation says that a node is, and where the LAN or DNS says so: invitations are carried about, and nodes move.</summary>
    private IEnumerable<(PoolSeed Seed, PeerTarget Target)> Targets(PoolSeed seed) => dialer.Hints.For(PeerKey.Of(seed.Identity.Span))
        .Take(MaxHints).Select(PeerTarget.Of).Prepend(new PeerTarget(seed.Endpoint, null)).Select(target => (seed, target));

    private SocketsHttpHandler Handler(PoolSeed seed) => new()
    {
        SslOptions = dialer.Tls(PeerKey.Of(seed.Identity.Span), static (_, _) => { }),
        ConnectTimeout = Limit,
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
    };

    private Task<JoinProgress> AskAsync(Wire.PoolService.PoolServiceClient client, Invitation invitation, string org, CancellationToken cancellationToken) =>
        org.Length == 0 ? JoinAsNodeAsync(client, invitation, cancellationToken) : JoinAsOrgAsync(client, invitation, org, cancellationToken);

    /// <summary>First learns of which organization, then has its statement signed.</summary>
    private async Task<JoinProgress> JoinAsNodeAsync(Wire.PoolService.PoolServiceClient client, Invitation invitation, CancellationToken cancellationToken)
    {
        Wire.JoinRequest request = new() { Secret = ByteString.CopyFrom(invitation.Secret.Span) };
        Wire.JoinResponse welcome = await CallAsync(client, request, cancellationToken);
        if (TakeRoots(invitation, welcome.Org, welcome) is { Length: > 0 } reason)
        {
            return new(JoinEnd.Refused, reason);
        }

        request.Statement = ByteString.CopyFromUtf8(own.Make(invitation.PoolId, welcome.Org, NodeStatement.UsualLife).Text);
        Wire.JoinResponse signed = await CallAsync(client, request, cancellationToken);
        PoolTaken taken = book.TakeStatement(signed.Statement.Memory);
        TakeStatements(signed);
        return taken.End is PoolEnd.Taken or PoolEnd.Known ? new(JoinEnd.Joined, "") : new(JoinEnd.Refused, $"the signed statement is not good: {taken.Reason}");
    }

    private async Task<JoinProgress> JoinAsOrgAsync(
        Wire.PoolService.PoolServiceClient client, Invitation invitation, string org, CancellationToken cancellationToken)
    {
        using SigningKey key = orgKey.FindOrCreate(org);
        Wire.JoinRequest request = new()
        {
            Secret = ByteString.CopyFrom(invitation.Secret.Span),
            Org = org,
            OrgKey = key.Verifier.ToString(),
            Statement = UnsafeByteOperations.UnsafeWrap(own.Make(invitation.PoolId, org, NodeStatement.UsualLife).Sign(key)),
        };
        Wire.JoinResponse response = await CallAsync(client, request, cancellationToken);
        JoinProgress progress = TakeOrg(invitation, org, key, response);
        if (progress.End != JoinEnd.Waiting || response.Proposal.IsEmpty)
        {
            return progress;
        }

        if (Signed(response.Proposal, key) is not { } signed)
        {
            return new(JoinEnd.Refused, "what the other side proposes is not just that this organization joins");
        }

        request.Proposal = signed;
        return TakeOrg(invitation, org, key, await CallAsync(client, request, cancellationToken));
    }

    private async Task<Wire.JoinResponse> CallAsync(Wire.PoolService.PoolServiceClient client, Wire.JoinRequest request, CancellationToken cancellationToken)
    {
        CallOptions options = new(deadline: dialer.Time.GetUtcNow().UtcDateTime + Limit, cancellationToken: cancellationToken);
        return await client.JoinAsync(request, options);
    }

    private JoinProgress TakeOrg(Invitation invitation, string org, SigningKey key, Wire.JoinResponse response)
    {
        if (TakeRoots(invitation, org, response) is { Length: > 0 } reason)
        {
            return new(JoinEnd.Refused, reason);
        }

        TakeStatements(response);
        if (book.Current is { } state && state.HasOwnOrg())
        {
            return state.Root.Orgs.Any(one => one.Name == org && one.Key.Equals(key.Verifier))
                ? new(JoinEnd.Joined, "")
                : new(JoinEnd.Refused, $"the pool has another organization with the name {org}");
        }

        return new(JoinEnd.Waiting, "other organizations of the pool have to approve it: ask them to run 'athens pool approve'");
    }

    /// <summary>Empty when they were taken; else why not.</summary>
    private string TakeRoots(Invitation invitation, string org, Wire.JoinResponse response)
    {
        if (book.Current is null)
        {
            PoolTaken joined = book.Join(invitation.PoolId, [.. response.Roots.Select(static root => root.Memory)], org);
            return joined.End is PoolEnd.Taken or PoolEnd.Known ? "" : $"the other side did not show the invitation's pool: {joined.Reason}";
        }

        foreach (ByteString root in response.Roots.Where(static root => root.Length <= PoolBounds.MaxRoot))
        {
            book.TakeRoot(root.Memory);
        }

        return "";
    }

    private void TakeStatements(Wire.JoinResponse response)
    {
        foreach (ByteString statement in response.Statements.Take(PoolBounds.MaxStatements).Where(static one => one.Length <= PoolBounds.MaxStatement))
        {
            book.TakeStatement(statement.Memory);
        }
    }

    /// <summary>The proposal with this organization's signature; null when it is not one that adds it to the newest root and changes nothing else.</summary>
    private ByteString? Signed(ByteString proposal, SigningKey key)
    {
        if (book.Current is not { } state
            || proposal.Length > PoolBounds.MaxRoot
            || SignedNote.Parse(proposal.Span, out _) is not { } note
            || PoolRoot.Parse(note.Text, out _) is not { } root
            || !root.Orgs.Any(one => one.Key.Equals(key.Verifier))
            || root.Quorum != state.Root.Quorum
            || !state.Root.Orgs.All(old => root.Orgs.Any(one => one.Name == old.Name && one.Key.Equals(old.Key))))
        {
            return null;
        }

        SignedNote signed = SignedNote.Parse(SignedNote.Sign(note.Text, key), out _)!;
        return UnsafeByteOperations.UnsafeWrap(note.With(signed.Signatures).ToBytes());
    }
}
