using System.Net;
using Makaretu.Dns;

namespace Athens.Federation.Tests.Substitutes.MakaretuDnsMulticast;

/// <summary>Messages as nodes send them.</summary>
internal static class SomeMessages
{
    public static readonly DomainName Service = "_athens-pool._tcp.local";

    /// <summary>All that a node tells of itself.</summary>
    public static Message Announcement(string instance = "athens-1f2e3d4c", string host = "athens-1f2e3d4c", string address = "10.1.2.3", string address6 = "fe80::1")
    {
        DomainName name = new([instance, "_athens-pool", "_tcp", "local"]);
        DomainName target = new([host, "local"]);
        return new Message
        {
            QR = true,
            AA = true,
            Answers =
            [
                new PTRRecord { Name = "_services._dns-sd._udp.local", DomainName = Service },
                new PTRRecord { Name = Service, DomainName = name },
                new SRVRecord { Name = name, Port = 3443, Target = target, Class = (DnsClass)0x8001 },
                new TXTRecord { Name = name, Strings = ["v=1", "k=" + new string('A', 43)], Class = (DnsClass)0x8001 },
            ],
            AdditionalRecords =
            [
                new ARecord { Name = target, Address = IPAddress.Parse(address), Class = (DnsClass)0x8001 },
                new AAAARecord { Name = target, Address = IPAddress.Parse(address6), Class = (DnsClass)0x8001 },
            ],
        };
    }

    public static Message Query()
    {
        var query = new Message { Answers = [new PTRRecord { Name = Service, DomainName = "athens-1f2e3d4c._athens-pool._tcp.local" }] };
        query.Questions.Add(new Question { Name = Service, Type = DnsType.PTR });
        query.Questions.Add(new Question { Name = "athens-1f2e3d4c.local", Type = DnsType.ANY, Class = (DnsClass)0x8001 });
        return query;
    }
}
