using System.Collections.Concurrent;

namespace Athens.Federation.Node.Upstream;

/// <summary>
/// The clones (and checksum tiles) kept between children, bounded by <c>cache_size</c>. Which clone a child reads is
/// known only afterwards, so nothing is removed while any child runs. When the bound is passed by a quarter, children
/// that come wait until the running ones have ended and room is made: at most one upstream timeout, once for every
/// quarter of the bound newly cloned.
/// </summary>
internal sealed class VcsCache
{
    /// <summary>Removing goes down to this share of the bound, so that it is not needed again for the next clone.</summary>
    private const double TrimTo = 0.8;

    /// <summary>Above this share of the bound new children wait.</summary>
    private const double HardLimit = 1.25;

    /// <summary>
    /// Bytes of checksum tiles kept over a restart. One look-up adds about ten tiles of 8 KiB; all tiles of
    /// sum.golang.org together stay below 2 GiB.
    /// </summary>
    private const long TilesLimit = 256L << 20;

    private readonly UpstreamLayout layout;
    private readonly long limit;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly ConcurrentDictionary<string, (object State, long Size)> sizes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> condemned = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private int running;
    private bool full;
    private TaskCompletionSource? roomMade;

    public VcsCache(UpstreamLayout layout, long limit, TimeProvider time, ILogger logger)
    {
        this.layout = layout;
        this.limit = limit;
        this.time = time;
        this.logger = logger;
    }

    /// <summary>Bytes of everything kept, as last counted.</summary>
    public long Size => sizes.Values.Sum(entry => entry.Size);

    /// <summary>At start, when no child runs: repairs what an earlier process's children left and counts.</summary>
    public void Open()
    {
        Delete(Directory.EnumerateDirectories(layout.Clones, "*" + CloneFolder.Aside));
        if (CloneFolder.SizeOf(layout.SumDb) > TilesLimit)
        {
            Delete(Directory.EnumerateDirectories(layout.SumDb));
        }

        foreach (CloneFolder clone in Clones())
        {
            clone.TryRepair();
        }

        Count();
        Delete(SetAsideSurplus());
    }

    /// <summary>Before a child starts; the result is disposed after its end.</summary>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task wait;
            // Guards running, full and roomMade: a child starts, or the cache is trimmed, never both.
            lock (gate)
            {
                if (!full)
                {
                    running++;
                    return new Use(this);
                }

                roomMade ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                wait = roomMade.Task;
            }

            await wait.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Marks the clone of a repository as used now.</summary>
    public void Used(string url)
    {
        CloneFolder? clone = Clones().FirstOrDefault(candidate => candidate.Url == url);
        clone?.Touch(time.GetUtcNow());
    }

    /// <summary>After a child was killed: what its git left must not stand in the way of the next fetch.</summary>
    public void RepairAfterKill()
    {
        foreach (CloneFolder clone in Clones())
        {
            clone.TryRepair();
        }
    }

    /// <summary>Marks the clones that a failure names (go says where its git ran) for removal.</summary>
    public void Condemn(string words)
    {
        const string Marker = "/cache/vcs/";
        const int KeyLength = 64;
        for (int at = words.IndexOf(Marker, StringComparison.Ordinal); at >= 0;
            at = words.IndexOf(Marker, at + 1, StringComparison.Ordinal))
        {
            int start = at + Marker.Length;
            if (words.Length >= start + KeyLength && words[start..(start + KeyLength)] is var key && key.All(char.IsAsciiHexDigitLower))
            {
                condemned[key] = true;
                logger.CloneCondemned(key);
            }
        }
    }

    /// <summary>
    /// Marks the clone of a module whose checksum failed: a clone keeps a tag as it first saw it, so a tag that was put
    /// right upstream would fail for as long as the clone lives.
    /// </summary>
    public void CondemnOf(string modulePath)
    {
        foreach (CloneFolder clone in Clones())
        {
            int scheme = clone.Url.IndexOf("://", StringComparison.Ordinal);
            string root = scheme < 0 ? "" : clone.Url[(scheme + 3)..];
            if (root.Length > 0 && (modulePath + "/").StartsWith(root + "/", StringComparison.Ordinal))
            {
                condemned[clone.Key] = true;
                logger.CloneCondemned(clone.Key);
            }
        }
    }

    private void Leave()
    {
        Count();
        List<string> aside = [];
        lock (gate)
        {
            running--;
            if (running == 0)
            {
                aside = SetAsideSurplus();
            }

            full = running > 0 && Size > limit * HardLimit;
            if (!full)
            {
                roomMade?.SetResult();
                roomMade = null;
            }
        }

        Delete(aside);
    }

    private void Count()
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (CloneFolder clone in Clones())
        {
            seen.Add(clone.Key);
            object state = clone.State;
            if (!sizes.TryGetValue(clone.Key, out (object State, long Size) known) || !known.State.Equals(state))
            {
                sizes[clone.Key] = (state, clone.Size());
            }
        }

        foreach (string gone in sizes.Keys.Where(key => !seen.Contains(key)))
        {
            sizes.TryRemove(gone, out _);
        }
    }

    /// <summary>Takes what must go out of go's sight (renames, so the gate is held briefly). Only when no child runs.</summary>
    private List<string> SetAsideSurplus()
    {
        List<string> aside = [];
        long before = Size;
        int removed = 0;
        bool trim = before > limit;
        foreach (CloneFolder clone in Clones().OrderBy(clone => clone.LastUse).ToList())
        {
            bool damaged = condemned.TryRemove(clone.Key, out _);
            if (!damaged && !(trim && Size > limit * TrimTo))
            {
                continue;
            }

            try
            {
                aside.Add(clone.SetAside());
                sizes.TryRemove(clone.Key, out _);
                removed += damaged ? 0 : 1;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                logger.NotRemoved(clone.Key, e);
            }
        }

        if (removed > 0)
        {
            logger.Trimmed(before, removed);
        }

        return aside;
    }

    private void Delete(IEnumerable<string> folders)
    {
        foreach (string folder in folders.ToList())
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                logger.NotRemoved(folder, e);
            }
        }
    }

    private IEnumerable<CloneFolder> Clones() =>
        Directory.EnumerateDirectories(layout.Clones)
            .Where(folder => !folder.EndsWith(CloneFolder.Aside, StringComparison.Ordinal))
            .Select(folder => new CloneFolder(folder));

    private sealed class Use(VcsCache cache) : IDisposable
    {
        private int left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref left, 1) == 0)
            {
                cache.Leave();
            }
        }
    }
}
