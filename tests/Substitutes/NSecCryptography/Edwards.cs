using System.Numerics;
using System.Security.Cryptography;

namespace Athens.Federation.Tests.Substitutes.NSecCryptography;

/// <summary>
/// Ed25519 after the formulas of RFC 8032, section 6, with big numbers: slow, and so plain that it can make what a proper library refuses
/// to make, such as signatures with keys of small order.
/// </summary>
internal static class Edwards
{
    public static readonly BigInteger P = BigInteger.Pow(2, 255) - 19;
    public static readonly BigInteger L = BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493", System.Globalization.CultureInfo.InvariantCulture);

    private static readonly BigInteger D = Mod(-121665 * Inverse(121666));
    private static readonly BigInteger RootOfMinusOne = BigInteger.ModPow(2, (P - 1) / 4, P);

    public static (BigInteger X, BigInteger Y) Neutral => (0, 1);

    public static (BigInteger X, BigInteger Y) Base { get; } = (RecoverX(Mod(4 * Inverse(5)), 0)!.Value, Mod(4 * Inverse(5)));

    public static (BigInteger X, BigInteger Y) Add((BigInteger X, BigInteger Y) a, (BigInteger X, BigInteger Y) b)
    {
        var product = Mod(D * a.X * b.X * a.Y * b.Y);
        return (Mod(((a.X * b.Y) + (b.X * a.Y)) * Inverse(1 + product)), Mod(((a.Y * b.Y) + (a.X * b.X)) * Inverse(1 - product)));
    }

    public static (BigInteger X, BigInteger Y) Multiply(BigInteger scalar, (BigInteger X, BigInteger Y) point)
    {
        var sum = Neutral;
        for (; scalar > 0; scalar >>= 1, point = Add(point, point))
        {
            sum = scalar.IsEven ? sum : Add(sum, point);
        }

        return sum;
    }

    /// <summary>The x for a y, or null when there is no such point.</summary>
    public static BigInteger? RecoverX(BigInteger y, int sign)
    {
        var square = Mod(((y * y) - 1) * Inverse((D * y * y) + 1));
        var x = BigInteger.ModPow(square, (P + 3) / 8, P);
        if (Mod((x * x) - square) != 0)
        {
            x = Mod(x * RootOfMinusOne);
        }

        if (Mod((x * x) - square) != 0)
        {
            return null;
        }

        return (int)(x & 1) == sign ? x : Mod(-x);
    }

    public static byte[] Encode((BigInteger X, BigInteger Y) point)
    {
        var bytes = Scalar(point.Y);
        bytes[31] |= (byte)((int)(point.X & 1) << 7);
        return bytes;
    }

    public static byte[] Scalar(BigInteger value)
    {
        var bytes = new byte[32];
        value.ToByteArray(isUnsigned: true).CopyTo(bytes, 0);
        return bytes;
    }

    public static BigInteger Number(ReadOnlySpan<byte> littleEndian) => new(littleEndian, isUnsigned: true);

    /// <summary>k = SHA-512(R, A, M) mod L.</summary>
    public static BigInteger Challenge(byte[] r, byte[] a, ReadOnlySpan<byte> message) => Number(SHA512.HashData([.. r, .. a, .. message])) % L;

    private static BigInteger Inverse(BigInteger value) => BigInteger.ModPow(Mod(value), P - 2, P);

    private static BigInteger Mod(BigInteger value)
    {
        var rest = value % P;
        return rest < 0 ? rest + P : rest;
    }
}
