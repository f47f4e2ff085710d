namespace Athens.Federation.Node.Storage;

internal enum StorageKind
{
    Disk,
    Memory,
}

/// <summary>The <c>[storage]</c> section.</summary>
internal sealed record StorageOptions
{
    /// <summary>Less would not hold a single usual module.</summary>
    public const long LeastMemoryLimit = 1L << 20;

    /// <summary><c>disk</c>, or <c>memory</c> for development: gone with the process.</summary>
    public StorageKind Kind { get; init; } = StorageKind.Disk;

    /// <summary>Bytes that must stay free on the data folder's disk; below it, new modules are refused with 507.</summary>
    public long MinFree { get; init; } = 256L << 20;

    /// <summary>Bytes that the memory store may hold (memory only).</summary>
    public long MemoryLimit { get; init; } = 1L << 30;
}
