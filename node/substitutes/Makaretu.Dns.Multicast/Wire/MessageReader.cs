using System.Buffers.Binary;
using System.Net;
using System.Text;
using System.Text.Unicode;

namespace Makaretu.Dns.Wire;

/// <summary>
/// Reads a message that anybody on the link may have made. Never throws. What it takes is in proportion to the packet: a count in the header is
/// believed only as far as bytes follow, and a pointer inside a name must lead backwards, before every place that the name has been at.
/// </summary>
internal ref struct MessageReader
{
    /// <summary>RFC 1035 section 3.1, without the closing zero.</summary>
    private const int LongestName = 254;

    private const int HeaderLength = 12;

    /// <summary>Of all names together. A packet full of pointers to one long name would else be a hundred thousand; real ones stay below a thousand.</summary>
    private const int MostLabels = 2048;

    private readonly ReadOnlySpan<byte> packet;
    private int at;
    private int labelsLeft;
    private bool isBad;

    private MessageReader(ReadOnlySpan<byte> packet)
    {
        this.packet = packet;
        at = HeaderLength;
        labelsLeft = MostLabels;
    }

    /// <summary>Null when the packet is no message.</summary>
    public static Message? Read(ReadOnlySpan<byte> packet)
    {
        var message = new Message();
        return Read(packet, message) ? message : null;
    }

    /// <summary>False when the packet is no message; what it began with may then be in <paramref name="message"/>.</summary>
    public static bool Read(ReadOnlySpan<byte> packet, Message message)
    {
        if (packet.Length is < HeaderLength or > Message.MaxLength)
        {
            return false;
        }

        var flags = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        message.Id = BinaryPrimitives.ReadUInt16BigEndian(packet);
        message.QR = (flags & 0x8000) != 0;
        message.AA = (flags & 0x0400) != 0;
        message.TC = (flags & 0x0200) != 0;
        message.RD = (flags & 0x0100) != 0;
        message.Status = (MessageStatus)(flags & 0x000F);
        message.IsForeign = (flags & 0x780F) != 0;
        var reader = new MessageReader(packet);
        for (var left = BinaryPrimitives.ReadUInt16BigEndian(packet[4..]); left > 0 && !reader.isBad; left--)
        {
            message.Questions.Add(new Question { Name = reader.Name(), Type = (DnsType)reader.UInt16(), Class = (DnsClass)reader.UInt16() });
        }

        reader.Records(BinaryPrimitives.ReadUInt16BigEndian(packet[6..]), message.Answers);
        reader.Records(BinaryPrimitives.ReadUInt16BigEndian(packet[8..]), message.AuthorityRecords);
        reader.Records(BinaryPrimitives.ReadUInt16BigEndian(packet[10..]), message.AdditionalRecords);
        return !reader.isBad;
    }

    private void Records(int count, List<ResourceRecord> into)
    {
        for (; count > 0 && !isBad; count--)
        {
            var name = Name();
            var type = (DnsType)UInt16();
            var @class = (DnsClass)UInt16();
            var ttl = UInt32();
            var length = UInt16();
            if (isBad || packet.Length - at < length)
            {
                isBad = true;
                return;
            }

            var record = Data(type, length);
            record.Name = name;
            record.Type = type;
            record.Class = @class;

            // RFC 2181 section 8: a time with the top bit set counts as zero.
            record.TTL = TimeSpan.FromSeconds(ttl > int.MaxValue ? 0 : ttl);
            into.Add(record);
        }
    }

    private ResourceRecord Data(DnsType type, int length)
    {
        var end = at + length;
        ResourceRecord record = type switch
        {
            DnsType.A => new ARecord { Address = Address(length, 4) },
            DnsType.AAAA => new AAAARecord { Address = Address(length, 16) },
            DnsType.CNAME => new CNAMERecord { Target = Name() },
            DnsType.PTR => new PTRRecord { DomainName = Name() },
            DnsType.SRV => new SRVRecord { Priority = UInt16(), Weight = UInt16(), Port = UInt16(), Target = Name() },
            DnsType.TXT => new TXTRecord { Strings = Strings(end) },
            _ => new UnknownRecord { Data = Bytes(length).ToArray() },
        };
        isBad |= at != end;
        return record;
    }

    private IPAddress Address(int length, int expected)
    {
        isBad |= length != expected;
        return isBad ? IPAddress.None : new IPAddress(Bytes(length));
    }

    private List<string> Strings(int end)
    {
        List<string> strings = [];
        while (at < end && !isBad)
        {
            int length = packet[at++];
            if (length > end - at)
            {
                isBad = true;
                break;
            }

            strings.Add(Encoding.UTF8.GetString(Bytes(length)));
        }

        return strings;
    }

    private DomainName Name()
    {
        List<string> labels = [];
        var (cursor, lowest, total, hasJumped) = (at, at, 0, false);
        while (!isBad && cursor < packet.Length)
        {
            int length = packet[cursor];
            if (length == 0)
            {
                at = hasJumped ? at : cursor + 1;
                return new DomainName([.. labels]);
            }

            if (length >= 0xC0)
            {
                if (cursor + 1 >= packet.Length)
                {
                    break;
                }

                var target = ((length & 0x3F) << 8) | packet[cursor + 1];
                at = hasJumped ? at : cursor + 2;
                if (target >= lowest)
                {
                    break;
                }

                (cursor, lowest, hasJumped) = (target, target, true);
                continue;
            }

            total += length + 1;
            labelsLeft--;
            if (labelsLeft < 0 || length > 0x3F || cursor + 1 + length > packet.Length || total > LongestName || !Utf8.IsValid(packet.Slice(cursor + 1, length)))
            {
                break;
            }

            labels.Add(Encoding.UTF8.GetString(packet.Slice(cursor + 1, length)));
            cursor += 1 + length;
        }

        isBad = true;
        return new DomainName([]);
    }

    private ReadOnlySpan<byte> Bytes(int length)
    {
        if (isBad || packet.Length - at < length)
        {
            isBad = true;
            return [];
        }

        var bytes = packet.Slice(at, length);
        at += length;
        return bytes;
    }

    private ushort UInt16()
    {
        var bytes = Bytes(sizeof(ushort));
        return isBad ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(bytes);
    }

    private uint UInt32()
    {
        var bytes = Bytes(sizeof(uint));
        return isBad ? 0 : BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }
}
