using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>Is an address on a network that this machine is itself a part of?</summary>
internal static class LocalNetworks
{
    /// <summary>Loopback, or inside the prefix of an address of one of this machine's interfaces that are up.</summary>
    public static bool Contains(IPAddress address) => Contains(address, OwnNetworks());

    public static bool Contains(IPAddress address, IEnumerable<IPNetwork> networks)
    {
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return IPAddress.IsLoopback(plain) || networks.Any(network => network.Contains(plain));
    }

    private static IEnumerable<IPNetwork> OwnNetworks()
    {
        try
        {
            return
            [
                .. NetworkInterface.GetAllNetworkInterfaces()
                    .Where(static card => card.OperationalStatus == OperationalStatus.Up)
                    .SelectMany(static card => card.GetIPProperties().UnicastAddresses)
                    .Where(IsNetwork)
                    .Select(static own => Network(own.Address, own.PrefixLength)),
            ];
        }
        catch (NetworkInformationException)
        {
            // No right to look: then nothing but loopback is known to be near.
            return [];
        }
    }

    /// <summary>An address by itself, or "everything", is no network that neighbours share.</summary>
    private static bool IsNetwork(UnicastIPAddressInformation own) =>
        own.PrefixLength > 0 && own.PrefixLength < (own.Address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);

    private static IPNetwork Network(IPAddress address, int prefix)
    {
        byte[] bytes = address.GetAddressBytes();
        for (int bit = prefix; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        return new IPNetwork(new IPAddress(bytes), prefix);
    }
}
