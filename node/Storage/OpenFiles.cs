using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Storage;

/// <summary>
/// Open handles of big files whose bytes were checked: the least recently used are closed when there are too many.
/// A file is hashed when it is first opened and again whenever its identity, size or times have changed.
/// Several who ask for the same file at once wait for one check; nobody waits for another file's.
/// </summary>
internal sealed class OpenFiles : IDisposable
{
    /// <summary>Open at once, those still being sent not counted. The usual limit of a process is 1,024 descriptors.</summary>
    internal const int MaxOpen = 256;

    private readonly CancellationTokenSource closing = new();
    private readonly Lock gate = new();

    // Both guarded by gate, which is never held over I/O. The list's head was used last.
    private readonly Dictionary<string, LinkedListNode<OpenFile>> byPath = new(StringComparer.Ordinal);
    private readonly LinkedList<OpenFile> byUse = new();

    private long verifications;

    /// <summary>How often a file was hashed; for tests.</summary>
    public long Verifications => Interlocked.Read(ref verifications);

    /// <summary>A lease on the checked file, or why there is none.</summary>
    public async ValueTask<(OpenFile? File, FileState State, FileStamp Stamp)> OpenAsync(
        string path, FileDigest digest, CancellationToken cancellationToken)
    {
        if (FileSystem.StampOf(path) is not { } stamp)
        {
            Forget(path, null);
            return (null, FileState.Missing, default);
        }

        var file = Lease(path, stamp, digest);
        try
        {
            var state = await file.Checked.Value.WaitAsync(cancellationToken);
            if (state == FileState.Good)
            {
                return (file, state, stamp);
            }

            Forget(path, file);
            file.Dispose();
            return (null, state, stamp);
        }
        catch
        {
            if (file.Checked.Value.IsFaulted)
            {
                Forget(path, file);
            }

            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// A file that was placed just now, after its bytes had been hashed: it need not be hashed again at its first opening. Only while there is room.
    /// </summary>
    /// <param name="path">Where it is.</param>
    /// <param name="hashed">Its state before it was hashed, under whatever name.</param>
    /// <param name="digest">What its bytes had.</param>
    public void Expect(string path, FileStamp hashed, FileDigest digest)
    {
        if (FileSystem.StampOf(path) is not { } stamp || !stamp.IsOfSameContent(hashed))
        {
            return;
        }

        lock (gate)
        {
            if (byUse.Count < MaxOpen && !byPath.ContainsKey(path))
            {
                byPath[path] = byUse.AddFirst(new OpenFile(path, stamp, digest, Check) { IsHashed = true });
            }
        }
    }

    public void Dispose()
    {
        closing.Cancel();
        lock (gate)
        {
            foreach (var file in byUse)
            {
                file.Dispose();
            }

            byUse.Clear();
            byPath.Clear();
        }

        closing.Dispose();
    }

    private OpenFile Lease(string path, FileStamp stamp, FileDigest digest)
    {
        lock (gate)
        {
            if (byPath.TryGetValue(path, out var node))
            {
                if (node.Value.Stamp == stamp && node.Value.Digest == digest)
                {
                    byUse.Remove(node);
                    byUse.AddFirst(node);
                    node.Value.AddLease();
                    return node.Value;
                }

                Remove(node);
            }

            if (byUse.Count >= MaxOpen)
            {
                Remove(byUse.Last!);
            }

            // One lease is the cache's, one the caller's.
            var file = new OpenFile(path, stamp, digest, Check);
            file.AddLease();
            byPath[path] = byUse.AddFirst(file);
            return file;
        }
    }

    private void Forget(string path, OpenFile? only)
    {
        lock (gate)
        {
            if (byPath.TryGetValue(path, out var node) && (only is null || node.Value == only))
            {
                Remove(node);
            }
        }
    }

    private void Remove(LinkedListNode<OpenFile> node)
    {
        byUse.Remove(node);
        byPath.Remove(node.Value.Path);
        node.Value.Dispose();
    }

    private Task<FileState> Check(OpenFile file)
    {
        if (!file.IsHashed)
        {
            Interlocked.Increment(ref verifications);
        }

        // The check goes on when its first caller goes away, so it has a lease of its own.
        file.AddLease();
        return Task.Run(async () =>
        {
            try
            {
                return await file.OpenAndCheckAsync(closing.Token);
            }
            finally
            {
                file.Dispose();
            }
        });
    }
}

internal enum FileState
{
    Good,
    Damaged,
    Missing,
}
