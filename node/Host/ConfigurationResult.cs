using Athens.Federation.Node.Discovery;
using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Storage;
using Athens.Federation.Node.Telemetry;
using Athens.Federation.Node.Upstream;

namespace Athens.Federation.Node.Host;

/// <summary>Everything a node is told: file, environment and flags, bound and checked.</summary>
internal sealed record NodeConfiguration(
    NodeOptions Node,
    UpstreamOptions Upstream,
    RetrievalOptions Retrieval,
    StorageOptions Storage,
    TelemetryOptions Telemetry,
    FederationOptions Federation,
    IReadOnlyList<PeerOptions> Peers,
    DiscoveryOptions Discovery);

/// <summary>The flags of <c>athens serve</c> that set a key; null or empty: not given.</summary>
internal sealed record ConfigurationFlags(string? Data, string? Listen, string? Name, string? PeerListen = null);

/// <summary>One thing that is wrong.</summary>
/// <param name="Where">The file as it was named, the environment variable, or the flag.</param>
/// <param name="Line">The line of the file, from 1; 0 where there are no lines.</param>
/// <param name="Message">What is wrong; never holds a secret.</param>
internal sealed record ConfigurationError(string Where, int Line, string Message)
{
    /// <summary><c>peers.toml:12: [upstream] workers must be 1 to 64, not 500</c>.</summary>
    public override string ToString() => Line > 0 ? $"{Where}:{Line}: {Message}" : $"{Where}: {Message}";
}

/// <summary>A key's effective value and where it was set.</summary>
/// <param name="Section">The section, without brackets.</param>
/// <param name="Key">The key.</param>
/// <param name="Value">As TOML, secrets masked.</param>
/// <param name="Origin"><c>default</c>, <c>FILE:LINE</c>, the environment variable, or the flag.</param>
internal sealed record ConfigurationEntry(string Section, string Key, string Value, string Origin)
{
    public override string ToString() => $"[{Section}] {Key} = {Value}  ({Origin})";
}

/// <summary>The configuration, or every reason why there is none.</summary>
internal sealed record ConfigurationResult(NodeConfiguration? Configuration, IReadOnlyList<ConfigurationError> Errors)
{
    /// <summary>Every key with its effective value, in the order of the sample; empty when there are errors.</summary>
    public IReadOnlyList<ConfigurationEntry> Entries { get; init; } = [];

    /// <summary>Every peer, as one inline table, in the order of the file; empty when there are errors.</summary>
    public IReadOnlyList<ConfigurationEntry> PeerEntries { get; init; } = [];

    /// <summary>What <c>athens config check</c> prints: one line for each key and each peer, or one for each error.</summary>
    public IEnumerable<string> Describe() =>
        Errors.Count > 0 ? Errors.Select(error => error.ToString()) : Entries.Concat(PeerEntries).Select(entry => entry.ToString());
}
