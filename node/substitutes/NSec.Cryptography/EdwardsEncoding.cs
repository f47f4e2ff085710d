namespace NSec.Cryptography;

/// <summary>What an encoded point or scalar of edwards25519 says of itself without arithmetic. Public values: no constant time needed.</summary>
internal static class EdwardsEncoding
{
    /// <summary>The y of every point whose order divides 8, little-endian without the sign bit; the last two are y ≥ p, read as y - p.</summary>
    private static readonly byte[][] SmallOrder =
    [
        Convert.FromHexString("0000000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("0100000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
        Convert.FromHexString("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
        Convert.FromHexString("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        Convert.FromHexString("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        Convert.FromHexString("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    ];

    /// <summary>p = 2^255 - 19.</summary>
    private static readonly byte[] Prime = SmallOrder[5];

    /// <summary>L = 2^252 + 27742317777372353535851937790883648493, the order of the base point.</summary>
    private static readonly byte[] Order = Convert.FromHexString("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");

    /// <summary>y &lt; p: the one way to write this point (RFC 8032, 5.1.3).</summary>
    public static bool IsCanonical(ReadOnlySpan<byte> point) => IsBelow(point, Prime, topMask: 0x7f);

    /// <summary>S &lt; L: otherwise S + L would be a second signature of the same data (RFC 8032, 5.1.7).</summary>
    public static bool IsReducedScalar(ReadOnlySpan<byte> scalar) => IsBelow(scalar, Order, topMask: 0xff);

    public static bool HasSmallOrder(ReadOnlySpan<byte> point)
    {
        foreach (var y in SmallOrder)
        {
            if (point[..^1].SequenceEqual(y.AsSpan(..^1)) && (point[^1] & 0x7f) == y[^1])
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsBelow(ReadOnlySpan<byte> value, ReadOnlySpan<byte> bound, byte topMask)
    {
        for (var i = value.Length - 1; i >= 0; i--)
        {
            var digit = i == value.Length - 1 ? value[i] & topMask : value[i];
            if (digit != bound[i])
            {
                return digit < bound[i];
            }
        }

        return false;
    }
}
