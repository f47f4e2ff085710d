using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Athens.Federation.Node.Host;

/// <summary>HOST:PORT as Go writes it: an empty host is every interface, an IPv6 address stands in brackets.</summary>
internal static class ConfigurationAddress
{
    /// <summary>DNS's bound for a host name.</summary>
    private const int MaxHostLength = 253;

    /// <summary>What is wrong with an address, beginning with "must"; null when all is well.</summary>
    public static string? ProblemOf(string address)
    {
        var colon = address.LastIndexOf(':');
        var host = colon < 0 ? string.Empty : address[..colon];
        if (colon < 0 || !IsPort(address[(colon + 1)..]))
        {
            return $"must be HOST:PORT with a port from 0 to 65535, not \"{ConfigurationSecrets.Printable(address)}\"";
        }

        if (host.Contains(':', StringComparison.Ordinal) && !host.StartsWith('['))
        {
            return "must have an IPv6 address in brackets, such as [::1]:3000";
        }

        return IsHost(host)
            ? null
            : "must be HOST:PORT with an IP address, a host name or nothing before the colon, "
                + $"not \"{ConfigurationSecrets.Printable(host)}\"";
    }

    /// <summary>Where to connect to: the address with its port; null and what is wrong, beginning with "must".</summary>
    /// <param name="address">HOST:PORT, or HOST alone.</param>
    /// <param name="defaultPort">The port where none is given.</param>
    /// <param name="problem">Null when all is well.</param>
    public static string? Endpoint(string address, int defaultPort, out string? problem)
    {
        var hasPort = address.LastIndexOf(':') > address.LastIndexOf(']');
        var isBareAddress = !address.StartsWith('[') && address.Count(c => c == ':') > 1;
        var whole = hasPort || isBareAddress ? address : string.Create(CultureInfo.InvariantCulture, $"{address}:{defaultPort}");
        problem = isBareAddress
            ? "must have an IPv6 address in brackets, such as [2001:db8::1]:3443"
            : whole.StartsWith(':') || whole.EndsWith(":0", StringComparison.Ordinal)
            ? $"must be HOST:PORT of another node, not \"{ConfigurationSecrets.Printable(address)}\""
            : ProblemOf(whole);
        return problem is null ? whole : null;
    }

    private static bool IsHost(string host)
    {
        if (host.StartsWith('['))
        {
            return host.EndsWith(']') && IPAddress.TryParse(host[1..^1], out var address)
                && address.AddressFamily == AddressFamily.InterNetworkV6;
        }

        return host.Length <= MaxHostLength && host.All(ConfigurationDefaults.IsOfName);
    }

    private static bool IsPort(string port) =>
        port.Length is > 0 and <= 5 && ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out _);
}
