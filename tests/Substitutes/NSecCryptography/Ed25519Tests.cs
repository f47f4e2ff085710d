using System.Security.Cryptography;
using NSec.Cryptography;

namespace Athens.Federation.Tests.Substitutes.NSecCryptography;

/// <summary>The API as the published package has it, and RFC 8032's own vectors.</summary>
public sealed class Ed25519Tests
{
    private static readonly Ed25519 Algorithm = SignatureAlgorithm.Ed25519;

    [Theory]
    [InlineData(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [InlineData(
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")]
    [InlineData(
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]
    [InlineData(
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704")]
    public void Vectors_of_the_rfc(string seed, string publicKey, string message, string signature)
    {
        using var key = Import(seed);
        Assert.Equal(publicKey, Hex(key.PublicKey.Export(KeyBlobFormat.RawPublicKey)));
        Assert.Equal(publicKey, Hex(key.Export(KeyBlobFormat.RawPublicKey)));
        Assert.Equal(signature, Hex(Algorithm.Sign(key, Bytes(message))));
        Assert.True(Algorithm.Verify(PublicKey.Import(Algorithm, Bytes(publicKey), KeyBlobFormat.RawPublicKey), Bytes(message), Bytes(signature)));
        Assert.Equal(seed, Hex(key.Export(KeyBlobFormat.RawPrivateKey)));
    }

    [Fact]
    public void Sizes_are_those_of_the_rfc()
    {
        Assert.Equal((32, 32, 64), (Algorithm.PrivateKeySize, Algorithm.PublicKeySize, Algorithm.SignatureSize));
        Assert.Same(SignatureAlgorithm.Ed25519, Algorithm);
    }

    [Fact]
    public void A_key_leaves_only_as_its_policy_allows()
    {
        using var kept = Key.Create(Algorithm);
        Assert.Equal(KeyExportPolicies.None, kept.ExportPolicy);
        Assert.Throws<InvalidOperationException>(() => kept.Export(KeyBlobFormat.RawPrivateKey));
        using var once = Key.Create(Algorithm, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextArchiving });
        Assert.Equal(32, once.Export(KeyBlobFormat.RawPrivateKey).Length);
        Assert.Throws<InvalidOperationException>(() => once.Export(KeyBlobFormat.RawPrivateKey));
        Assert.Equal(32, kept.Export(KeyBlobFormat.RawPublicKey).Length);
    }

    [Fact]
    public void Every_created_key_is_another_one()
    {
        var keys = Enumerable.Range(0, 100).Select(_ =>
        {
            using var key = Key.Create(Algorithm);
            return Hex(key.Export(KeyBlobFormat.RawPublicKey));
        });
        Assert.Equal(100, keys.Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(64)]
    public void Keys_of_another_length_are_refused(int length)
    {
        Assert.False(Key.TryImport(Algorithm, new byte[length], KeyBlobFormat.RawPrivateKey, out var key));
        Assert.Null(key);
        Assert.Throws<FormatException>(() => Key.Import(Algorithm, new byte[length], KeyBlobFormat.RawPrivateKey));
        Assert.False(PublicKey.TryImport(Algorithm, new byte[length], KeyBlobFormat.RawPublicKey, out var publicKey));
        Assert.Null(publicKey);
        Assert.Throws<FormatException>(() => PublicKey.Import(Algorithm, new byte[length], KeyBlobFormat.RawPublicKey));
    }

    [Fact]
    public void Wrong_use_throws_what_the_package_throws()
    {
        using var key = Import("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        Assert.Throws<ArgumentNullException>(() => Key.Create(null!));
        Assert.Throws<ArgumentNullException>(() => Key.Import(null!, new byte[32], KeyBlobFormat.RawPrivateKey));
        Assert.Throws<ArgumentNullException>(() => PublicKey.Import(null!, new byte[32], KeyBlobFormat.RawPublicKey));
        Assert.Throws<ArgumentException>(() => Key.Import(Algorithm, new byte[32], KeyBlobFormat.RawPublicKey));
        Assert.Throws<ArgumentException>(() => PublicKey.Import(Algorithm, new byte[32], KeyBlobFormat.RawPrivateKey));
        Assert.Throws<ArgumentException>(() => key.PublicKey.Export(KeyBlobFormat.None));
        Assert.Throws<ArgumentNullException>(() => Algorithm.Sign(null!, []));
        Assert.Throws<ArgumentNullException>(() => Algorithm.Verify(null!, [], new byte[64]));
        Assert.Throws<ArgumentException>(() => Algorithm.Sign(key, [], new byte[63]));
        Assert.Throws<ArgumentException>(() => Algorithm.Sign(key, [], new byte[65]));
        using var foreign = Key.Create(new Ed25519());
        Assert.Throws<ArgumentException>(() => Algorithm.Sign(foreign, []));
        Assert.Throws<ArgumentException>(() => Algorithm.Verify(foreign.PublicKey, [], new byte[64]));
    }

    [Fact]
    public void A_disposed_key_signs_and_exports_no_more_and_its_public_key_lives_on()
    {
        var key = Key.Create(Algorithm, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport });
        var signature = Algorithm.Sign(key, "text"u8);
        key.Dispose();
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Algorithm.Sign(key, "text"u8));
        Assert.Throws<ObjectDisposedException>(() => key.Export(KeyBlobFormat.RawPrivateKey));
        Assert.True(Algorithm.Verify(key.PublicKey, "text"u8, signature));
    }

    [Fact]
    public void Public_keys_are_equal_by_value()
    {
        using var key = Key.Create(Algorithm);
        using var other = Key.Create(Algorithm);
        var again = PublicKey.Import(Algorithm, key.Export(KeyBlobFormat.RawPublicKey), KeyBlobFormat.RawPublicKey);
        Assert.Equal(key.PublicKey, again);
        Assert.Equal(key.PublicKey.GetHashCode(), again.GetHashCode());
        Assert.NotEqual(key.PublicKey, other.PublicKey);
        Assert.False(again.Equals(null));
        Assert.Equal(32, again.Size);
    }

    [Fact]
    public void One_key_signs_on_many_threads_while_another_goes_away()
    {
        using var key = Import("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        var expected = Enumerable.Range(0, 16).Select(i => Hex(Algorithm.Sign(key, new byte[i * 100]))).ToArray();
        var going = Key.Create(Algorithm);
        Parallel.For(0, 2000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            if (i == 1000)
            {
                going.Dispose();
            }

            try
            {
                Assert.Equal(64, Algorithm.Sign(going, new byte[i]).Length);
            }
            catch (ObjectDisposedException)
            {
                // From the moment it is gone.
            }

            var data = new byte[i % 16 * 100];
            var signature = Algorithm.Sign(key, data);
            Assert.Equal(expected[i % 16], Hex(signature));
            Assert.True(Algorithm.Verify(key.PublicKey, data, signature));
        });
    }

    [Fact]
    public void A_failed_check_leaves_nothing_behind_for_the_next_user_of_the_library_on_this_thread()
    {
        using var key = Key.Create(Algorithm);
        for (var i = 0; i < 100; i++)
        {
            Assert.False(Algorithm.Verify(key.PublicKey, [], new byte[64]));
        }

        byte[] data = [1, 2, 3];
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.False(ecdsa.VerifyData(data, new byte[64], HashAlgorithmName.SHA256));
        Assert.True(ecdsa.VerifyData(data, ecdsa.SignData(data, HashAlgorithmName.SHA256), HashAlgorithmName.SHA256));
    }

    private static Key Import(string seed) => Key.Import(
        Algorithm, Bytes(seed), KeyBlobFormat.RawPrivateKey, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport });

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex);

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
