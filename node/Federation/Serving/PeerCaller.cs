using Athens.Federation.Node.Federation.Identity;

namespace Athens.Federation.Node.Federation.Serving;

/// <summary>Who is at the other end of a connection: the key that its certificate proved. A feature of the connection.</summary>
internal sealed record PeerCaller(PeerKey Key);
