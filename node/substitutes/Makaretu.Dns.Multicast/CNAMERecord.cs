using Makaretu.Dns.Wire;

namespace Makaretu.Dns;

/// <summary>The name is another one's alias.</summary>
public class CNAMERecord : ResourceRecord
{
    public CNAMERecord() => Type = DnsType.CNAME;

    public DomainName Target { get; set; } = new([]);

    internal override void WriteData(MessageWriter writer) => writer.WriteName(Target);
}
