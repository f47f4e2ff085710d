using System.Text;
using Makaretu.Dns.Wire;

namespace Makaretu.Dns;

/// <summary>Strings of at most 255 bytes; in DNS-SD <c>key=value</c> (RFC 6763 section 6).</summary>
public class TXTRecord : ResourceRecord
{
    private const int LongestString = byte.MaxValue;

    public TXTRecord() => Type = DnsType.TXT;

    public List<string> Strings { get; set; } = [];

    /// <exception cref="InvalidOperationException">A string is longer than 255 bytes.</exception>
    internal override void WriteData(MessageWriter writer)
    {
        // A TXT record without a string is not allowed (RFC 6763 section 6.1).
        foreach (var text in Strings.DefaultIfEmpty(""))
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            if (bytes.Length > LongestString)
            {
                throw new InvalidOperationException("A string of a TXT record has at most 255 bytes.");
            }

            writer.WriteByte((byte)bytes.Length);
            writer.WriteBytes(bytes);
        }
    }
}
