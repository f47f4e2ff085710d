using Athens.Federation.Node.Federation.Identity;

namespace Athens.Federation.Node.Federation.Neighbours;

/// <summary>A peer that a person named while the node ran.</summary>
/// <param name="Name">1 to 64 letters, digits, hyphens, dots and underscores.</param>
/// <param name="Key">Who it is.</param>
/// <param name="Endpoint">HOST:PORT where it was then; empty when that was not known. Where it is now the LAN tells.</param>
/// <param name="Trust">What its records are worth.</param>
internal sealed record Pin(string Name, PeerKey Key, string Endpoint, PeerTrust Trust)
{
    public const int MaxName = 64;

    public static bool IsName(string name) =>
        name.Length is > 0 and <= MaxName
        && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_')
        && char.IsAsciiLetterOrDigit(name[0]) && char.IsAsciiLetterOrDigit(name[^1]);

    public PeerOptions ToPeer() => new(Name, Endpoint, Key, "", Trust);
}
