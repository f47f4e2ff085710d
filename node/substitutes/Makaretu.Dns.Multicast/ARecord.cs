namespace Makaretu.Dns;

/// <summary>An IPv4 address (RFC 1035).</summary>
public class ARecord : AddressRecord
{
    public ARecord() => Type = DnsType.A;
}
