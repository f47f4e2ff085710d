using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Makaretu.Dns;

namespace Athens.Federation.Node.Discovery;

/// <summary>
/// Addresses in the networks of this machine's own interfaces. What is found on the LAN is on the LAN: else anybody there could have this node knock at doors
/// far away.
/// </summary>
internal sealed class NearAddresses
{
    private volatile (IPAddress Address, int Prefix)[] networks = [];

    /// <summary>This machine's own addresses, as they were when it was last looked.</summary>
    public IReadOnlyList<IPAddress> Own => [.. networks.Select(static network => network.Address)];

    /// <summary>Looks at the interfaces again.</summary>
    public void Look()
    {
        try
        {
            networks = [.. MulticastService.GetNetworkInterfaces()
                .SelectMany(static card => card.GetIPProperties().UnicastAddresses)
                .Select(static own => (own.Address, own.PrefixLength))];
        }
        catch (NetworkInformationException)
        {
            // No right to look, or an interface that is just going: what was there before is the best guess.
        }
    }

    public bool Contains(IPAddress address) =>
        !IPAddress.IsLoopback(address)
        && !address.Equals(IPAddress.Any)
        && !address.Equals(IPAddress.IPv6Any)
        && !address.IsIPv6Multicast
        && (address.IsIPv6LinkLocal || Array.Exists(networks, network => Shares(network.Address, address, network.Prefix)));

    private static bool Shares(IPAddress own, IPAddress other, int bits)
    {
        if (own.AddressFamily != other.AddressFamily || bits <= 0 || bits >= (own.AddressFamily == AddressFamily.InterNetwork ? 32 : 128))
        {
            return false;
        }

        var (left, right) = (own.GetAddressBytes(), other.GetAddressBytes());
        for (var bit = 0; bit < bits; bit++)
        {
            if (((left[bit / 8] ^ right[bit / 8]) & (0x80 >> (bit % 8))) != 0)
            {
                return false;
            }
        }

        return true;
    }
}
