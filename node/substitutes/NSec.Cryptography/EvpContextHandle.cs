using System.Runtime.InteropServices;

namespace NSec.Cryptography;

/// <summary>An EVP_MD_CTX: one for each signature made or checked, so that threads share nothing but the key.</summary>
internal sealed class EvpContextHandle : SafeHandle
{
    public EvpContextHandle()
        : base(0, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        LibCrypto.FreeContext(handle);
        return true;
    }
}
