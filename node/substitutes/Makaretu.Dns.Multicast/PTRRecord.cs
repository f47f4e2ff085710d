using Makaretu.Dns.Wire;

namespace Makaretu.Dns;

/// <summary>A pointer to another name; in DNS-SD from a service to one of its instances (RFC 6763 section 4.1).</summary>
public class PTRRecord : ResourceRecord
{
    public PTRRecord() => Type = DnsType.PTR;

    public DomainName DomainName { get; set; } = new([]);

    internal override void WriteData(MessageWriter writer) => writer.WriteName(DomainName);
}
