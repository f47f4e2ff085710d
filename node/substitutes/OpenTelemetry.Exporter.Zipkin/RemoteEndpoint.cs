using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace OpenTelemetry.Exporter;

/// <summary>The other side of a call. Without one Zipkin draws no dependency.</summary>
internal sealed record RemoteEndpoint(string Name, string? PortText)
{
    /// <summary>Where the other side may be told, best first, each with the tag of its port (OpenTelemetry's ranking).</summary>
    private static readonly (string Address, string? Port)[] Ranking =
    [
        ("peer.service", null),
        ("server.address", null),
        ("net.peer.name", null),
        ("network.peer.address", "network.peer.port"),
        ("server.socket.domain", null),
        ("server.socket.address", "server.socket.port"),
        ("net.sock.peer.name", null),
        ("net.sock.peer.addr", "net.sock.peer.port"),
        ("peer.hostname", null),
        ("peer.address", null),
        ("db.name", null),
    ];

    public static RemoteEndpoint? Find(SpanTags tags)
    {
        foreach (var (address, port) in Ranking)
        {
            if (tags[address] is { } name)
            {
                return new RemoteEndpoint(name, port is null ? null : tags[port]);
            }
        }

        return null;
    }

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject("remoteEndpoint"u8);
        json.WriteString("serviceName"u8, Name.ToLowerInvariant());
        if (IPAddress.TryParse(Name, out var address))
        {
            WriteAddress(json, address);
        }

        if (ushort.TryParse(PortText, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0)
        {
            json.WriteNumber("port"u8, port);
        }

        json.WriteEndObject();
    }

    private static void WriteAddress(Utf8JsonWriter json, IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var isV4 = plain.AddressFamily == AddressFamily.InterNetwork;
        json.WriteString(isV4 ? "ipv4"u8 : "ipv6"u8, plain.ToString());
    }
}
