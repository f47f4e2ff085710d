namespace Athens.Federation.Node.Discovery;

/// <summary>The <c>[discovery]</c> section.</summary>
internal sealed record DiscoveryOptions
{
    /// <summary>Look for other nodes on the LAN, and be found there when peers are served (<c>mdns</c>).</summary>
    public bool Mdns { get; init; } = true;

    /// <summary>A node found there that nobody trusts may give the bytes of modules whose hashes are proven publicly (<c>strangers</c>).</summary>
    public bool Strangers { get; init; }

    /// <summary>The domain whose SRV records name nodes (<c>srv</c>); empty for none.</summary>
    public string Srv { get; init; } = "";

    /// <summary>The name server that is asked for those records and for proofs of namespaces (<c>resolver</c>); empty for the machine's.</summary>
    public string Resolver { get; init; } = "";
}
