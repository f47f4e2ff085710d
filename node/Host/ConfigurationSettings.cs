using System.Globalization;
using Athens.Federation.Node.Discovery;
using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Provenance.Trust;
using Athens.Federation.Node.Provenance.Mirrors;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Storage;
using Athens.Federation.Node.Telemetry;
using Athens.Federation.Node.Upstream;
using Read = Athens.Federation.Node.Host.ConfigurationReaders;

namespace Athens.Federation.Node.Host;

/// <summary>Every key there is, in the order of peers.sample.toml. Ranges stand beside the options that they bound.</summary>
internal static class ConfigurationSettings
{
    public const string VariablePrefix = "ATHENS_";

    public static readonly ConfigurationSetting Name = Make(
        "node", "name", value => Read.Text(value, name => ConfigurationDefaults.ProblemOfName(name, ConfigurationDefaults.MaxNameLength)),
        (c, name) => c with { Node = c.Node with { Name = name } }, c => Quote(c.Node.Name));

    public static readonly ConfigurationSetting Listen = Make(
        "node", "listen", value => Read.Text(value, ConfigurationAddress.ProblemOf),
        (c, listen) => c with { Node = c.Node with { Listen = listen } }, c => Quote(c.Node.Listen));

    public static readonly ConfigurationSetting PeerListen = Make(
        "node", "peer_listen", value => Read.Text(value, address => address.Length == 0 ? null : ConfigurationAddress.ProblemOf(address)),
        (c, listen) => With(c, c.Federation with { Listen = listen }), c => Quote(c.Federation.Listen));

    public static readonly ConfigurationSetting Private = Make(
        "pool", "private", value => Read.Text(value, ConfigurationPatterns.ProblemOf),
        (c, patterns) => With(c, c.Federation with { Private = patterns }), c => Quote(c.Federation.Private));

    public static readonly ConfigurationSetting Data = Make(
        "node", "data", value => Read.FilePath(value, _ => false),
        (c, data) => c with { Node = c.Node with { Data = data } }, c => Quote(c.Node.Data));

    public static readonly IReadOnlyList<ConfigurationSetting> All =
        [Name, Listen, PeerListen, Data, .. Upstream(), .. Lifetimes(), .. Storage(), .. Telemetry(), .. Pool(), .. Discovery()];

    public static readonly IReadOnlyList<string> Sections =
        [.. All.Select(setting => setting.Section).Distinct(StringComparer.Ordinal)];

    private static IEnumerable<ConfigurationSetting> Upstream() =>
    [
        Make(
            "upstream", "go", value => Read.FilePath(value, IsCommandName),
            (c, go) => With(c, c.Upstream with { Go = go }), c => Quote(c.Upstream.Go)),
        Make(
            "upstream", "goproxy", value => Read.Text(value, ConfigurationGoProxy.ProblemOf),
            (c, list) => With(c, c.Upstream with { GoProxy = list }), c => Quote(ConfigurationSecrets.Mask(c.Upstream.GoProxy))),
        Make(
            "upstream", "sumdb", value => Read.Text(value, ConfigurationSumDb.ProblemOf),
            (c, sumDb) => With(c, c.Upstream with { SumDb = sumDb }), c => Quote(ConfigurationSecrets.Mask(c.Upstream.SumDb))),
        Make(
            "upstream", "nosum", value => Read.Text(value, ConfigurationPatterns.ProblemOf),
            (c, patterns) => With(c, c.Upstream with { NoSum = patterns }), c => Quote(c.Upstream.NoSum)),
        Make(
            "upstream", "workers", value => Read.WholeNumber(value, UpstreamOptions.MinWorkers, UpstreamOptions.MaxWorkers),
            (c, workers) => With(c, c.Upstream with { Workers = workers }), c => Number(c.Upstream.Workers)),
        Make(
            "upstream", "timeout", value => Read.Duration(value, UpstreamOptions.MinTimeout, UpstreamOptions.MaxTimeout),
            (c, timeout) => With(c, c.Upstream with { Timeout = timeout }), c => Duration(c.Upstream.Timeout)),
        new ConfigurationSetting<IReadOnlyDictionary<string, string>>(
            "upstream", "env", ConfigurationVariables.Table.Read,
            (c, env) => With(c, c.Upstream with { Env = env }), c => Variables(c.Upstream.Env)) { Table = ConfigurationVariables.Table },
        Make(
            "upstream", "cache_size", value => Read.Size(value, UpstreamOptions.MinCacheSize),
            (c, size) => With(c, c.Upstream with { CacheSize = size }), c => Size(c.Upstream.CacheSize)),
    ];

    private static IEnumerable<ConfigurationSetting> Lifetimes() =>
    [
        Make(
            "upstream", "list_ttl", value => Read.Duration(value, TimeSpan.Zero, RetrievalOptions.MaxTtl),
            (c, ttl) => c with { Retrieval = c.Retrieval with { ListTtl = ttl } }, c => Duration(c.Retrieval.ListTtl)),
        Make(
            "upstream", "absent_ttl", value => Read.Duration(value, TimeSpan.Zero, RetrievalOptions.MaxTtl),
            (c, ttl) => c with { Retrieval = c.Retrieval with { AbsentTtl = ttl } }, c => Duration(c.Retrieval.AbsentTtl)),
        Make(
            "upstream", "stale_for", value => Read.Duration(value, TimeSpan.Zero, RetrievalOptions.MaxStaleFor),
            (c, age) => c with { Retrieval = c.Retrieval with { StaleFor = age } }, c => Duration(c.Retrieval.StaleFor)),
    ];

    private static IEnumerable<ConfigurationSetting> Storage() =>
    [
        Make(
            "storage", "kind", Read.Choice<StorageKind>,
            (c, kind) => c with { Storage = c.Storage with { Kind = kind } }, c => Choice(c.Storage.Kind)),
        Make(
            "storage", "min_free", value => Read.Size(value, 0),
            (c, size) => c with { Storage = c.Storage with { MinFree = size } }, c => Size(c.Storage.MinFree)),
        Make(
            "storage", "memory_limit", value => Read.Size(value, StorageOptions.LeastMemoryLimit),
            (c, size) => c with { Storage = c.Storage with { MemoryLimit = size } }, c => Size(c.Storage.MemoryLimit)),
    ];

    private static IEnumerable<ConfigurationSetting> Telemetry() =>
    [
        Make(
            "telemetry", "log_format", Read.Choice<LogFormat>,
            (c, format) => With(c, c.Telemetry with { LogFormat = format }), c => Choice(c.Telemetry.LogFormat)),
        Make(
            "telemetry", "log_level", Read.Choice<LogLevel>,
            (c, level) => With(c, c.Telemetry with { LogLevel = level }), c => Choice(c.Telemetry.LogLevel)),
        Make(
            "telemetry", "log_requests", Read.Boolean,
            (c, isOn) => With(c, c.Telemetry with { LogRequests = isOn }), c => c.Telemetry.LogRequests ? "true" : "false"),
        Make(
            "telemetry", "zipkin", Read.Url,
            (c, url) => With(c, c.Telemetry with { Zipkin = url }), c => Url(c.Telemetry.Zipkin)),
        Make(
            "telemetry", "otlp", Read.Url,
            (c, url) => With(c, c.Telemetry with { Otlp = url }), c => Url(c.Telemetry.Otlp)),
        Make(
            "telemetry", "sample", Read.Share,
            (c, share) => With(c, c.Telemetry with { Sample = share }),
            c => c.Telemetry.Sample.ToString("0.0###############", CultureInfo.InvariantCulture)),
    ];

    private static IEnumerable<ConfigurationSetting> Pool() =>
    [
        Make(
            "pool", "org", value => Read.Text(value, ConfigurationPeers.ProblemOfOrg),
            (c, org) => With(c, c.Federation with { Org = org }), c => Quote(c.Federation.Org)),
        Private,
        Make(
            "pool", "quorum", value => Read.WholeNumber(value, 1, TrustRules.MaxQuorum),
            (c, quorum) => With(c, c.Federation with { Quorum = quorum }), c => Number(c.Federation.Quorum)),
        new ConfigurationSetting<IReadOnlyDictionary<string, string>>(
            "pool", "namespaces", ConfigurationNamespaces.Table.Read,
            (c, owners) => With(c, c.Federation with { Namespaces = owners }), c => Owners(c.Federation.Namespaces)) { Table = ConfigurationNamespaces.Table },
        new ConfigurationSetting<IReadOnlyDictionary<string, string>>(
            "pool", "share", ConfigurationNamespaces.Shares.Read,
            (c, shares) => With(c, c.Federation with { Share = shares }), c => Owners(c.Federation.Share)) { Table = ConfigurationNamespaces.Shares },
        new ConfigurationSetting<IReadOnlyDictionary<string, string>>(
            "pool", "received", ConfigurationNamespaces.Table.Read,
            (c, received) => With(c, c.Federation with { Received = received }), c => Owners(c.Federation.Received)) { Table = ConfigurationNamespaces.Table },
        Make(
            "pool", "endpoint", ConfigurationPeers.OwnEndpoint,
            (c, endpoint) => With(c, c.Federation with { Endpoint = endpoint }), c => Quote(c.Federation.Endpoint)),
        Make(
            "pool", "mirror", Read.Choice<MirrorText>,
            (c, mirror) => With(c, c.Federation with { Mirror = mirror }), c => Choice(c.Federation.Mirror)),
        Make(
            "pool", "witnesses", value => Read.WholeNumber(value, 0, FederationOptions.MaxWitnesses),
            (c, witnesses) => With(c, c.Federation with { Witnesses = witnesses }), c => Number(c.Federation.Witnesses)),
        Make(
            "pool", "mesh", value => Read.WholeNumber(value, 1, FederationOptions.MaxMesh),
            (c, mesh) => With(c, c.Federation with { Mesh = mesh }), c => Number(c.Federation.Mesh)),
        Make(
            "pool", "peer_streams", value => Read.WholeNumber(value, 1, FederationOptions.MaxPeerStreams),
            (c, streams) => With(c, c.Federation with { PeerStreams = streams }), c => Number(c.Federation.PeerStreams)),
        Make(
            "pool", "org_streams", value => Read.WholeNumber(value, 1, FederationOptions.MaxOrgStreams),
            (c, streams) => With(c, c.Federation with { OrgStreams = streams }), c => Number(c.Federation.OrgStreams)),
        Make(
            "pool", "peer_rate", value => Read.WholeNumber(value, 1, FederationOptions.MaxPeerRate),
            (c, rate) => With(c, c.Federation with { PeerRate = rate }), c => Number(c.Federation.PeerRate)),
        Make(
            "pool", "egress", value => Read.Size(value, 0),
            (c, size) => With(c, c.Federation with { Egress = size }), c => Size(c.Federation.Egress)),
        Make(
            "pool", "lan_wait", value => Read.Duration(value, TimeSpan.Zero, FederationOptions.MaxLanWait),
            (c, wait) => With(c, c.Federation with { LanWait = wait }), c => Duration(c.Federation.LanWait)),
    ];

    private static IEnumerable<ConfigurationSetting> Discovery() =>
    [
        Make(
            "discovery", "mdns", Read.Boolean,
            (c, isOn) => c with { Discovery = c.Discovery with { Mdns = isOn } }, c => c.Discovery.Mdns ? "true" : "false"),
        Make(
            "discovery", "strangers", Read.Boolean,
            (c, isOn) => c with { Discovery = c.Discovery with { Strangers = isOn } }, c => c.Discovery.Strangers ? "true" : "false"),
        Make(
            "discovery", "srv", value => Read.Text(value, ConfigurationNames.ProblemOfDomain),
            (c, domain) => c with { Discovery = c.Discovery with { Srv = domain } }, c => Quote(c.Discovery.Srv)),
        Make(
            "discovery", "resolver", value => Read.Text(value, ConfigurationNames.ProblemOfResolver),
            (c, resolver) => c with { Discovery = c.Discovery with { Resolver = resolver } }, c => Quote(c.Discovery.Resolver)),
    ];

    private static ConfigurationSetting<T> Make<T>(
        string section,
        string key,
        Func<ConfigurationValue, ConfigurationReading<T>> read,
        Func<NodeConfiguration, T, NodeConfiguration> set,
        Func<NodeConfiguration, string> show) => new(section, key, read, set, show);

    private static NodeConfiguration With(NodeConfiguration configuration, UpstreamOptions upstream) =>
        configuration with { Upstream = upstream };

    private static NodeConfiguration With(NodeConfiguration configuration, FederationOptions federation) =>
        configuration with { Federation = federation };

    private static NodeConfiguration With(NodeConfiguration configuration, TelemetryOptions telemetry) =>
        configuration with { Telemetry = telemetry };

    private static bool IsCommandName(string command) => !command.Contains('/', StringComparison.Ordinal);

    public static string Quote(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Duration(TimeSpan duration) => Quote(ConfigurationDuration.Format(duration));

    private static string Size(long size) => Quote(ConfigurationSize.Format(size));

    private static string Choice<TEnum>(TEnum choice)
        where TEnum : struct, Enum => Quote(choice.ToString().ToLowerInvariant());

    private static string Url(Uri? url) => Quote(ConfigurationSecrets.Mask(url?.OriginalString ?? string.Empty));

    private static string Variables(IReadOnlyDictionary<string, string> variables)
    {
        var masked = variables.Keys.Order(StringComparer.Ordinal).Select(name => $"{name} = \"{ConfigurationSecrets.Masked}\"");
        return variables.Count == 0 ? "{}" : $"{{ {string.Join(", ", masked)} }}";
    }

    private static string Owners(IReadOnlyDictionary<string, string> owners)
    {
        var entries = owners.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{Quote(pair.Key)} = {Quote(pair.Value)}");
        return owners.Count == 0 ? "{}" : $"{{ {string.Join(", ", entries)} }}";
    }
}
