using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Athens.Federation.Node.Host;

/// <summary>HOST:PORT, as the configuration gives it, as endpoints. A host name is resolved once, at start.</summary>
internal static class ListenAddress
{
    /// <exception cref="IOException">The host name does not resolve.</exception>
    public static void Apply(string listen, KestrelServerOptions options)
    {
        var (host, port) = Split(listen);
        if (host.Length == 0)
        {
            options.ListenAnyIP(port);
            return;
        }

        foreach (var address in Resolve(host, port))
        {
            options.Listen(address, port);
        }
    }

    /// <summary>The addresses a developer can paste: this machine's own when the node listens everywhere.</summary>
    public static Uri Pasteable(Uri bound) => bound.Host is "0.0.0.0" or "[::]"
        ? new UriBuilder(bound) { Host = "127.0.0.1" }.Uri
        : bound;

    private static (string Host, int Port) Split(string listen)
    {
        var colon = listen.LastIndexOf(':');
        return (listen[..colon].Trim('[', ']'), int.Parse(listen[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture));
    }

    private static IEnumerable<IPAddress> Resolve(string host, int port)
    {
        try
        {
            var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : Dns.GetHostAddresses(host);

            // Any free port is another one for each address: the first alone can be told to a person.
            return port == 0 ? addresses.Take(1) : addresses.Distinct();
        }
        catch (SocketException error)
        {
            throw new IOException($"the host name {host} does not resolve ({error.Message}); set [node] listen to an address of this machine", error);
        }
    }
}
