using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Identity;
using Read = Athens.Federation.Node.Host.ConfigurationReaders;

namespace Athens.Federation.Node.Host;

/// <summary>The <c>[[peer]]</c> tables: each a peer whose key is pinned.</summary>
internal sealed class ConfigurationPeers(ConfigurationBinder binder, string file, ConfigurationFolders folders)
{
    public const string Section = "peer";
    public const string Header = "[[peer]]";

    public const int MaxPeers = PeerList.MaxPeers;

    /// <summary>A name goes into X-Athens-Source and into every line about the peer.</summary>
    public const int MaxNameLength = 64;

    public const int DefaultPort = 3443;

    public static readonly IReadOnlyList<string> Keys = ["name", "endpoint", "key", "org", "trust"];

    private readonly List<Draft> drafts = [];
    private bool toldOfForm;

    /// <summary>What is wrong with an organization's name, beginning with "must"; none is "".</summary>
    public static string? ProblemOfOrg(string org) => org.Length == 0 ? null : ConfigurationDefaults.ProblemOfName(org, MaxNameLength);

    /// <summary>Takes one entry whose first name is <see cref="Section"/>.</summary>
    public void Bind(ConfigurationFileEntry entry)
    {
        var isBelow = entry.IsOfArray || (drafts.Count > 0 && entry.Path.Count > 1);
        if (entry is { IsArrayOfTables: true, Path.Count: 1 })
        {
            drafts.Add(new Draft(entry.Line));
        }
        else if (isBelow && drafts.Count > 0)
        {
            Bind(drafts[^1], entry);
        }
        else if (!toldOfForm)
        {
            toldOfForm = true;
            binder.Fail(file, entry.Line, $"peers are written one by one: {Header} and the peer's keys below");
        }
    }

    /// <summary>Hands the peers over when the file has ended.</summary>
    /// <param name="isWhole">Whether what is missing is really missing.</param>
    public void End(bool isWhole)
    {
        if (drafts.Count > MaxPeers)
        {
            binder.Fail(file, drafts[MaxPeers].Line, $"{Header}: there are {drafts.Count} peers, this version takes at most {MaxPeers}");
            return;
        }

        foreach (var draft in isWhole ? drafts : [])
        {
            var missing = Keys.Take(3).Where(key => !draft.Seen.Contains(key)).ToList();
            if (missing.Count > 0)
            {
                binder.Fail(file, draft.Line, $"{Header} must have a name, an endpoint and a key: there is no {string.Join(" and no ", missing)}");
            }
        }

        FailRepeated("name", draft => draft.Name?.ToUpperInvariant(), draft => $"\"{draft.Name}\"");
        FailRepeated("key", draft => draft.Key?.ToString(), draft => draft.Key.ToString()!);
        var whole = drafts.Where(draft => draft.Options is not null).ToList();
        if (whole.Count > 0)
        {
            binder.SetPeers([.. whole.Select(draft => draft.Options!)], [.. whole.Select(draft => Entry(draft.Options!, draft.Line))]);
        }
    }

    /// <summary>HOST:PORT, or "" for none.</summary>
    public static ConfigurationReading<string> OwnEndpoint(ConfigurationValue value) =>
        Read.Text(value, static _ => null) is { Problem: null, Value.Length: 0 } none ? none : Endpoint(value);

    private static ConfigurationReading<string> Endpoint(ConfigurationValue value)
    {
        string? endpoint = null;
        var read = Read.Text(value, text =>
        {
            endpoint = ConfigurationAddress.Endpoint(text, DefaultPort, out var problem);
            return problem;
        });
        return read.Problem is null ? ConfigurationReading<string>.Of(endpoint!) : read;
    }

    private static ConfigurationReading<PeerKey> Key(ConfigurationValue value)
    {
        PeerKey key = default;
        var read = Read.Text(value, text => PeerKey.TryParse(text, out key, out var reason) ? null : $"must be that peer's key: {reason}");
        return new(key, read.Problem);
    }

    private void Bind(Draft draft, ConfigurationFileEntry entry)
    {
        var key = entry.Path[1];
        if (!Keys.Contains(key, StringComparer.Ordinal))
        {
            if (draft.Seen.Add(key))
            {
                binder.Fail(
                    file, entry.Line,
                    $"{Header} {ConfigurationSecrets.Printable(key)} is not a key that this version knows{ConfigurationSuggestion.For(key, Keys)}");
            }

            return;
        }

        if (!draft.Seen.Add(key))
        {
            return;
        }

        var value = ConfigurationValue.OfFile(entry.Path.Count == 2 ? entry.Value : null, folders);
        var problem = Set(draft, key, value);
        if (problem is not null)
        {
            binder.Fail(file, entry.Line, $"{Header} {key} {problem}");
        }
    }

    private static string? Set(Draft draft, string key, ConfigurationValue value)
    {
        switch (key)
        {
            case "name":
                return Keep(Read.Text(value, name => ConfigurationDefaults.ProblemOfName(name, MaxNameLength)), name => draft.Name = name);
            case "endpoint":
                return Keep(Endpoint(value), endpoint => draft.Endpoint = endpoint);
            case "key":
                return Keep(Key(value), peerKey => draft.Key = peerKey);
            case "org":
                return Keep(Read.Text(value, ProblemOfOrg), org => draft.Org = org);
            default:
                return Keep(Read.Choice<PeerTrust>(value), trust => draft.Trust = trust);
        }
    }

    private static string? Keep<T>(ConfigurationReading<T> reading, Action<T> keep)
    {
        if (reading.Problem is null)
        {
            keep(reading.Value!);
        }

        return reading.Problem;
    }

    private void FailRepeated(string key, Func<Draft, string?> value, Func<Draft, string> show)
    {
        Dictionary<string, Draft> first = new(StringComparer.Ordinal);
        foreach (var draft in drafts)
        {
            if (value(draft) is { } text && !first.TryAdd(text, draft))
            {
                binder.Fail(file, draft.Line, $"{Header} {key} must be another than that of line {first[text].Line}'s peer, not {show(draft)} again");
            }
        }
    }

    private ConfigurationEntry Entry(PeerOptions peer, int line)
    {
        var trust = peer.Trust.ToString().ToLowerInvariant();
        var shown = $"{{ endpoint = {ConfigurationSettings.Quote(peer.Endpoint)}, key = \"{peer.Key}\", org = \"{peer.Org}\", trust = \"{trust}\" }}";
        return new($"[{Section}]", peer.Name, shown, $"{file}:{line}");
    }

    /// <summary>A peer as far as it has been read.</summary>
    private sealed class Draft(int line)
    {
        public int Line { get; } = line;

        public HashSet<string> Seen { get; } = new(StringComparer.Ordinal);

        public string? Name { get; set; }

        public string? Endpoint { get; set; }

        public PeerKey? Key { get; set; }

        public string Org { get; set; } = "";

        public PeerTrust Trust { get; set; }

        public PeerOptions? Options =>
            Name is not null && Endpoint is not null && Key is { } key ? new PeerOptions(Name, Endpoint, key, Org, Trust) : null;
    }
}
