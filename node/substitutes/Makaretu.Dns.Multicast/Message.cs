using Makaretu.Dns.Wire;

namespace Makaretu.Dns;

/// <summary>A query or a response (RFC 1035 section 4).</summary>
public class Message : DnsObject
{
    /// <summary>The most bytes that a multicast DNS message has (RFC 6762 section 17), headers of IP and UDP among them.</summary>
    public const int MaxLength = 9000;

    /// <summary>Zero on multicast; a legacy resolver's own, which its answer repeats.</summary>
    public ushort Id { get; set; }

    /// <summary>It is a response.</summary>
    public bool QR { get; set; }

    /// <summary>Authoritative; set in every multicast response.</summary>
    public bool AA { get; set; }

    /// <summary>In a query: more known answers follow in another packet (RFC 6762 section 7.2).</summary>
    public bool TC { get; set; }

    /// <summary>Recursion desired: of a resolver, which is to ask others.</summary>
    public bool RD { get; set; }

    /// <summary>Of a response.</summary>
    public MessageStatus Status { get; set; }

    public bool IsQuery => !QR;

    public bool IsResponse => QR;

    public List<Question> Questions { get; } = [];

    public List<ResourceRecord> Answers { get; set; } = [];

    public List<ResourceRecord> AuthorityRecords { get; set; } = [];

    public List<ResourceRecord> AdditionalRecords { get; set; } = [];

    /// <summary>Operation and status other than zero: such messages are ignored on multicast (RFC 6762 sections 18.3 and 18.11).</summary>
    internal bool IsForeign { get; set; }

    private protected override bool TryRead(ReadOnlySpan<byte> buffer) => MessageReader.Read(buffer, this);

    private protected override byte[] Write() => MessageWriter.Write(this);
}
