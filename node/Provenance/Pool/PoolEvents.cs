using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>What the pool tells the operator. Ids 400 to 429 of the room.</summary>
internal static partial class PoolEvents
{
    [LoggerMessage(EventIds.Provenance + 400, LogLevel.Error,
        "SECURITY: {Reason}. Evidence: {Place}. Ask that organization why; whoever signs two things with one number should be removed from the pool")]
    public static partial void SignedTwo(this ILogger logger, string reason, string place);

    [LoggerMessage(EventIds.Provenance + 401, LogLevel.Error,
        "SECURITY: invitation {Id} was used by {User}, and now {Other} tries it too: one of them should not have had it. "
            + "Ask the one you invited for 'athens key show'; if {User} is not theirs, remove it")]
    public static partial void UsedTwice(this ILogger logger, string id, string user, string other);

    [LoggerMessage(EventIds.Provenance + 402, LogLevel.Warning,
        "SECURITY: {Org} calls node {Identity} its own, and {Other} does too. It counts for {Holder}, which has been in the pool for longer")]
    public static partial void TwoOwners(this ILogger logger, string org, string identity, string other, string holder);

    [LoggerMessage(EventIds.Provenance + 403, LogLevel.Warning,
        "The root of pool {Pool} expires at {Expires}. Renew it with 'athens pool renew', and have the other organizations approve")]
    public static partial void ExpiresSoon(this ILogger logger, string pool, string expires);

    [LoggerMessage(EventIds.Provenance + 404, LogLevel.Error,
        "The root of pool {Pool} expired at {Expires}: its members are not believed until it is renewed with 'athens pool renew'")]
    public static partial void Expired(this ILogger logger, string pool, string expires);

    [LoggerMessage(EventIds.Provenance + 405, LogLevel.Information,
        "Pool {Pool} has version {Version}: {Orgs} organizations, quorum {Quorum}, threshold {Threshold}")]
    public static partial void Adopted(this ILogger logger, string pool, long version, int orgs, int quorum, int threshold);

    [LoggerMessage(EventIds.Provenance + 406, LogLevel.Warning,
        "Version {Version} of pool {Pool} takes the place of {Count} changes that were made beside it: {Versions}. "
            + "What they did has to be proposed again")]
    public static partial void Replaced(this ILogger logger, long version, string pool, int count, string versions);

    [LoggerMessage(EventIds.Provenance + 407, LogLevel.Error, "The pool's files could not be written, so nothing was changed: {Reason}")]
    public static partial void NotKept(this ILogger logger, string reason);

    [LoggerMessage(EventIds.Provenance + 408, LogLevel.Information,
        "Proposal {Id} to change pool {Pool} came, signed by {SignedBy}. 'athens pool show' shows it, 'athens pool approve {Id}' signs it")]
    public static partial void Proposed(this ILogger logger, string id, string pool, string signedBy);

    [LoggerMessage(EventIds.Provenance + 409, LogLevel.Information, "This node is in pool {Pool}, {Id}, as a node of {Org}")]
    public static partial void Joined(this ILogger logger, string pool, string id, string org);

    [LoggerMessage(EventIds.Provenance + 410, LogLevel.Warning, "This node left pool {Pool}. Its files are kept in left/ of the pool's folder")]
    public static partial void Left(this ILogger logger, string pool);

    [LoggerMessage(EventIds.Provenance + 411, LogLevel.Warning,
        "{Org}, this node's organization, is not in pool {Pool} any more: the members do not serve or believe this node")]
    public static partial void Removed(this ILogger logger, string org, string pool);
}
