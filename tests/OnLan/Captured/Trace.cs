using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Athens.Federation.Tests.OnLan.Captured;

/// <summary>Something by which a name could be told that must not be: the name itself, or what any program makes of it.</summary>
/// <param name="What">For people.</param>
/// <param name="Bytes">In lower case where the case does not matter.</param>
/// <param name="IsAnyCase">Letters are as good in the other case.</param>
internal sealed record Trace(string What, byte[] Bytes, bool IsAnyCase = false)
{
    /// <summary>Of a hash so much is searched for: who shortens one leaves more of it, and chance does not make it.</summary>
    private const int HashBytes = 8;

    /// <summary>Shorter ones stand by chance in a few megabytes of what is encrypted. A short name is part of a path, which is searched for too.</summary>
    private const int LeastBytes = 6;

    private static readonly (string Name, Func<byte[], byte[]> Of)[] Hashes =
    [
        ("SHA-256", SHA256.HashData), ("SHA-512", SHA512.HashData), ("SHA-384", SHA384.HashData), ("SHA-1", SHA1.HashData), ("MD5", MD5.HashData),
    ];

    /// <summary>Plain, in any case, percent-encoded, in UTF-16, in hex, in base64 of both kinds wherever it begins, and in HPACK's code.</summary>
    public static IEnumerable<Trace> OfName(string name)
    {
        yield return AnyCase($"'{name}'", name);
        if (Uri.EscapeDataString(name) is var encoded && encoded != name)
        {
            yield return AnyCase($"'{name}' percent-encoded", encoded);
        }

        foreach (var one in new[] { name, name.ToLowerInvariant() }.Distinct(StringComparer.Ordinal))
        {
            var bytes = Encoding.UTF8.GetBytes(one);
            yield return new Trace($"'{one}' in UTF-16", Encoding.Unicode.GetBytes(one));
            yield return AnyCase($"'{one}' in hex", Convert.ToHexString(bytes));
            foreach (var code in Enumerable.Range(0, 8).Select(before => HuffmanText.Whole(one, before)).Where(static code => code.Length >= LeastBytes))
            {
                yield return new Trace($"'{one}' in HPACK's code", code);
            }

            foreach (var trace in InBase64($"'{one}'", bytes, bytes.Length))
            {
                yield return trace;
            }
        }
    }

    /// <summary>Hashed without salt.</summary>
    public static IEnumerable<Trace> OfHashes(string name) =>
        Hashes.SelectMany(hash => OfBytes($"{hash.Name} of '{name.Trim()}'", hash.Of(Encoding.UTF8.GetBytes(name))));

    /// <summary>Bytes as they are, in hex and in base64.</summary>
    public static IEnumerable<Trace> OfBytes(string what, byte[] bytes) =>
        InBase64(what, bytes, HashBytes).Append(new Trace(what, bytes[..HashBytes])).Append(AnyCase(what + " in hex", Convert.ToHexString(bytes.AsSpan(0, HashBytes))));

    /// <summary>Without the characters that depend on what stands before and behind.</summary>
    private static IEnumerable<Trace> InBase64(string what, byte[] bytes, int length)
    {
        for (var before = 0; before < 3; before++)
        {
            var first = ((before * 8) + 5) / 6;
            var end = (before + length) * 8 / 6;
            var text = Convert.ToBase64String([.. new byte[before], .. bytes.AsSpan(0, length)])[first..end];
            yield return new Trace(string.Create(CultureInfo.InvariantCulture, $"{what} in base64, {before} bytes after a group"), Encoding.ASCII.GetBytes(text));
            if (text.AsSpan().ContainsAny('+', '/'))
            {
                yield return new Trace(what + " in base64url", Encoding.ASCII.GetBytes(text.Replace('+', '-').Replace('/', '_')));
            }
        }
    }

    private static Trace AnyCase(string what, string text) => new(what, Encoding.UTF8.GetBytes(text.ToLowerInvariant()), IsAnyCase: true);
}
