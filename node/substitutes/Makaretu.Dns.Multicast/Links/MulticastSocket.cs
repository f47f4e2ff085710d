using System.Net;
using System.Net.Sockets;

namespace Makaretu.Dns.Links;

/// <summary>
/// The socket of one family: port 5353, shared with other responders of this machine (RFC 6762 section 15), joined on each link. The system says on which
/// interface a packet came, and is told on which one goes.
/// </summary>
internal sealed class MulticastSocket : IDisposable
{
    public const int Port = 5353;

    /// <summary>RFC 6762 section 11.</summary>
    private const int HopLimit = 255;

    private readonly Socket socket;
    private readonly IPEndPoint group;

    /// <summary>Guards the choice of the interface together with the sending that it is for.</summary>
    private readonly Lock gate = new();

    /// <exception cref="SocketException">The family, the port or an option cannot be had.</exception>
    public MulticastSocket(AddressFamily family)
    {
        group = new IPEndPoint(IPAddress.Parse(family == AddressFamily.InterNetwork ? "224.0.0.251" : "ff02::fb"), Port);
        socket = new Socket(family, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (family == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = false;
            }

            var level = Level(family);
            socket.ExclusiveAddressUse = false;
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.SetSocketOption(level, SocketOptionName.PacketInformation, true);
            socket.SetSocketOption(level, SocketOptionName.MulticastTimeToLive, HopLimit);
            SetUnicastHops(family);

            // Other programs of this machine hear this one, and it them.
            socket.SetSocketOption(level, SocketOptionName.MulticastLoopback, true);
            socket.Bind(new IPEndPoint(family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, Port));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>False when the interface takes no part in multicast, for now.</summary>
    public bool Join(int index)
    {
        try
        {
            socket.SetSocketOption(Level(socket.AddressFamily), SocketOptionName.AddMembership, Membership(index));
            return true;
        }
        catch (SocketException exception)
        {
            // It was joined before it went down, and came back as the same.
            return exception.SocketErrorCode == SocketError.AddressAlreadyInUse;
        }
    }

    public void Leave(int index)
    {
        try
        {
            socket.SetSocketOption(Level(socket.AddressFamily), SocketOptionName.DropMembership, Membership(index));
        }
        catch (SocketException)
        {
            // The interface is gone, and the membership with it.
        }
    }

    /// <summary>False when it could not be sent: the interface is going away, or its address is not usable yet.</summary>
    public bool Send(int index, ReadOnlySpan<byte> packet, IPEndPoint? to)
    {
        lock (gate)
        {
            try
            {
                var chosen = socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.HostToNetworkOrder(index) : index;
                socket.SetSocketOption(Level(socket.AddressFamily), SocketOptionName.MulticastInterface, chosen);
                return socket.SendTo(packet, SocketFlags.None, to ?? group) == packet.Length;
            }
            catch (SocketException)
            {
                return false;
            }
            catch (ObjectDisposedException)
            {
                return false;
            }
        }
    }

    /// <exception cref="SocketException">Among others, when an earlier packet was refused somewhere; the next may be received.</exception>
    /// <exception cref="ObjectDisposedException">It is over.</exception>
    public ValueTask<SocketReceiveMessageFromResult> ReceiveAsync(Memory<byte> packet, CancellationToken cancellationToken) =>
        socket.ReceiveMessageFromAsync(
            packet,
            SocketFlags.None,
            new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0),
            cancellationToken);

    public void Dispose() => socket.Dispose();

    private void SetUnicastHops(AddressFamily family)
    {
        if (family == AddressFamily.InterNetwork)
        {
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.IpTimeToLive, HopLimit);
        }
        else if (OperatingSystem.IsLinux())
        {
            // .NET has a name for it and no way there: IPPROTO_IPV6, IPV6_UNICAST_HOPS. Elsewhere answers to one alone go with the system's own limit, which few mind.
            const int ipv6 = 41;
            const int unicastHops = 16;
            socket.SetRawSocketOption(ipv6, unicastHops, BitConverter.GetBytes(HopLimit));
        }
    }

    private static SocketOptionLevel Level(AddressFamily family) =>
        family == AddressFamily.InterNetwork ? SocketOptionLevel.IP : SocketOptionLevel.IPv6;

    private object Membership(int index) => socket.AddressFamily == AddressFamily.InterNetwork
        ? new MulticastOption(group.Address, index)
        : new IPv6MulticastOption(group.Address, index);
}
