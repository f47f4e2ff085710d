namespace Athens.Federation.Node.Upstream;

/// <summary>
/// The whole environment of a <c>go</c> child. Nothing is inherited but what Go and git need to reach and to log in to
/// an upstream: a GOFLAGS or GOPROXY of the operator's own shell must not change what the node stores.
/// </summary>
internal static class GoEnvironment
{
    /// <summary>Where commands are looked for when the node itself was started without PATH.</summary>
    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>Passed on as they are: who the node is, its ssh agent and helpers, its way to the network, its trusted roots.</summary>
    private static readonly string[] PassedOn =
    [
        "HOME", "PATH", "USER", "LOGNAME", "XDG_CONFIG_HOME", "SSH_AUTH_SOCK", "SSH_ASKPASS", "NETRC",
        "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT", "GIT_ASKPASS",
        "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy", "all_proxy",
        "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "CURL_CA_BUNDLE",
    ];

    /// <summary>The variables that every child shares; each child's scratch folder adds its own (see <see cref="ScratchFolder"/>).</summary>
    /// <param name="inherited">The node's own environment.</param>
    /// <param name="options">GOPROXY, GOSUMDB, and <c>env</c>, which wins over everything.</param>
    /// <param name="folder">The room's folder, <c>&lt;data&gt;/vcs</c>.</param>
    public static Dictionary<string, string> Build(
        IReadOnlyDictionary<string, string> inherited, UpstreamOptions options, string folder)
    {
        Dictionary<string, string> environment = new(StringComparer.Ordinal)
        {
            ["HOME"] = Path.Combine(folder, "home"),
            ["PATH"] = DefaultPath,
        };
        foreach (string name in PassedOn)
        {
            if (inherited.TryGetValue(name, out string? value))
            {
                environment[name] = value;
            }
        }

        AddGo(environment, options, folder);
        AddGit(environment);
        foreach ((string name, string value) in options.Env)
        {
            environment[name] = value;
        }

        if (options.NoSum.Length > 0)
        {
            // Set, it hides GOPRIVATE from go: so it has those patterns too.
            environment["GONOSUMDB"] = options.NeverLookedUp;
        }

        if (options.NeverProxied is { } neverProxied)
        {
            environment["GONOPROXY"] = neverProxied;
        }

        return environment;
    }

    private static void AddGo(Dictionary<string, string> environment, UpstreamOptions options, string folder)
    {
        environment["GOENV"] = "off";
        environment["GO111MODULE"] = "on";
        environment["GOWORK"] = "off";
        environment["GOTOOLCHAIN"] = "local";
        environment["GOPROXY"] = options.GoProxy;
        environment["GOSUMDB"] = options.SumDb;
        // Without it the extracted tree is read-only and cannot be removed.
        environment["GOFLAGS"] = "-modcacherw";
        // Holds the last verified head of each checksum database: kept, so that a database that forks is noticed.
        environment["GOPATH"] = Path.Combine(folder, "gopath");
        environment["GOCACHE"] = Path.Combine(folder, "gocache");
    }

    private static void AddGit(Dictionary<string, string> environment)
    {
        // Messages are told apart by their English words.
        environment["LC_ALL"] = "C";
        environment["GIT_TERMINAL_PROMPT"] = "0";
        environment["GCM_INTERACTIVE"] = "never";
        // A collection in the background would outlive its child and be out of reach of the timeout.
        environment["GIT_CONFIG_COUNT"] = "3";
        environment["GIT_CONFIG_KEY_0"] = "gc.autoDetach";
        environment["GIT_CONFIG_VALUE_0"] = "false";
        environment["GIT_CONFIG_KEY_1"] = "maintenance.autoDetach";
        environment["GIT_CONFIG_VALUE_1"] = "false";
        // Loose objects too: an object emptied by a power cut makes go say "unknown revision" of a tag that exists.
        environment["GIT_CONFIG_KEY_2"] = "core.fsync";
        environment["GIT_CONFIG_VALUE_2"] = "committed";
    }
}
