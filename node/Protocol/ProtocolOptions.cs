namespace Athens.Federation.Node.Protocol;

/// <summary>What the front may be told by its host. The defaults are right for a node; tests and small machines differ.</summary>
internal sealed record ProtocolOptions
{
    /// <summary>One log line for each request.</summary>
    public bool LogRequests { get; init; } = true;

    /// <summary>
    /// A list or a query's answer is repeated from memory this long without asking Retrieval, which holds the true
    /// lifetime: long enough to serve a burst, too short for anybody to notice. Zero: never.
    /// </summary>
    public TimeSpan RepeatChanging { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A version file is repeated from memory this long before the store is asked again, so that a file set aside as
    /// damaged stops being served soon. Zero: never.
    /// </summary>
    public TimeSpan RepeatImmutable { get; init; } = TimeSpan.FromMinutes(1);
}
