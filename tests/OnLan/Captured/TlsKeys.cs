using System.Security.Cryptography;
using System.Text;

namespace Athens.Federation.Tests.OnLan.Captured;

/// <summary>What nodes write down of their TLS connections when they are asked to (SSLKEYLOGFILE, RFC 9850): label, client's random, secret.</summary>
internal sealed class TlsKeys
{
    private readonly Dictionary<string, byte[]> secrets = new(StringComparer.OrdinalIgnoreCase);

    public void Read(string file)
    {
        foreach (var words in File.ReadLines(file).Select(static line => line.Split(' ')).Where(static words => words.Length == 3))
        {
            secrets[$"{words[0]} {words[1]}"] = Convert.FromHexString(words[2]);
        }
    }

    /// <summary>Null: no node wrote it down.</summary>
    public byte[]? Find(string label, ReadOnlySpan<byte> clientRandom) => secrets.GetValueOrDefault($"{label} {Convert.ToHexString(clientRandom)}");

    /// <summary>HKDF-Expand-Label without a context (RFC 8446, 7.1).</summary>
    public static byte[] Expand(HashAlgorithmName hash, byte[] secret, string label, int length)
    {
        var name = Encoding.ASCII.GetBytes("tls13 " + label);
        return HKDF.Expand(hash, secret, length, [(byte)(length >> 8), (byte)length, (byte)name.Length, .. name, 0]);
    }
}
