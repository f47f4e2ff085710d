using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace NSec.Cryptography;

/// <summary>The calls of OpenSSL 3 (libcrypto.so.3) that Ed25519 needs.</summary>
internal static unsafe partial class LibCrypto
{
    private const string Library = "libcrypto.so.3";

    /// <summary>EVP_PKEY_ED25519, which is NID_ED25519.</summary>
    private const int Ed25519Type = 1087;

    public static EvpKeyHandle ImportSeed(ReadOnlySpan<byte> seed)
    {
        fixed (byte* bytes = seed)
        {
            var key = NewPrivateKey(Ed25519Type, 0, bytes, (nuint)seed.Length);
            return key.IsInvalid ? throw Failed(nameof(NewPrivateKey)) : key;
        }
    }

    public static byte[] ExportSeed(EvpKeyHandle key)
    {
        var seed = new byte[Ed25519.SeedSize];
        var length = (nuint)seed.Length;
        fixed (byte* bytes = seed)
        {
            return GetPrivateKey(key, bytes, ref length) == 1 ? seed : throw Failed(nameof(GetPrivateKey));
        }
    }

    public static byte[] PublicKeyOf(EvpKeyHandle key)
    {
        var point = new byte[Ed25519.PointSize];
        var length = (nuint)point.Length;
        fixed (byte* bytes = point)
        {
            return GetPublicKey(key, bytes, ref length) == 1 ? point : throw Failed(nameof(GetPublicKey));
        }
    }

    public static void Sign(EvpKeyHandle key, ReadOnlySpan<byte> data, Span<byte> signature)
    {
        using var context = NewContext();
        var length = (nuint)signature.Length;
        fixed (byte* into = signature)
        fixed (byte* message = data)
        {
            if (context.IsInvalid || SignInit(context, 0, 0, 0, key) != 1 || Sign(context, into, ref length, message, (nuint)data.Length) != 1)
            {
                throw Failed(nameof(Sign));
            }
        }
    }

    /// <summary>False also for a public key that is no point of the curve.</summary>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        fixed (byte* point = publicKey)
        fixed (byte* message = data)
        fixed (byte* claimed = signature)
        {
            using var key = NewPublicKey(Ed25519Type, 0, point, (nuint)publicKey.Length);
            using var context = NewContext();
            if (key.IsInvalid || context.IsInvalid || VerifyInit(context, 0, 0, 0, key) != 1)
            {
                throw Failed(nameof(Verify));
            }

            var good = Verify(context, claimed, (nuint)signature.Length, message, (nuint)data.Length) == 1;
            if (!good)
            {
                // Left there, the reasons would be taken for those of the next failure on this thread, TLS's among them.
                ClearErrors();
            }

            return good;
        }
    }

    private static CryptographicException Failed(string call)
    {
        ClearErrors();
        return new CryptographicException($"libcrypto failed: {call}");
    }

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_free")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial void FreeKey(nint key);

    [LibraryImport(Library, EntryPoint = "EVP_MD_CTX_free")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial void FreeContext(nint context);

    [LibraryImport(Library, EntryPoint = "ERR_clear_error")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void ClearErrors();

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_new_raw_private_key")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial EvpKeyHandle NewPrivateKey(int type, nint engine, byte* seed, nuint length);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_new_raw_public_key")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial EvpKeyHandle NewPublicKey(int type, nint engine, byte* point, nuint length);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_get_raw_private_key")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetPrivateKey(EvpKeyHandle key, byte* seed, ref nuint length);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_get_raw_public_key")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetPublicKey(EvpKeyHandle key, byte* point, ref nuint length);

    [LibraryImport(Library, EntryPoint = "EVP_MD_CTX_new")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial EvpContextHandle NewContext();

    [LibraryImport(Library, EntryPoint = "EVP_DigestSignInit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SignInit(EvpContextHandle context, nint keyContext, nint digest, nint engine, EvpKeyHandle key);

    [LibraryImport(Library, EntryPoint = "EVP_DigestSign")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Sign(EvpContextHandle context, byte* signature, ref nuint signatureLength, byte* message, nuint length);

    [LibraryImport(Library, EntryPoint = "EVP_DigestVerifyInit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int VerifyInit(EvpContextHandle context, nint keyContext, nint digest, nint engine, EvpKeyHandle key);

    [LibraryImport(Library, EntryPoint = "EVP_DigestVerify")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Verify(EvpContextHandle context, byte* signature, nuint signatureLength, byte* message, nuint length);
}
