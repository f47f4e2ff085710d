namespace Athens.Federation.Node.Upstream;

/// <summary>
/// One child's own working folder, temp folder and module cache, gone with it. Only what is worth keeping is shared,
/// through links: the VCS clones and the checksum database's tiles. So children cannot see one another's half-written
/// files, nothing extracted stays, and no older answer of a query is taken for today's.
/// </summary>
internal sealed class ScratchFolder : IDisposable
{
    /// <summary>A main module of our own: without it <c>go</c> would obey a go.mod in any folder above the data folder.</summary>
    private const string GoMod = "module athens.invalid/upstream\n";

    private readonly string root;

    /// <param name="layout">The room's folders.</param>
    public ScratchFolder(UpstreamLayout layout)
    {
        root = Path.Combine(layout.Scratch, Guid.NewGuid().ToString("N"));
        WorkingFolder = Directory.CreateDirectory(Path.Combine(root, "work")).FullName;
        Temp = Directory.CreateDirectory(Path.Combine(root, "tmp")).FullName;
        ModuleCache = Path.Combine(root, "mod");
        string cache = Directory.CreateDirectory(Path.Combine(ModuleCache, "cache", "download")).FullName;
        Directory.CreateSymbolicLink(Path.Combine(ModuleCache, "cache", "vcs"), layout.Clones);
        Directory.CreateSymbolicLink(Path.Combine(cache, "sumdb"), layout.SumDb);
        File.WriteAllText(Path.Combine(WorkingFolder, "go.mod"), GoMod);
    }

    public string WorkingFolder { get; }

    public string Temp { get; }

    public string ModuleCache { get; }

    /// <summary>Adds this child's variables. They win even over <c>[upstream] env</c>: the room depends on them.</summary>
    public void AddTo(IDictionary<string, string?> environment)
    {
        environment["GOMODCACHE"] = ModuleCache;
        environment["GOTMPDIR"] = Temp;
        environment["TMPDIR"] = Temp;
        environment["PWD"] = WorkingFolder;
    }

    /// <summary>True when a path that a child reported is a regular file inside its own module cache (not a link out of it).</summary>
    public bool Owns(string path)
    {
        if (!Path.IsPathFullyQualified(path) ||
            !Path.GetFullPath(path).StartsWith(Path.Combine(ModuleCache, "cache", "download") + "/", StringComparison.Ordinal))
        {
            return false;
        }

        FileInfo file = new(path);
        return file.Exists && file.LinkTarget is null && !file.Attributes.HasFlag(FileAttributes.Directory);
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(root, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A process that is still dying may write into it; the sweep at the next start takes the rest.
        }
    }
}

/// <summary>The folders of the room, below <c>&lt;data&gt;/vcs</c>.</summary>
internal sealed class UpstreamLayout
{
    public UpstreamLayout(string dataFolder)
    {
        Data = Path.GetFullPath(dataFolder);
        Root = Path.Combine(Data, "vcs");
        Clones = Path.Combine(Root, "clones");
        SumDb = Path.Combine(Root, "sumdb");
        Scratch = Path.Combine(Root, "tmp");
    }

    public string Data { get; }

    public string Root { get; }

    /// <summary>What <c>go</c> calls cache/vcs: bare clones, each with a .info and a .lock beside it.</summary>
    public string Clones { get; }

    /// <summary>What <c>go</c> calls cache/download/sumdb: verified tiles.</summary>
    public string SumDb { get; }

    /// <summary>One folder per running child; swept at start.</summary>
    public string Scratch { get; }

    /// <summary>Makes the folders and removes what children of an earlier process left.</summary>
    /// <exception cref="IOException">The data folder cannot be written.</exception>
    public void Prepare()
    {
        foreach (string folder in new[] { Clones, SumDb, Scratch, Path.Combine(Root, "home") })
        {
            Directory.CreateDirectory(folder);
        }

        foreach (string left in Directory.EnumerateDirectories(Scratch))
        {
            Directory.Delete(left, recursive: true);
        }
    }
}
