using System.Globalization;
using System.Text.Json.Nodes;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Federation.Pools;
using Athens.Federation.Node.Provenance.Pool;

namespace Athens.Federation.Node.Cli.Admin;

/// <summary><c>athens pool create NAME</c>.</summary>
internal sealed class PoolCreateVerb(PoolDesk desk) : IAdminVerb
{
    public string Name => "pool create";

    public ValueTask<AdminAnswer> RunAsync(AdminRequest request, CancellationToken cancellationToken) => new(Run(request));

    private AdminAnswer Run(AdminRequest request)
    {
        var org = desk.OrgOf(request);
        var quorumText = request.Options.GetValueOrDefault(PoolCommand.QuorumOption, "1");
        if (request.Words is not [var name] || org.Length == 0 || !int.TryParse(quorumText, NumberStyles.None, CultureInfo.InvariantCulture, out var quorum) || quorum is < 1 or > PoolRoot.MaxQuorum)
        {
            return new AdminAnswer(ExitCodes.WrongUse, $"say which organization this node is of, and a quorum of 1 to {PoolRoot.MaxQuorum}: athens pool create NAME --org ORG --quorum 2");
        }

        if (desk.Book.Current is { } present)
        {
            return new AdminAnswer(ExitCodes.CouldNot, $"this node is in pool {present.Root.Name} already; 'athens pool leave' ends that");
        }

        try
        {
            using var key = desk.Key.FindOrCreate(org);
            var taken = desk.Book.Create(name, org, key, quorum);
            return taken.End == PoolEnd.Taken
                ? new AdminAnswer(
                    ExitCodes.Done,
                    $"Pool {name} is begun, with {org} as its first organization. Its key is keys/org in the data folder: keep a copy in a safe place.\n"
                    + "Invite another organization:  athens pool invite\nAnother node of this one:      athens pool invite --node")
                : new AdminAnswer(ExitCodes.CouldNot, taken.Reason);
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            return new AdminAnswer(ExitCodes.WrongUse, error.Message.Split(" (Parameter", 2)[0]);
        }
    }
}

/// <summary><c>athens pool join INVITATION</c>.</summary>
internal sealed class PoolJoinVerb(PoolDesk desk, PoolJoining joining, TimeProvider time) : IAdminVerb
{
    public string Name => "pool join";

    public async ValueTask<AdminAnswer> RunAsync(AdminRequest request, CancellationToken cancellationToken)
    {
        if (Invitation.Parse(request.Words is [var token] ? token : "", time.GetUtcNow(), out var reason) is not { } invitation)
        {
            return new AdminAnswer(ExitCodes.WrongUse, reason!);
        }

        var isNode = invitation.Grant == Invitation.GrantNode;
        var org = isNode ? request.Options.GetValueOrDefault(PoolCommand.OrgOption, "") : desk.OrgOf(request);
        if (isNode != (org.Length == 0))
        {
            return new AdminAnswer(
                ExitCodes.WrongUse,
                isNode ? "the invitation is for a node of the organization that invites: leave --org out" : "say which organization joins: athens pool join INVITATION --org ORG");
        }

        var progress = await joining.JoinAsync(invitation, org, cancellationToken);
        var pool = invitation.PoolName;
        return progress.End switch
        {
            JoinEnd.Joined => new AdminAnswer(ExitCodes.Done, $"Joined pool {pool} as {(isNode ? "a node of " : "")}{desk.Book.Current?.OwnOrg}.\n{PoolText.Describe(desk.Book.Current!, [])}"),
            JoinEnd.Waiting => new AdminAnswer(ExitCodes.Done, $"Asked to join pool {pool}: {progress.Reason}. It goes on by itself as long as the invitation is good."),
            JoinEnd.Unreachable => new AdminAnswer(ExitCodes.CouldNot, $"{progress.Reason}; it is tried on as long as the invitation is good, 'athens pool leave' ends that"),
            _ => new AdminAnswer(ExitCodes.CouldNot, progress.Reason),
        };
    }
}

/// <summary><c>athens pool show</c>.</summary>
internal sealed class PoolShowVerb(PoolDesk desk, PoolJoining joining) : IAdminVerb
{
    public string Name => "pool show";

    public ValueTask<AdminAnswer> RunAsync(AdminRequest request, CancellationToken cancellationToken) => new(desk.Book.Current switch
    {
        { } state => new AdminAnswer(ExitCodes.Done, PoolText.Describe(state, desk.Book.Invitations), PoolText.ToJson(state)),
        null when joining.Pool is { } pool => new AdminAnswer(ExitCodes.CouldNot, $"this node is joining pool {pool}; no node of it has answered yet"),
        null => PoolDesk.NoPool,
    });
}

/// <summary><c>athens pool members</c>: one line for each node.</summary>
internal sealed class PoolMembersVerb(PoolDesk desk, PeerTable table) : IAdminVerb
{
    public string Name => "pool members";

    public ValueTask<AdminAnswer> RunAsync(AdminRequest request, CancellationToken cancellationToken)
    {
        if (desk.Book.Current is not { } state)
        {
            return new(PoolDesk.NoPool);
        }

        var rows = state.Members.OrderBy(member => member.Statement.Org, StringComparer.Ordinal).ThenBy(member => member.Statement.Node, StringComparer.Ordinal).Select(Row).ToList();
        var width = rows.Select(row => row.Name.Length).DefaultIfEmpty().Max();
        var text = string.Join('\n', rows.Select(row => $"{row.Name.PadRight(width)}  {row.State,-12}  {row.Endpoints}  until {PoolText.Time(row.Statement.Expires)}"));
        return new(new AdminAnswer(ExitCodes.Done, rows.Count == 0 ? "No node of the pool is known." : text, new JsonArray([.. rows.Select(ToJson)])));
    }

    private MemberRow Row(SignedStatement member)
    {
        var statement = member.Statement;
        var key = PeerKey.Of(statement.Identity.Span);
        var peer = table.Find(key);
        var state = key == table.Own ? "this node"
            : peer?.Link is not null ? "connected"
            : statement.Endpoints.Count == 0 ? "dials only"
            : peer is not null && !table.Near.Contains(peer) ? "far"
            : "not reached";
        return new MemberRow($"{statement.Org}/{statement.Node}", state, statement.Endpoints.Count == 0 ? "-" : string.Join(' ', statement.Endpoints), statement);
    }

    private static JsonObject ToJson(MemberRow row) => new()
    {
        ["org"] = row.Statement.Org,
        ["node"] = row.Statement.Node,
        ["state"] = row.State,
        ["key"] = PeerKey.Of(row.Statement.Identity.Span).ToString(),
        ["endpoints"] = new JsonArray([.. row.Statement.Endpoints.Select(endpoint => (JsonNode)JsonValue.Create(endpoint)!)]),
        ["expires"] = PoolText.Time(row.Statement.Expires),
    };

    private sealed record MemberRow(string Name, string State, string Endpoints, NodeStatement Statement);
}

/// <summary><c>athens pool leave</c>.</summary>
internal sealed class PoolLeaveVerb(PoolDesk desk, PoolJoining joining) : IAdminVerb
{
    public string Name => "pool leave";

    public ValueTask<AdminAnswer> RunAsync(AdminRequest request, CancellationToken cancellationToken)
    {
        joining.GiveUp();
        var pool = desk.Book.Current?.Root.Name;
        var taken = desk.Book.Leave();
        return new(pool is null ? new AdminAnswer(ExitCodes.Done, "This node is in no pool.")
            : taken.End == PoolEnd.Taken ? new AdminAnswer(ExitCodes.Done, $"This node has left pool {pool}. What it knew of it is kept in the data folder, under pool/left.")
            : new AdminAnswer(ExitCodes.CouldNot, taken.Reason));
    }
}
