namespace NSec.Cryptography;

/// <summary>How a key is written. Negative: private; positive: public. The formats in use only.</summary>
public enum KeyBlobFormat
{
    None = 0,

    /// <summary>The 32-byte seed of RFC 8032.</summary>
    RawPrivateKey = -2,

    /// <summary>The 32-byte compressed point of RFC 8032.</summary>
    RawPublicKey = 1,
}
