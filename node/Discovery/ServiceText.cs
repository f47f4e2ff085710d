using System.Buffers.Text;

namespace Athens.Federation.Node.Discovery;

/// <summary>
/// What the TXT record says (RFC 6763 section 6): <c>v=1</c>, <c>k=</c> the identity key in base64url, and <c>p=</c> the pool tag when there is a pool. 66 bytes, of
/// which nobody learns a name.
/// </summary>
/// <param name="Key">32 bytes.</param>
/// <param name="Tag">12 characters, or empty.</param>
internal sealed record ServiceText(ReadOnlyMemory<byte> Key, string Tag)
{
    public const int KeySize = 32;

    /// <summary>Strings that are looked at: ours has three.</summary>
    private const int MaxStrings = 16;

    private const string Version = "1";

    public List<string> ToStrings()
    {
        List<string> strings = [$"v={Version}", $"k={Base64Url.EncodeToString(Key.Span)}"];
        if (Tag.Length > 0)
        {
            strings.Add($"p={Tag}");
        }

        return strings;
    }

    /// <summary>Null when the strings are not those of a node that this one understands.</summary>
    public static ServiceText? Read(IEnumerable<string> strings)
    {
        Dictionary<string, string> values = new(StringComparer.OrdinalIgnoreCase);
        foreach (var text in strings.Take(MaxStrings))
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                // Of a key that comes again only the first counts (section 6.4).
                values.TryAdd(text[..equals], text[(equals + 1)..]);
            }
        }

        var key = new byte[KeySize + 1];
        return values.GetValueOrDefault("v") == Version
            && values.GetValueOrDefault("k") is { } encoded
            && encoded.Length == Base64Url.GetEncodedLength(KeySize)
            && Base64Url.IsValid(encoded)
            && Base64Url.TryDecodeFromChars(encoded, key, out var size)
            && size == KeySize
            ? new ServiceText(key.AsMemory(0, KeySize), values.GetValueOrDefault("p") is { } tag && PoolTag.IsTag(tag) ? tag : "")
            : null;
    }
}
