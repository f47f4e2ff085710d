using System.Text;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Serving;
using Athens.Federation.Node.Provenance.Pool;
using Athens.Federation.Node.Transparency;
using Google.Protobuf;
using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Pools;

/// <summary>Answers Join: lets in who has an invitation of this node, as far as this node's organization may.</summary>
internal sealed class JoinAnswers(PoolBook book, OrgKey orgKey, ILogger<JoinAnswers> logger)
{
    /// <summary>Characters of an organization's name or key on the wire; what they are is checked by those who read them.</summary>
    private const int MaxText = 1 << 10;

    /// <param name="caller">Whom the connection proved.</param>
    /// <param name="request">Not yet checked.</param>
    public Wire.JoinResponse Join(PeerKey caller, Wire.JoinRequest request)
    {
        try
        {
            return Admit(caller, request);
        }
        catch (RpcException refused) when (refused.StatusCode is not StatusCode.Unavailable)
        {
            logger.JoinRefused(caller.ToString(), refused.Status.Detail);
            throw;
        }
    }

    private Wire.JoinResponse Admit(PeerKey caller, Wire.JoinRequest request)
    {
        if (request.Secret.Length != Invitation.SecretSize
            || request.Org.Length > MaxText
            || request.OrgKey.Length > MaxText
            || request.Statement.Length > PoolBounds.MaxStatement
            || request.Proposal.Length > PoolBounds.MaxRoot)
        {
            throw Refusal.Invalid("the request breaks a bound of pool.proto");
        }

        PoolState state = book.Current is { } current && current.HasOwnOrg()
            ? current
            : throw Refusal.Of(StatusCode.FailedPrecondition, "this node is no member of a pool now");
        PoolTaken redeemed = book.Redeem(request.Secret.ToByteArray(), caller.Bytes.Span, out string grant);
        if (redeemed.End is not (PoolEnd.Taken or PoolEnd.Known))
        {
            throw Refusal.Of(StatusCode.PermissionDenied, redeemed.Reason);
        }

        bool isNode = request.Org.Length == 0;
        if (isNode != (grant == Invitation.GrantNode))
        {
            throw Refusal.Of(
                StatusCode.PermissionDenied,
                isNode ? "the invitation is for an organization: join with --org NAME" : $"the invitation is for a node of {state.OwnOrg}: join without --org");
        }

        return isNode ? AdmitNode(caller, request, state) : AdmitOrg(caller, request, state);
    }

    private Wire.JoinResponse AdmitNode(PeerKey caller, Wire.JoinRequest request, PoolState state)
    {
        if (request.Statement.IsEmpty)
        {
            Wire.JoinResponse welcome = Tell(state);
            welcome.Org = state.OwnOrg;
            return welcome;
        }

        NodeStatement statement = NodeStatement.Parse(Text(request.Statement), out string? reason) ?? throw Refusal.Invalid(reason!);
        if (!IsOf(statement, caller, state.OwnOrg) || statement.PoolId != state.Id || statement.IsRevoked || statement.Expires - statement.Issued > NodeStatement.UsualLife)
        {
            throw Refusal.Invalid($"the statement to be signed is not one of the caller as a node of {state.OwnOrg}, for {NodeStatement.UsualLife.TotalDays:0} days at most");
        }

        using SigningKey key = Key();
        byte[] note = statement.Sign(key);
        Keep(book.TakeStatement(note));
        logger.JoinedBy($"{state.OwnOrg}/{statement.Node}", state.Root.Name);
        Wire.JoinResponse response = Tell(book.Current ?? state);
        response.Org = state.OwnOrg;
        response.Statement = UnsafeByteOperations.UnsafeWrap(note);
        return response;
    }

    private Wire.JoinResponse AdmitOrg(PeerKey caller, Wire.JoinRequest request, PoolState state)
    {
        NoteVerifier key = NoteVerifier.Parse(request.OrgKey, out string? reason) ?? throw Refusal.Invalid($"org_key is no key: {reason}");
        SignedNote note = SignedNote.Parse(request.Statement.Span, out reason) ?? throw Refusal.Invalid($"the statement is no note: {reason}");
        NodeStatement statement = NodeStatement.Parse(note.Text, out reason) ?? throw Refusal.Invalid(reason!);
        if (!note.IsSignedBy(key) || !IsOf(statement, caller, request.Org))
        {
            throw Refusal.Invalid("the statement is not one of the caller, signed with org_key");
        }

        if (!request.Proposal.IsEmpty)
        {
            Keep(book.TakeProposal(request.Proposal.Memory));
            state = book.Current ?? state;
        }

        if (state.Root.Orgs.FirstOrDefault(org => org.Name == request.Org) is { } present)
        {
            if (!present.Key.Equals(key))
            {
                throw Refusal.Of(StatusCode.AlreadyExists, $"the pool has another organization with the name {request.Org}: choose a name that tells you apart");
            }

            if (book.TakeStatement(request.Statement.Memory).End == PoolEnd.Taken)
            {
                logger.JoinedBy(request.Org, state.Root.Name);
            }

            return Tell(book.Current ?? state);
        }

        Wire.JoinResponse response = Tell(state);
        response.Proposal = UnsafeByteOperations.UnsafeWrap(Proposed(state, request.Org, key).Note.ToBytes());
        return response;
    }

    /// <summary>The root that would have the organization: one that is there, or a new one with this node's signature.</summary>
    private Proposal Proposed(PoolState state, string org, NoteVerifier key)
    {
        if (state.Proposals.FirstOrDefault(one => one.Root.Orgs.Any(added => added.Name == org && added.Key.ToString() == key.ToString())) is { } present)
        {
            return present;
        }

        using SigningKey own = Key();
        (PoolTaken taken, Proposal? proposal) = book.Propose(root => root.AddOrg(new PoolOrg(org, key)), own);
        return proposal ?? throw Refusal.Of(StatusCode.FailedPrecondition, taken.Reason);
    }

    private SigningKey Key() => orgKey.Find()
        ?? throw Refusal.Of(StatusCode.FailedPrecondition, "the key of the inviting organization is not on this node: its administrator has to sign, with 'athens org sign'");

    private static bool IsOf(NodeStatement statement, PeerKey caller, string org) =>
        statement.Identity.Span.SequenceEqual(caller.Bytes.Span) && string.Equals(statement.Org, org, StringComparison.Ordinal);

    private static void Keep(PoolTaken taken)
    {
        if (taken.End is PoolEnd.Refused or PoolEnd.Conflict)
        {
            throw Refusal.Of(StatusCode.FailedPrecondition, taken.Reason);
        }
    }

    private static Wire.JoinResponse Tell(PoolState state)
    {
        Wire.JoinResponse response = new();
        response.Roots.Add(state.Chain.Select(static root => UnsafeByteOperations.UnsafeWrap(root.Note.ToBytes())));
        response.Statements.Add(state.Members.Take(PoolBounds.MaxStatements).Select(static member => UnsafeByteOperations.UnsafeWrap(member.Note.ToBytes())));
        return response;
    }

    private static string Text(ByteString bytes) => Encoding.UTF8.GetString(bytes.Span);
}
