using Makaretu.Dns.Wire;

namespace Makaretu.Dns;

/// <summary>What is known of a name, and for how long.</summary>
public abstract class ResourceRecord
{
    /// <summary>For records that do not name a host (RFC 6762 section 10).</summary>
    public static TimeSpan DefaultTTL = TimeSpan.FromMinutes(75);

    /// <summary>For records that name a host, or are named by one (RFC 6762 section 10).</summary>
    public static TimeSpan DefaultHostTTL = TimeSpan.FromSeconds(120);

    internal const ushort TopBit = 0x8000;

    public DomainName Name { get; set; } = new([]);

    public DnsType Type { get; set; }

    /// <summary>With the top bit as it was received.</summary>
    public DnsClass Class { get; set; } = DnsClass.IN;

    /// <summary>Whole seconds. Zero takes the record back.</summary>
    public TimeSpan TTL { get; set; } = DefaultTTL;

    /// <summary>The record data, names in it written out. Two records with the same name, type and data are the same.</summary>
    public byte[] GetData()
    {
        var writer = new MessageWriter(compress: false);
        WriteData(writer);
        return writer.ToArray();
    }

    internal abstract void WriteData(MessageWriter writer);

    internal bool IsSameAs(ResourceRecord other) =>
        Type == other.Type && Name == other.Name && GetData().AsSpan().SequenceEqual(other.GetData());
}
