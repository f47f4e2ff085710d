namespace Athens.Federation.Node.Host;

/// <summary>The <c>[node]</c> section.</summary>
internal sealed record NodeOptions
{
    /// <summary>The node's name, as peers and traces see it; a host name's characters.</summary>
    public required string Name { get; init; }

    /// <summary>HOST:PORT of the Go front; an empty host means every interface.</summary>
    public string Listen { get; init; } = "127.0.0.1:3000";

    /// <summary>The data folder, absolute.</summary>
    public required string Data { get; init; }
}
