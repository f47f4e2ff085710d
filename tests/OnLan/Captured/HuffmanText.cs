namespace Athens.Federation.Tests.OnLan.Captured;

/// <summary>Text in HPACK's Huffman code (RFC 7541, appendix B), as far as names of modules need it.</summary>
internal static class HuffmanText
{
    /// <summary>Characters of one length of code; the codes of each length follow one another, in the order of the characters.</summary>
    private static readonly (int Bits, int First, string Characters)[] Codes =
    [
        (5, 0x0, "012aceiost"),
        (6, 0x14, " %-./3456789=A_bdfghlmnpru"),
        (7, 0x5C, ":BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz"),
        (8, 0xF8, "&*,;XZ"),
        (10, 0x3F8, "!\"()?"),
        (13, 0x1FFA, "@"),
    ];

    /// <summary>As bits: 0 and 1.</summary>
    public static IEnumerable<int> Bits(string text) => text.SelectMany(static one =>
    {
        var (bits, first, characters) = Codes.First(codes => codes.Characters.Contains(one, StringComparison.Ordinal));
        var code = first + characters.IndexOf(one, StringComparison.Ordinal);
        return Enumerable.Range(1, bits).Select(place => (code >> (bits - place)) & 1);
    });

    /// <summary>The bytes that are whole, when so many bits of something else stand before.</summary>
    public static byte[] Whole(string text, int before) =>
        [.. Bits(text).Skip((8 - before) % 8).Chunk(8).Where(static bits => bits.Length == 8).Select(static bits => (byte)bits.Aggregate(0, static (value, bit) => (value << 1) | bit))];
}
