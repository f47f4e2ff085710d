using System.Runtime.InteropServices;

namespace NSec.Cryptography;

/// <summary>An EVP_PKEY. Freed when it is disposed and no call uses it any more; libcrypto wipes the private bytes then.</summary>
internal sealed class EvpKeyHandle : SafeHandle
{
    public EvpKeyHandle()
        : base(0, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        LibCrypto.FreeKey(handle);
        return true;
    }
}
