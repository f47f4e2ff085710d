using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Makaretu.Dns.Links;

/// <summary>The links that this machine has now.</summary>
internal static class LinkFinder
{
    /// <summary>A machine that runs containers has an interface for each; more than this many are not announced on.</summary>
    public const int MostLinks = 64;

    public static List<(Link Link, NetworkInterface Card)> Find(IEnumerable<NetworkInterface> cards, bool ipv4, bool ipv6)
    {
        List<(Link Link, NetworkInterface Card)> found = [];
        foreach (var card in cards)
        {
            try
            {
                var properties = card.GetIPProperties();
                if (ipv4 && Of(card, properties, AddressFamily.InterNetwork, () => properties.GetIPv4Properties().Index) is { } first)
                {
                    found.Add((first, card));
                }

                if (ipv6 && Of(card, properties, AddressFamily.InterNetworkV6, () => properties.GetIPv6Properties().Index) is { } second)
                {
                    found.Add((second, card));
                }
            }
            catch (NetworkInformationException)
            {
                // It went away between the two looks, or has no such family.
            }
        }

        return [.. found.Take(MostLinks)];
    }

    private static Link? Of(NetworkInterface card, IPInterfaceProperties properties, AddressFamily family, Func<int> index)
    {
        var own = properties.UnicastAddresses.Where(address => address.Address.AddressFamily == family).Select(Network).ToList();
        return own.Count == 0 || !card.SupportsMulticast
            ? null
            : new Link(family, index(), card.Name, own, [.. properties.UnicastAddresses.Select(static address => address.Address)]);
    }

    private static (System.Net.IPAddress Address, int Prefix) Network(UnicastIPAddressInformation own) => (own.Address, own.PrefixLength);
}
