namespace Makaretu.Dns;

/// <summary>An IPv6 address (RFC 3596).</summary>
public class AAAARecord : AddressRecord
{
    public AAAARecord() => Type = DnsType.AAAA;
}
