using System.Net;
using System.Net.Sockets;

namespace Makaretu.Dns.Links;

/// <summary>
/// One interface in one of the two families of addresses. RFC 6762 treats IPv4 and IPv6 on one wire as two links: what was said on one was not
/// heard on the other.
/// </summary>
/// <param name="Family">IPv4 or IPv6.</param>
/// <param name="Index">The system's number of the interface in this family.</param>
/// <param name="Card">The interface's name.</param>
/// <param name="Networks">Its addresses in this family, each with the length of its prefix.</param>
/// <param name="Addresses">Its addresses in both families: all of them are told on either link.</param>
internal sealed record Link(
    AddressFamily Family, int Index, string Card, IReadOnlyList<(IPAddress Address, int Prefix)> Networks, IReadOnlyList<IPAddress> Addresses)
{
    public (AddressFamily Family, int Index) Id => (Family, Index);

    public bool Has(IPAddress address) => Addresses.Any(own => SameBytes(own, address));

    public bool HasSameAddresses(Link other) =>
        Addresses.Count == other.Addresses.Count && Addresses.All(other.Has) && Networks.SequenceEqual(other.Networks);

    /// <summary>
    /// RFC 6762 section 11: the sender's address is in one of the interface's own networks, or is a link-local one. Others came through a router, or lie.
    /// </summary>
    public bool IsLocal(IPAddress sender) =>
        sender.AddressFamily == Family && (IsLinkLocal(sender) || Networks.Any(own => own.Prefix > 0 && SharePrefix(own.Address, sender, own.Prefix)));

    private static bool IsLinkLocal(IPAddress address) =>
        address.IsIPv6LinkLocal || (address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes() is [169, 254, ..]);

    /// <summary>Without the scope, which one of the two may lack.</summary>
    private static bool SameBytes(IPAddress left, IPAddress right) => left.GetAddressBytes().AsSpan().SequenceEqual(right.GetAddressBytes());

    private static bool SharePrefix(IPAddress own, IPAddress other, int bits)
    {
        var (left, right) = (own.GetAddressBytes(), other.GetAddressBytes());
        for (var i = 0; i < left.Length && bits > 0; i++, bits -= 8)
        {
            var mask = bits >= 8 ? 0xFF : 0xFF << (8 - bits);
            if (((left[i] ^ right[i]) & mask & 0xFF) != 0)
            {
                return false;
            }
        }

        return true;
    }
}
