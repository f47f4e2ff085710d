namespace Makaretu.Dns;

/// <summary>Types of resource records (RFC 1035, RFC 2782, RFC 3596). Others are read and kept as numbers.</summary>
public enum DnsType : ushort
{
    A = 1,
    CNAME = 5,
    PTR = 12,
    TXT = 16,
    AAAA = 28,
    SRV = 33,

    /// <summary>In questions: any type.</summary>
    ANY = 255,
}
