using System.Text;

namespace Athens.Federation.Node.Upstream;

/// <summary>One of the clones that <c>go</c> keeps: <c>&lt;key&gt;</c>, with <c>&lt;key&gt;.info</c> (what it is a clone of) and <c>&lt;key&gt;.lock</c> beside it.</summary>
internal sealed class CloneFolder
{
    /// <summary>Bytes: "git3:" and a URL; go writes nothing longer.</summary>
    private const int MaxInfo = 4096;

    /// <summary>The end of a folder's name that waits for its deletion.</summary>
    public const string Aside = ".removed";

    private readonly string path;

    public CloneFolder(string path) => this.path = path;

    /// <summary>The SHA-256 that go names it by.</summary>
    public string Key => Path.GetFileName(path);

    /// <summary>The repository's URL, or empty when the .info is missing or strange.</summary>
    public string Url
    {
        get
        {
            FileInfo info = new(path + ".info");
            if (!info.Exists || info.Length > MaxInfo)
            {
                return "";
            }

            string text = File.ReadAllText(info.FullName, Encoding.UTF8);
            int colon = text.IndexOf(':', StringComparison.Ordinal);
            return colon < 0 ? "" : text[(colon + 1)..].Trim();
        }
    }

    /// <summary>When it was last used: go writes FETCH_HEAD at each fetch, <see cref="Touch"/> marks the rest.</summary>
    public DateTime LastUse => new[] { path + ".info", Path.Combine(path, "FETCH_HEAD"), path }.Max(File.GetLastWriteTimeUtc);

    /// <summary>Changes whenever a fetch brought something, so that only then the size is counted again.</summary>
    public (DateTime, DateTime, DateTime) State =>
        (File.GetLastWriteTimeUtc(Path.Combine(path, "FETCH_HEAD")),
            File.GetLastWriteTimeUtc(Path.Combine(path, "objects", "pack")),
            File.GetLastWriteTimeUtc(Path.Combine(path, "objects")));

    /// <summary>Bytes of all its files.</summary>
    public long Size() => SizeOf(path);

    public static long SizeOf(string folder)
    {
        EnumerationOptions all = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        long size = 0;
        try
        {
            foreach (FileInfo file in new DirectoryInfo(folder).EnumerateFiles("*", all))
            {
                size += file.Exists ? file.Length : 0;
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // git renames and removes while we count; it is counted again after the next fetch.
        }

        return size;
    }

    public void Touch(DateTimeOffset now) => File.SetLastWriteTimeUtc(path + ".info", now.UtcDateTime);

    /// <summary>
    /// Removes what a killed git leaves: its lock files, with which every later fetch would fail, and half packs.
    /// Go holds the .lock beside the clone whenever its git writes, so with that lock in hand they are nobody's.
    /// </summary>
    /// <returns>False when a running child holds the lock.</returns>
    public bool TryRepair()
    {
        try
        {
            using FileStream held = new(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            foreach (string left in Leftovers())
            {
                File.Delete(left);
            }

            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>
    /// Renames it out of go's sight and returns where it is now, to be deleted. A crash in the middle of the deletion
    /// leaves no half clone under a name that go trusts. Only when no child runs.
    /// </summary>
    public string SetAside()
    {
        string aside = path + Aside;
        Directory.Move(path, aside);
        File.Delete(path + ".info");
        File.Delete(path + ".lock");
        return aside;
    }

    private IEnumerable<string> Leftovers()
    {
        EnumerationOptions top = new() { AttributesToSkip = FileAttributes.None };
        EnumerationOptions deep = new() { AttributesToSkip = FileAttributes.None, RecurseSubdirectories = true };
        IEnumerable<string> found = Directory.EnumerateFiles(path, "*.lock", top);
        string refs = Path.Combine(path, "refs");
        string pack = Path.Combine(path, "objects", "pack");
        found = Directory.Exists(refs) ? found.Concat(Directory.EnumerateFiles(refs, "*.lock", deep)) : found;
        found = Directory.Exists(pack) ? found.Concat(Directory.EnumerateFiles(pack, "tmp_*", top)) : found;
        return [.. found];
    }
}
