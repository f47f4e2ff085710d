using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Retrieval;

/// <summary>Reads a held <c>.info</c> into memory.</summary>
internal static class StoredInfo
{
    /// <summary>The bytes, or null when it is not held.</summary>
    public static async ValueTask<ReadOnlyMemory<byte>?> OpenAsync(
        IModuleStore store, ModuleVersion module, CancellationToken cancellationToken)
    {
        using StoredFile? file = await store.OpenAsync(module, ModuleFileKind.Info, cancellationToken);
        if (file is null)
        {
            // Not as one expression with the line below: there, null would become an empty memory.
            return null;
        }

        return await ReadAsync(file, cancellationToken);
    }

    public static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(StoredFile file, CancellationToken cancellationToken)
    {
        if (file.Handle is not { } handle)
        {
            return file.Bytes;
        }

        if (file.Length > InfoFile.MaxSize)
        {
            throw new IOException($"a stored .info has {file.Length} bytes, more than {InfoFile.MaxSize}");
        }

        byte[] bytes = new byte[file.Length];
        int read = 0;
        while (read < bytes.Length)
        {
            int count = await RandomAccess.ReadAsync(handle, bytes.AsMemory(read), read, cancellationToken);
            if (count == 0)
            {
                throw new EndOfStreamException("a stored .info is shorter than recorded");
            }

            read += count;
        }

        return bytes;
    }
}
