namespace Makaretu.Dns;

/// <summary>What a query asks for.</summary>
public class Question
{
    public DomainName Name { get; set; } = new([]);

    public DnsType Type { get; set; }

    /// <summary>With the top bit as it was received.</summary>
    public DnsClass Class { get; set; } = DnsClass.IN;

    internal bool WantsUnicast => ((ushort)Class & ResourceRecord.TopBit) != 0;

    internal bool Matches(ResourceRecord record) =>
        (Type == record.Type || Type == DnsType.ANY)
        && (DnsClass)((ushort)Class & ~ResourceRecord.TopBit) is DnsClass.IN or DnsClass.ANY
        && Name == record.Name;
}
