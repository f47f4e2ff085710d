using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Athens.Federation.Node.Federation.Pools;

/// <summary>Where other members of the pool reach this node: what <c>[pool] endpoint</c> says, else its own addresses and the port that it listens on.</summary>
internal sealed class OwnEndpoints
{
    /// <summary>Of one node; more would only be tried in vain.</summary>
    public const int Max = 8;

    private readonly string configured;
    private readonly Func<IEnumerable<IPAddress>> ownAddresses;
    private volatile Uri? listening;

    /// <param name="configured">HOST:PORT; empty when the configuration has none.</param>
    /// <param name="ownAddresses">This machine's, asked each time.</param>
    public OwnEndpoints(string configured, Func<IEnumerable<IPAddress>> ownAddresses)
    {
        this.configured = configured;
        this.ownAddresses = ownAddresses;
    }

    /// <summary>HOST:PORT, the best first; none while peers are not served.</summary>
    public IReadOnlyList<string> Current => listening switch
    {
        null => [],
        _ when configured.Length > 0 => [configured],
        { } uri when IPAddress.TryParse(uri.DnsSafeHost, out IPAddress? address) && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any)
            => [Text(address, uri.Port)],
        { } uri => [.. Reachable().Take(Max).Select(address => Text(address, uri.Port))],
    };

    /// <summary>Peers are served from now on.</summary>
    public void Listen(Uri address) => listening = address;

    /// <summary>Addresses of interfaces that are up, those of which nobody else can make use left out.</summary>
    public static IEnumerable<IPAddress> OfThisMachine()
    {
        try
        {
            return
            [
                .. NetworkInterface.GetAllNetworkInterfaces()
                    .Where(static card => card.OperationalStatus == OperationalStatus.Up)
                    .SelectMany(static card => card.GetIPProperties().UnicastAddresses)
                    .Select(static own => own.Address)
                    .Where(static address => address is { IsIPv6LinkLocal: false, IsIPv6Multicast: false }),
            ];
        }
        catch (NetworkInformationException)
        {
            return [IPAddress.Loopback];
        }
    }

    // A machine without a network reaches itself at least: a pool of several nodes on it works.
    private IEnumerable<IPAddress> Reachable() => ownAddresses()
        .Distinct()
        .OrderBy(static address => IPAddress.IsLoopback(address))
        .ThenBy(static address => address.AddressFamily != AddressFamily.InterNetwork)
        .ThenBy(static address => address.ToString(), StringComparer.Ordinal) is var all && all.Any(static address => !IPAddress.IsLoopback(address))
            ? all.Where(static address => !IPAddress.IsLoopback(address))
            : all;

    private static string Text(IPAddress address, int port) =>
        string.Create(CultureInfo.InvariantCulture, $"{(address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString())}:{port}");
}
