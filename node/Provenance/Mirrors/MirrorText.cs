namespace Athens.Federation.Node.Provenance.Mirrors;

/// <summary>How much of trusted peers' logs is mirrored (<c>[pool] mirror</c>).</summary>
internal enum MirrorText
{
    /// <summary>The text of observed records, of the rest the leaf hashes.</summary>
    Observed,

    /// <summary>All text.</summary>
    All,

    /// <summary>Nothing: no log is followed.</summary>
    None,
}
