using System.Buffers.Binary;
using System.Text;

namespace Makaretu.Dns.Wire;

/// <summary>Writes messages, each name's known endings as pointers.</summary>
internal sealed class MessageWriter(bool compress)
{
    private const int LongestLabel = 63;

    /// <summary>Pointers have 14 bits.</summary>
    private const int FarthestPointer = 0x3FFF;

    private readonly List<byte> bytes = [];
    private readonly Dictionary<string, int> known = new(StringComparer.Ordinal);

    public static byte[] Write(Message message)
    {
        var writer = new MessageWriter(compress: true);
        writer.WriteUInt16(message.Id);
        writer.WriteUInt16((ushort)(
            (message.QR ? 0x8000 : 0) | (message.AA ? 0x0400 : 0) | (message.TC ? 0x0200 : 0) | (message.RD ? 0x0100 : 0) | ((int)message.Status & 0x000F)));
        writer.WriteUInt16((ushort)message.Questions.Count);
        writer.WriteUInt16((ushort)message.Answers.Count);
        writer.WriteUInt16((ushort)message.AuthorityRecords.Count);
        writer.WriteUInt16((ushort)message.AdditionalRecords.Count);
        foreach (var question in message.Questions)
        {
            writer.WriteName(question.Name);
            writer.WriteUInt16((ushort)question.Type);
            writer.WriteUInt16((ushort)question.Class);
        }

        foreach (var record in message.Answers.Concat(message.AuthorityRecords).Concat(message.AdditionalRecords))
        {
            writer.Write(record);
        }

        return writer.ToArray();
    }

    public byte[] ToArray() => [.. bytes];

    public void WriteByte(byte value) => bytes.Add(value);

    public void WriteBytes(byte[] value) => bytes.AddRange(value);

    public void WriteUInt16(ushort value)
    {
        bytes.Add((byte)(value >> 8));
        bytes.Add((byte)value);
    }

    public void WriteWholeName(DomainName name)
    {
        foreach (var label in name.Labels)
        {
            WriteLabel(label);
        }

        bytes.Add(0);
    }

    public void WriteName(DomainName name)
    {
        if (!compress)
        {
            WriteWholeName(name);
            return;
        }

        for (var i = 0; i < name.Labels.Count; i++)
        {
            var ending = string.Join('\0', name.Labels.Skip(i)).ToLowerAscii();
            if (known.TryGetValue(ending, out var at))
            {
                WriteUInt16((ushort)(0xC000 | at));
                return;
            }

            if (bytes.Count <= FarthestPointer)
            {
                known[ending] = bytes.Count;
            }

            WriteLabel(name.Labels[i]);
        }

        bytes.Add(0);
    }

    private void Write(ResourceRecord record)
    {
        WriteName(record.Name);
        WriteUInt16((ushort)record.Type);
        WriteUInt16((ushort)record.Class);
        var ttl = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(ttl, (uint)Math.Clamp(record.TTL.TotalSeconds, 0, int.MaxValue));
        WriteBytes(ttl);
        var lengthAt = bytes.Count;
        WriteUInt16(0);
        record.WriteData(this);
        var length = bytes.Count - lengthAt - sizeof(ushort);
        (bytes[lengthAt], bytes[lengthAt + 1]) = ((byte)(length >> 8), (byte)length);
    }

    private void WriteLabel(string label)
    {
        var text = Encoding.UTF8.GetBytes(label);
        if (text.Length is 0 or > LongestLabel)
        {
            throw new InvalidOperationException("A label of a name has 1 to 63 bytes.");
        }

        bytes.Add((byte)text.Length);
        bytes.AddRange(text);
    }
}
