namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>An invitation of this node that has not expired. Its secret is not known any more.</summary>
/// <param name="Id">32 hex digits.</param>
/// <param name="Grant">"org" or "node".</param>
/// <param name="Expires">Until then it can be used.</param>
/// <param name="UsedBy">The identity, <c>ed25519:</c> and base64, that has used it and alone can use it again; null when nobody has.</param>
internal sealed record OpenInvitation(string Id, string Grant, DateTimeOffset Expires, string? UsedBy);
