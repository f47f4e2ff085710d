namespace Athens.Federation.Node.Upstream;

/// <summary>The <c>[upstream]</c> section: how this node itself fetches what nobody holds.</summary>
internal sealed record UpstreamOptions
{
    public const int MinWorkers = 1;

    /// <summary>Each child is a go command with a git of its own: more would starve the machine, not speed it up.</summary>
    public const int MaxWorkers = 64;

    /// <summary>Less than the kept clone of one large repository would only thrash.</summary>
    public const long MinCacheSize = 64L << 20;

    public static readonly TimeSpan MinTimeout = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan MaxTimeout = TimeSpan.FromHours(1);

    /// <summary>The <c>go</c> command: a name looked up in PATH, or a path.</summary>
    public string Go { get; init; } = "go";

    /// <summary>GOPROXY of the child; <c>off</c> means that this node never goes upstream.</summary>
    public string GoProxy { get; init; } = "https://proxy.golang.org,direct";

    /// <summary>
    /// GOSUMDB of the child, any value that Go takes: name, name+key, name+key and URL, or <c>off</c>. Clients of this node are served the
    /// same database.
    /// </summary>
    public string SumDb { get; init; } = "sum.golang.org";

    /// <summary>Module paths that no checksum database is ever asked for, by the child or for a client (GONOSUMDB syntax).</summary>
    public string NoSum { get; init; } = "";

    /// <summary>Module paths of which it is never said that they do not exist, unless their repository was read (GOPRIVATE syntax; <c>[pool] private</c>).</summary>
    public string Private { get; init; } = "";

    /// <summary>Child processes at once (1 to 64).</summary>
    public int Workers { get; init; } = 4;

    /// <summary>The longest one child may run before its whole process group is killed (1 s to 1 h).</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Further variables of the child, e.g. GIT_SSH_COMMAND or GOPRIVATE; they win over everything set here.</summary>
    public IReadOnlyDictionary<string, string> Env { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Nothing is ever fetched: GOPROXY=off, or a list that begins with it (go reads none of the rest).</summary>
    public bool IsOff =>
        Env.GetValueOrDefault("GOPROXY", GoProxy).Split(',', '|').Select(entry => entry.Trim()).FirstOrDefault(entry => entry.Length > 0) == "off";

    /// <summary><see cref="NoSum"/> together with what the child's own variables say; GOPRIVATE is what <c>go</c> takes where GONOSUMDB is not set.</summary>
    public string NeverLookedUp => string.Join(',', new[] { NoSum, Env.GetValueOrDefault("GONOSUMDB") ?? Env.GetValueOrDefault("GOPRIVATE", "") }
        .Where(patterns => patterns.Length > 0));

    /// <summary>
    /// Module paths of which no proxy of <see cref="GoProxy"/> hears, as with GOPRIVATE: <see cref="Private"/> and what the child's own variables say. Null: nothing is
    /// to be set, since they say it all (<c>GONOPROXY</c>), or all proxies are folders of this machine, which tell nobody.
    /// </summary>
    public string? NeverProxied =>
        Private.Length == 0 || !TellsProxies
            ? null
            : string.Join(',', new[] { Private, Env.GetValueOrDefault("GOPRIVATE", "") }.Where(patterns => patterns.Length > 0));

    /// <summary>There may be proxies that hear of a path unless the child is told otherwise.</summary>
    public bool TellsProxies => !Env.ContainsKey("GONOPROXY") && Env.GetValueOrDefault("GOPROXY", GoProxy).Contains("http", StringComparison.OrdinalIgnoreCase);

    /// <summary>Bytes that the kept VCS clones may take; the least recently used go first (64 MiB or more).</summary>
    public long CacheSize { get; init; } = 10L << 30;
}
