using System.Net;
using System.Net.Sockets;
using Makaretu.Dns.Wire;

namespace Makaretu.Dns;

/// <summary>An address of a host.</summary>
public abstract class AddressRecord : ResourceRecord
{
    protected AddressRecord() => TTL = DefaultHostTTL;

    public IPAddress Address { get; set; } = IPAddress.None;

    /// <summary>An A record for an IPv4 address, an AAAA record for an IPv6 address.</summary>
    public static AddressRecord Create(DomainName name, IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork
        ? new ARecord { Name = name, Address = address }
        : new AAAARecord { Name = name, Address = address };

    internal override void WriteData(MessageWriter writer) => writer.WriteBytes(Address.GetAddressBytes());
}
