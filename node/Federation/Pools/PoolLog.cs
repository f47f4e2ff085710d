using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Federation.Pools;

/// <summary>Log methods of pools: ids 600 to 639 of this room.</summary>
internal static partial class PoolLog
{
    private const int First = EventIds.Federation + 600;

    [LoggerMessage(First + 1, LogLevel.Information, "Peer {Peer} does not tell of the pool for now: {Reason}. It is asked again; this is said once")]
    public static partial void PoolNotTold(this ILogger logger, string peer, string reason);

    [LoggerMessage(First + 2, LogLevel.Error, "News of the pool from peer {Peer} were not taken by a fault of this node; they are asked for again. Please report it")]
    public static partial void PoolFault(this ILogger logger, string peer, Exception exception);

    [LoggerMessage(First + 3, LogLevel.Information,
        "This node is a member of pool {Pool} (root version {Version}: {Orgs} organizations, quorum {Quorum}) as one of {Org}; it knows {Members} other nodes of it")]
    public static partial void Member(this ILogger logger, string pool, long version, int orgs, int quorum, string org, int members);

    [LoggerMessage(First + 4, LogLevel.Warning, "The organization {Org} of this node does not stand in root version {Version} of pool {Pool}: nothing of the pool is believed here")]
    public static partial void NoMember(this ILogger logger, string pool, string org, long version);

    [LoggerMessage(First + 5, LogLevel.Error, "The root of pool {Pool} expired {Expired:u}: its members are not believed until 'athens pool renew' has been run and approved by enough organizations")]
    public static partial void RootExpired(this ILogger logger, string pool, DateTimeOffset expired);

    [LoggerMessage(First + 6, LogLevel.Warning, "The root of pool {Pool} expires {Expires:u}: run 'athens pool renew' at one organization, 'athens pool approve' at the others")]
    public static partial void RootExpires(this ILogger logger, string pool, DateTimeOffset expires);

    [LoggerMessage(First + 7, LogLevel.Information, "A change of the pool waits for signatures: {Change}. See it with 'athens pool show', sign it with 'athens pool approve {Proposal}'")]
    public static partial void Proposed(this ILogger logger, string change, string proposal);

    [LoggerMessage(First + 8, LogLevel.Information, "{Org} joined pool {Pool} by an invitation of this node")]
    public static partial void JoinedBy(this ILogger logger, string org, string pool);

    [LoggerMessage(First + 9, LogLevel.Warning, "Joining pool {Pool} goes on: {Reason}")]
    public static partial void JoinWaits(this ILogger logger, string pool, string reason);

    [LoggerMessage(First + 10, LogLevel.Error, "Joining pool {Pool} is given up: {Reason}")]
    public static partial void JoinEnded(this ILogger logger, string pool, string reason);

    [LoggerMessage(First + 11, LogLevel.Warning, "This node's statement in the pool ends {Expires:u} and its organization's key is elsewhere: have a new one signed ('athens pool statement')")]
    public static partial void StatementExpires(this ILogger logger, DateTimeOffset expires);

    [LoggerMessage(First + 12, LogLevel.Error, "The pool's files cannot be written: {Reason}. What was learned of it is not used until they can")]
    public static partial void PoolNotKept(this ILogger logger, string reason);

    [LoggerMessage(First + 14, LogLevel.Information, "Peer {Peer} does not hear news of the pool for now: {Reason}. It is told again; this is said once")]
    public static partial void PoolNotHeard(this ILogger logger, string peer, string reason);

    [LoggerMessage(First + 15, LogLevel.Information, "The organization {Org} of this node waits to be let into pool {Pool}; until then nothing of the pool is believed here")]
    public static partial void NotYetMember(this ILogger logger, string pool, string org);

    [LoggerMessage(First + 13, LogLevel.Warning, "A node at {Peer} asked to join and was refused: {Reason}")]
    public static partial void JoinRefused(this ILogger logger, string peer, string reason);
}
