using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Tests.Transparency;

/// <summary>What was found good is good again, and nothing else is.</summary>
public sealed class VerifiedSignaturesTests
{
    private static readonly SigningKey Key = SigningKey.Create("key");

    [Fact]
    public void A_signature_that_was_good_stays_good_and_no_other_byte_profits()
    {
        byte[] message = "text\n"u8.ToArray();
        byte[] signature = Key.Sign(message).ToArray();
        byte[] key = Key.PublicKey.ToArray();
        Assert.True(Ed25519Signature.Verify(key, message, signature));
        Assert.True(Ed25519Signature.Verify(key, message, signature));
        foreach (byte[] changed in new[] { message, signature, key })
        {
            changed[^1] ^= 1;
            Assert.False(Ed25519Signature.Verify(key, message, signature));
            Assert.False(Ed25519Signature.Verify(key, message, signature));
            changed[^1] ^= 1;
        }

        Assert.False(Ed25519Signature.Verify(key, message, signature.AsSpan(0, 63)));
        Assert.False(Ed25519Signature.Verify(key.AsSpan(0, 31), message, signature));
    }

    [Fact]
    public void Bytes_that_move_from_one_part_to_another_make_another_name()
    {
        byte[] key = new byte[32];
        byte[] signature = new byte[64];
        Assert.NotEqual(VerifiedSignatures.NameOf(key, "a"u8, signature), VerifiedSignatures.NameOf(key, "a\0"u8, signature));
        Assert.Null(VerifiedSignatures.NameOf(key, new byte[2000], signature));
        Assert.Null(VerifiedSignatures.NameOf(key, "a"u8, new byte[63]));
        Assert.Null(VerifiedSignatures.NameOf(new byte[33], "a"u8, signature));
    }

    [Fact]
    public void What_is_remembered_is_bounded_and_the_newest_is_always_among_it()
    {
        VerifiedSignatures verified = new();
        MerkleHash[] names = [.. Enumerable.Range(0, 3 * VerifiedSignatures.MaxOfGeneration).Select(static i => MerkleTree.LeafHash(BitConverter.GetBytes(i)))];
        foreach (MerkleHash name in names)
        {
            verified.Add(name);
            Assert.True(verified.Contains(name));
        }

        Assert.False(verified.Contains(names[0]));
        Assert.InRange(names.Count(verified.Contains), VerifiedSignatures.MaxOfGeneration, 2 * VerifiedSignatures.MaxOfGeneration);
    }
}
