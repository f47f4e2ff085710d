using Microsoft.Win32.SafeHandles;

namespace Athens.Federation.Node.Retrieval;

/// <summary>
/// One verified file of a held module version, ready to be sent: either its bytes (files of up to
/// <see cref="InMemoryLimit"/>) or an open handle that stays good until this lease is disposed.
/// </summary>
internal sealed class StoredFile : IDisposable
{
    /// <summary>Files up to this size are handed out as bytes: a system call costs more than copying 64 KiB.</summary>
    public const int InMemoryLimit = 64 << 10;

    private IDisposable? lease;

    public StoredFile(ReadOnlyMemory<byte> bytes, FileDigest digest, DateTimeOffset storedAt)
    {
        Bytes = bytes;
        Digest = digest;
        StoredAt = storedAt;
    }

    public StoredFile(SafeFileHandle handle, FileDigest digest, DateTimeOffset storedAt, IDisposable? lease)
    {
        Handle = handle;
        Digest = digest;
        StoredAt = storedAt;
        this.lease = lease;
    }

    /// <summary>The whole file; empty when <see cref="Handle"/> is set.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Read with RandomAccess at explicit offsets only: the handle may be shared.</summary>
    public SafeFileHandle? Handle { get; }

    public FileDigest Digest { get; }

    public long Length => Digest.Size;

    public DateTimeOffset StoredAt { get; }

    public void Dispose() => Interlocked.Exchange(ref lease, null)?.Dispose();
}
