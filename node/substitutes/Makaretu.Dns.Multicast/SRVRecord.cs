using Makaretu.Dns.Wire;

namespace Makaretu.Dns;

/// <summary>Host and port of a service (RFC 2782).</summary>
public class SRVRecord : ResourceRecord
{
    public SRVRecord()
    {
        Type = DnsType.SRV;
        TTL = DefaultHostTTL;
    }

    public ushort Priority { get; set; }

    public ushort Weight { get; set; }

    public ushort Port { get; set; }

    public DomainName Target { get; set; } = new([]);

    internal override void WriteData(MessageWriter writer)
    {
        writer.WriteUInt16(Priority);
        writer.WriteUInt16(Weight);
        writer.WriteUInt16(Port);

        // RFC 2782 forbids compression here; old resolvers hold to it.
        writer.WriteWholeName(Target);
    }
}
