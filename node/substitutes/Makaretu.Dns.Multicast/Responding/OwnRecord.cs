namespace Makaretu.Dns.Responding;

/// <summary>A record of a service as it is told on a link.</summary>
/// <param name="Record">The record.</param>
/// <param name="IsShared">Others may have records of the same name and type (pointers); else the name is this machine's alone.</param>
internal sealed record OwnRecord(ResourceRecord Record, bool IsShared)
{
    /// <summary>The same for the same name, type and data.</summary>
    public string Key { get; } = $"{Record.Name.Canonical}\n{(int)Record.Type}\n{Convert.ToHexString(Record.GetData())}";

    /// <summary>A copy for one message: with the cache-flush bit where the name is unique, and perhaps another time to live.</summary>
    public ResourceRecord ToSend(bool mayFlush, TimeSpan? ttl = null)
    {
        var copy = Copy();
        copy.Name = Record.Name;
        copy.Type = Record.Type;
        copy.Class = (DnsClass)((ushort)DnsClass.IN | (IsShared || !mayFlush ? 0 : ResourceRecord.TopBit));
        copy.TTL = ttl ?? Record.TTL;
        return copy;
    }

    private ResourceRecord Copy() => Record switch
    {
        PTRRecord pointer => new PTRRecord { DomainName = pointer.DomainName },
        SRVRecord service => new SRVRecord { Priority = service.Priority, Weight = service.Weight, Port = service.Port, Target = service.Target },
        TXTRecord text => new TXTRecord { Strings = text.Strings },
        AddressRecord address => AddressRecord.Create(address.Name, address.Address),
        _ => new UnknownRecord { Data = Record.GetData() },
    };
}
