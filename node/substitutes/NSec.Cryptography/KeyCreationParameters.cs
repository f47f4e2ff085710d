using System.Runtime.InteropServices;

namespace NSec.Cryptography;

/// <summary>What a new key may be used for.</summary>
[StructLayout(LayoutKind.Auto)]
public ref struct KeyCreationParameters
{
    public KeyExportPolicies ExportPolicy;
}
