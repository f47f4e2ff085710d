using Makaretu.Dns.Wire;

namespace Makaretu.Dns;

/// <summary>A record of a type that nothing here reads: its bytes as they came.</summary>
public class UnknownRecord : ResourceRecord
{
    public byte[] Data { get; set; } = [];

    internal override void WriteData(MessageWriter writer) => writer.WriteBytes(Data);
}
