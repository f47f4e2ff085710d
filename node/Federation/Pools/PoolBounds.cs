namespace Athens.Federation.Node.Federation.Pools;

/// <summary>What pool.proto says of sizes, on both sides.</summary>
internal static class PoolBounds
{
    /// <summary>Bytes of a root: a hundred organizations, two hundred namespaces, a hundred signatures.</summary>
    public const int MaxRoot = 112 << 10;

    /// <summary>Bytes of a node's statement.</summary>
    public const int MaxStatement = 8 << 10;

    /// <summary>Statements in one message.</summary>
    public const int MaxStatements = 50;

    /// <summary>Roots that a watcher names: it has not missed more, or takes all of them again.</summary>
    public const int MaxKnownRoots = 16;

    public const int HashSize = 32;

    /// <summary>Between two messages that pass on statements of others.</summary>
    public static readonly TimeSpan BetweenExchanges = TimeSpan.FromSeconds(60);
}
