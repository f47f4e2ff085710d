using System.Numerics;
using NSec.Cryptography;

namespace Athens.Federation.Tests.Substitutes.NSecCryptography;

/// <summary>Keys and signatures that libsodium refuses, made by hand, also those that satisfy the bare equation.</summary>
public sealed class HostileSignatureTests
{
    private static readonly Ed25519 Algorithm = SignatureAlgorithm.Ed25519;

    [Fact]
    public void Small_order_is_told_by_the_bytes_exactly_for_the_points_whose_order_divides_8()
    {
        // Every y that is one of a point of order 1, 2, 4 or 8, found by arithmetic and not from the list under test.
        var found = new HashSet<BigInteger>();
        for (var y = 2; found.Count < 5; y++)
        {
            if (Edwards.RecoverX(y, 0) is { } x)
            {
                var torsion = Edwards.Multiply(Edwards.L, (x, y));
                for (var i = 0; i < 8; i++)
                {
                    found.Add(Edwards.Multiply(i, torsion).Y);
                }
            }
        }

        Assert.Equal(5, found.Count);
        foreach (var y in found)
        {
            foreach (var encoded in Encodings(y))
            {
                Assert.True(EdwardsEncoding.HasSmallOrder(encoded), Convert.ToHexStringLower(encoded));
            }
        }

        Assert.False(EdwardsEncoding.HasSmallOrder(Edwards.Encode(Edwards.Base)));
    }

    [Fact]
    public void A_key_of_small_order_proves_nothing_though_the_equation_holds()
    {
        // With A of small order, S = 0 and R = -kA satisfy [S]B = R + [k]A: found by trying the eight points.
        foreach (var a in SmallOrder())
        {
            var key = PublicKey.Import(Algorithm, Edwards.Encode(a), KeyBlobFormat.RawPublicKey);
            var held = 0;
            foreach (var r in SmallOrder())
            {
                for (byte text = 0; text < 8; text++)
                {
                    var k = Edwards.Challenge(Edwards.Encode(r), Edwards.Encode(a), [text]);
                    held += Edwards.Add(r, Edwards.Multiply(k, a)) == Edwards.Neutral ? 1 : 0;
                    Assert.False(Algorithm.Verify(key, [text], [.. Edwards.Encode(r), .. new byte[32]]));
                }
            }

            Assert.True(held > 0);
        }
    }

    [Fact]
    public void An_r_of_small_order_is_refused_though_the_equation_holds()
    {
        // R = 0 is what a signer gets from the nonce 0: S = k a. A signer never does that, an attacker with a key of his own can.
        var secret = new BigInteger(123456789);
        var a = Edwards.Encode(Edwards.Multiply(secret, Edwards.Base));
        var r = Edwards.Encode(Edwards.Neutral);
        var k = Edwards.Challenge(r, a, "text"u8);
        var s = Edwards.Scalar(k * secret % Edwards.L);
        var key = PublicKey.Import(Algorithm, a, KeyBlobFormat.RawPublicKey);
        Assert.False(Algorithm.Verify(key, "text"u8, [.. r, .. s]));
        Assert.True(Algorithm.Verify(key, "text"u8, SignByHand(secret, 42, "text"u8)));
    }

    [Fact]
    public void A_second_s_for_the_same_signature_is_refused()
    {
        var signature = SignByHand(987654321, 42, "text"u8);
        var key = KeyOf(987654321);
        Assert.True(Algorithm.Verify(key, "text"u8, signature));
        var s = Edwards.Number(signature.AsSpan(32));
        for (var i = 1; s + (i * Edwards.L) < BigInteger.Pow(2, 256); i++)
        {
            Assert.False(Algorithm.Verify(key, "text"u8, [.. signature[..32], .. Edwards.Scalar(s + (i * Edwards.L))]), $"S + {i} L");
        }
    }

    [Fact]
    public void The_bounds_of_canonical_numbers_are_exact()
    {
        Assert.True(EdwardsEncoding.IsReducedScalar(Edwards.Scalar(Edwards.L - 1)));
        Assert.False(EdwardsEncoding.IsReducedScalar(Edwards.Scalar(Edwards.L)));
        Assert.False(EdwardsEncoding.IsReducedScalar(Edwards.Scalar(BigInteger.Pow(2, 256) - 1)));
        Assert.True(EdwardsEncoding.IsCanonical(Edwards.Scalar(Edwards.P - 1)));
        for (var i = 0; i < 19; i++)
        {
            Assert.False(EdwardsEncoding.IsCanonical(Edwards.Scalar(Edwards.P + i)));
            Assert.False(EdwardsEncoding.IsCanonical(Edwards.Scalar(Edwards.P + i + BigInteger.Pow(2, 255))));
        }
    }

    [Fact]
    public void A_key_that_is_no_point_or_a_second_spelling_of_one_is_refused()
    {
        var good = SignByHand(5, 42, "text"u8);
        for (var i = 0; i < 19; i++)
        {
            Refused(Edwards.Scalar(Edwards.P + i), good);
        }

        var offCurve = Enumerable.Range(2, 100).First(y => Edwards.RecoverX(y, 0) is null);
        Refused(Edwards.Scalar(offCurve), good);
    }

    [Fact]
    public void An_r_that_is_no_point_or_a_second_spelling_of_one_is_refused()
    {
        var signature = SignByHand(5, 42, "text"u8);
        for (var i = 0; i < 19; i++)
        {
            Assert.False(Algorithm.Verify(KeyOf(5), "text"u8, [.. Edwards.Scalar(Edwards.P + i), .. signature[32..]]));
        }
    }

    [Fact]
    public void Every_flipped_bit_and_every_other_length_is_refused()
    {
        var signature = SignByHand(5, 42, "text"u8);
        var key = KeyOf(5);
        for (var bit = 0; bit < signature.Length * 8; bit++)
        {
            byte[] bad = [.. signature];
            bad[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(Algorithm.Verify(key, "text"u8, bad), $"bit {bit}");
        }

        for (var length = 0; length < 130; length++)
        {
            byte[] bad = [.. signature, .. signature, .. signature];
            Assert.Equal(length == 64, Algorithm.Verify(key, "text"u8, bad.AsSpan(0, length)));
        }

        Assert.False(Algorithm.Verify(key, "texT"u8, signature));
        Assert.False(Algorithm.Verify(key, [], signature));
        Assert.False(Algorithm.Verify(KeyOf(6), "text"u8, signature));
    }

    [Fact]
    public void Arbitrary_bytes_are_never_a_signature_and_never_an_exception()
    {
        var random = new Random(3);
        var bytes = new byte[96];
        for (var i = 0; i < 3000; i++)
        {
            random.NextBytes(bytes);
            Refused(bytes[..32], bytes[32..]);
        }
    }

    private static void Refused(byte[] publicKey, byte[] signature) =>
        Assert.False(Algorithm.Verify(PublicKey.Import(Algorithm, publicKey, KeyBlobFormat.RawPublicKey), "text"u8, signature), Convert.ToHexStringLower(publicKey));

    private static PublicKey KeyOf(BigInteger secret) =>
        PublicKey.Import(Algorithm, Edwards.Encode(Edwards.Multiply(secret, Edwards.Base)), KeyBlobFormat.RawPublicKey);

    private static byte[] SignByHand(BigInteger secret, BigInteger nonce, ReadOnlySpan<byte> message)
    {
        var a = Edwards.Encode(Edwards.Multiply(secret, Edwards.Base));
        var r = Edwards.Encode(Edwards.Multiply(nonce, Edwards.Base));
        return [.. r, .. Edwards.Scalar((nonce + (Edwards.Challenge(r, a, message) * secret)) % Edwards.L)];
    }

    private static List<(BigInteger X, BigInteger Y)> SmallOrder()
    {
        var points = new HashSet<(BigInteger X, BigInteger Y)>();
        for (var y = 2; points.Count < 8; y++)
        {
            if (Edwards.RecoverX(y, 0) is { } x)
            {
                var torsion = Edwards.Multiply(Edwards.L, (x, y));
                points.UnionWith(Enumerable.Range(0, 8).Select(i => Edwards.Multiply(i, torsion)));
            }
        }

        return [.. points];
    }

    /// <summary>With either sign bit, and as y + p where that still fits.</summary>
    private static IEnumerable<byte[]> Encodings(BigInteger y)
    {
        foreach (var value in new[] { y, y + Edwards.P }.Where(value => value < BigInteger.Pow(2, 255)))
        {
            yield return Edwards.Scalar(value);
            yield return Edwards.Scalar(value + BigInteger.Pow(2, 255));
        }
    }
}
