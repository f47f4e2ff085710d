using System.Net;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>One place where a peer is dialled.</summary>
/// <param name="Endpoint">HOST:PORT, as logs have it.</param>
/// <param name="Address">What a hint says; null when the host of <paramref name="Endpoint"/> is to be looked up.</param>
internal sealed record PeerTarget(string Endpoint, IPEndPoint? Address)
{
    /// <summary>Addresses that are tried besides the configured one, each for half a second at most.</summary>
    public const int MaxHints = 8;

    /// <summary>Where HTTP is told to go. An IPv6 scope has no place there; the connection is made to <see cref="Address"/>.</summary>
    public string Url => "https://" + (Address is { } address ? new IPEndPoint(new IPAddress(address.Address.GetAddressBytes()), address.Port).ToString() : Endpoint);

    public static PeerTarget Of(IPEndPoint address) => new(address.ToString(), address);
}
