using Athens.Federation.Node.Host;
using Athens.Federation.Node.Storage;
using Athens.Federation.Node.Telemetry;
using Microsoft.Extensions.Logging;
using static Athens.Federation.Tests.Host.ConfigurationFixture;

namespace Athens.Federation.Tests.Host;

public sealed class ConfigurationPrecedenceTests : IDisposable
{
    private const string Toml =
        """
        [node]
        name = "from-file"
        listen = "127.0.0.1:1"
        data = "kept"

        [upstream]
        workers = 7
        """;

    private readonly ConfigurationFixture fixture = new();

    public void Dispose() => fixture.Dispose();

    [Fact]
    public void A_flag_wins_over_the_environment_it_over_the_file_and_it_over_the_default()
    {
        var environment = Environment(("ATHENS_NODE_NAME", "from-environment"), ("ATHENS_NODE_LISTEN", ":2"));
        var result = fixture.LoadText(Toml, environment, new(null, "[::1]:3", null));

        Assert.Empty(result.Errors);
        Assert.Equal(("from-environment", "[::1]:3"), (result.Configuration!.Node.Name, result.Configuration.Node.Listen));
        Assert.Equal((7, "go"), (result.Configuration.Upstream.Workers, result.Configuration.Upstream.Go));
        Assert.Equal(
            ["ATHENS_NODE_NAME", "--listen", "default", "peers.toml:4", "default", "default", "default", "default", "peers.toml:7"],
            result.Entries.Take(9).Select(entry => entry.Origin));
    }

    [Fact]
    public void A_bad_value_is_told_even_when_a_better_one_wins() =>
        Assert.Single(fixture.LoadText("[node]\nname = \"?\"", Environment(("ATHENS_NODE_NAME", "fine"))).Errors);

    [Fact]
    public void Nothing_set_gives_the_defaults()
    {
        var result = fixture.Load(null);
        Assert.Empty(result.Errors);
        var defaults = ConfigurationLoader.Defaults("/home/gopher/.local/share/athens");
        Assert.Empty(result.Configuration!.Upstream.Env);
        Assert.Equal(defaults with { Upstream = defaults.Upstream with { Env = result.Configuration.Upstream.Env } }, result.Configuration);
        Assert.All(result.Entries, entry => Assert.Equal("default", entry.Origin));
    }

    [Fact]
    public void An_empty_variable_or_flag_counts_as_not_set()
    {
        var environment = Environment(("ATHENS_NODE_NAME", ""), ("ATHENS_CONFIG", ""), ("ATHENS_WHATEVER", ""));
        var result = fixture.LoadText(Toml, environment, new("", "", ""));
        Assert.Equal("from-file", result.Configuration!.Node.Name);
    }

    [Fact]
    public void The_file_is_the_one_named_else_that_of_the_environment_else_peers_toml()
    {
        fixture.LoadText(Toml);
        File.WriteAllText(Path.Combine(fixture.Folder, "other.toml"), "[node]\nname = \"other\"");
        File.WriteAllText(Path.Combine(fixture.Folder, "third.toml"), "[node]\nname = \"third\"");
        var environment = Environment(("ATHENS_CONFIG", "other.toml"));

        Assert.Equal("from-file", fixture.Load(null).Configuration!.Node.Name);
        Assert.Equal("other", fixture.Load(null, environment).Configuration!.Node.Name);
        Assert.Equal("third", fixture.Load("third.toml", environment).Configuration!.Node.Name);
    }

    [Fact]
    public void A_relative_path_starts_from_the_file_or_from_the_current_folder()
    {
        Directory.CreateDirectory(Path.Combine(fixture.Folder, "etc"));
        File.WriteAllText(Path.Combine(fixture.Folder, "etc", "a.toml"), "[node]\ndata = \"../kept\"\n[upstream]\ngo = \"./go/bin/go\"");

        var fromFile = fixture.Load("etc/a.toml").Configuration!;
        Assert.Equal((Path.Combine(fixture.Folder, "kept"), Path.Combine(fixture.Folder, "etc/go/bin/go")), (fromFile.Node.Data, fromFile.Upstream.Go));
        Assert.Equal(Path.Combine(fixture.Folder, "kept"), fixture.Load(null, Environment(("ATHENS_NODE_DATA", "kept"))).Configuration!.Node.Data);
        Assert.Equal(Path.Combine(fixture.Folder, "kept"), fixture.Load(null, flags: new("kept", null, null)).Configuration!.Node.Data);
        Assert.Equal("/home/gopher/kept", fixture.Load(null, flags: new("~/kept", null, null)).Configuration!.Node.Data);
        Assert.Equal("/shared/athens", fixture.Load(null, Environment(("XDG_DATA_HOME", "/shared"))).Configuration!.Node.Data);
        Assert.Equal("/home/gopher/.local/share/athens", fixture.Load(null, Environment(("XDG_DATA_HOME", "relative"))).Configuration!.Node.Data);
    }

    [Fact]
    public void Every_key_can_be_set_in_the_file_and_in_the_environment_alike()
    {
        const string Key = "sum.example.org/db+5b5a2a3c+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8 https://mirror.example.org/sumdb";
        var fromFile = fixture.LoadText(
            $$"""
            [node]
            name = "n1.example"
            listen = ":3000"
            peer_listen = "[::]:3443"
            data = "/srv/athens"
            [upstream]
            go = "/usr/local/go/bin/go"
            goproxy = "https://a.example|http://b.example:8080/x,file:///srv/cache,direct"
            sumdb = "{{Key}}"
            nosum = "corp.example,*.internal"
            workers = 64
            timeout = "1m30s"
            env = { GOPRIVATE = "corp.example/*", TOKEN = "x=y" }
            cache_size = "1.5GiB"
            list_ttl = "0s"
            absent_ttl = "1.5s"
            stale_for = "365d"
            [storage]
            kind = "memory"
            min_free = 0
            memory_limit = "10MB"
            [telemetry]
            log_format = "json"
            log_level = "warning"
            log_requests = false
            zipkin = "http://localhost:9411/api/v2/spans"
            otlp = "https://otlp.example:4317"
            sample = 0.25
            [pool]
            org = "corp"
            private = "corp.example,*.corp.example/x"
            quorum = 3
            namespaces = { "corp.example/*" = "corp", "git.example/team" = "acme" }
            share = { "corp.example/lib" = "acme,globex" }
            received = { "git.example/lib" = "acme" }
            endpoint = "pool.corp.example:3443"
            mirror = "all"
            witnesses = 2
            mesh = 7
            peer_streams = 1000
            org_streams = 1
            peer_rate = 100000
            egress = "50MB"
            lan_wait = "1.5s"
            [discovery]
            mdns = false
            strangers = true
            srv = "corp.example"
            resolver = "[::1]:5353"
            """);
        var fromEnvironment = fixture.Load(
            "/dev/null",
            Environment(
                ("ATHENS_NODE_NAME", "n1.example"), ("ATHENS_NODE_LISTEN", ":3000"), ("ATHENS_NODE_DATA", "/srv/athens"), ("ATHENS_UPSTREAM_GO", "/usr/local/go/bin/go"),
                ("ATHENS_UPSTREAM_GOPROXY", "https://a.example|http://b.example:8080/x,file:///srv/cache,direct"), ("ATHENS_UPSTREAM_SUMDB", Key), ("ATHENS_UPSTREAM_NOSUM", "corp.example,*.internal"),
                ("ATHENS_UPSTREAM_WORKERS", "64"), ("ATHENS_UPSTREAM_TIMEOUT", "1m30s"), ("ATHENS_UPSTREAM_ENV", "GOPRIVATE=corp.example/*; TOKEN=x=y;"), ("ATHENS_UPSTREAM_CACHE_SIZE", "1610612736"),
                ("ATHENS_UPSTREAM_LIST_TTL", "0"), ("ATHENS_UPSTREAM_ABSENT_TTL", "1500ms"), ("ATHENS_UPSTREAM_STALE_FOR", "365d"), ("ATHENS_STORAGE_KIND", "memory"), ("ATHENS_STORAGE_MIN_FREE", "0"),
                ("ATHENS_STORAGE_MEMORY_LIMIT", "10MB"), ("ATHENS_TELEMETRY_LOG_FORMAT", "json"), ("ATHENS_TELEMETRY_LOG_LEVEL", "warning"), ("ATHENS_TELEMETRY_LOG_REQUESTS", "false"),
                ("ATHENS_TELEMETRY_ZIPKIN", "http://localhost:9411/api/v2/spans"), ("ATHENS_TELEMETRY_OTLP", "https://otlp.example:4317"), ("ATHENS_TELEMETRY_SAMPLE", "0.25"),
                ("ATHENS_NODE_PEER_LISTEN", "[::]:3443"), ("ATHENS_POOL_ORG", "corp"), ("ATHENS_POOL_PRIVATE", "corp.example,*.corp.example/x"), ("ATHENS_POOL_PEER_STREAMS", "1000"),
                ("ATHENS_POOL_ORG_STREAMS", "1"), ("ATHENS_POOL_PEER_RATE", "100000"), ("ATHENS_POOL_EGRESS", "50000000"), ("ATHENS_POOL_LAN_WAIT", "1500ms"), ("ATHENS_POOL_QUORUM", "3"),
                ("ATHENS_POOL_MIRROR", "all"), ("ATHENS_POOL_WITNESSES", "2"), ("ATHENS_POOL_MESH", "7"), ("ATHENS_POOL_NAMESPACES", "git.example/team=acme;corp.example/*=corp"),
                ("ATHENS_POOL_SHARE", "corp.example/lib=acme,globex"), ("ATHENS_POOL_RECEIVED", "git.example/lib=acme"), ("ATHENS_POOL_ENDPOINT", "pool.corp.example:3443"),
                ("ATHENS_DISCOVERY_MDNS", "false"), ("ATHENS_DISCOVERY_STRANGERS", "true"),
                ("ATHENS_DISCOVERY_SRV", "corp.example"), ("ATHENS_DISCOVERY_RESOLVER", "[::1]:5353")));

        Assert.Empty(fromFile.Errors);
        Assert.Empty(fromEnvironment.Errors);
        Assert.DoesNotContain(fromFile.Entries, entry => entry.Origin == "default");
        Assert.DoesNotContain(fromEnvironment.Entries, entry => entry.Origin == "default");
        Assert.Equal(fromFile.Entries.Select(entry => entry.Value), fromEnvironment.Entries.Select(entry => entry.Value));

        var (file, environment) = (fromFile.Configuration!, fromEnvironment.Configuration!);
        Assert.Equal(file.Upstream.Env, environment.Upstream.Env);
        Assert.Equal("x=y", file.Upstream.Env["TOKEN"]);
        Assert.Equal(file.Federation.Namespaces.OrderBy(pair => pair.Key, StringComparer.Ordinal), environment.Federation.Namespaces.OrderBy(pair => pair.Key, StringComparer.Ordinal));
        Assert.Equal("corp", file.Federation.Namespaces["corp.example/*"]);
        Assert.Equal(file.Federation.Share, environment.Federation.Share);
        Assert.Equal(file.Federation.Received, environment.Federation.Received);
        Assert.Equal(
            file with { Upstream = environment.Upstream, Federation = file.Federation with { Namespaces = environment.Federation.Namespaces, Share = environment.Federation.Share, Received = environment.Federation.Received } }, environment);
        Assert.Equal((1610612736, TimeSpan.FromSeconds(90)), (file.Upstream.CacheSize, file.Upstream.Timeout));
        Assert.Equal((StorageKind.Memory, 0, 10_000_000), (file.Storage.Kind, file.Storage.MinFree, file.Storage.MemoryLimit));
        Assert.Equal((LogFormat.Json, LogLevel.Warning, false, 0.25), (file.Telemetry.LogFormat, file.Telemetry.LogLevel, file.Telemetry.LogRequests, file.Telemetry.Sample));
    }

    [Fact]
    public void The_environments_table_replaces_the_files()
    {
        var result = fixture.LoadText("[upstream.env]\nA = \"1\"\nB = \"2\"", Environment(("ATHENS_UPSTREAM_ENV", "C=3")));
        Assert.Equal(["C"], result.Configuration!.Upstream.Env.Keys);
    }

    [Fact]
    public void What_Kubernetes_sets_for_a_service_named_athens_is_not_meant_for_the_node()
    {
        var environment = Environment(
            ("ATHENS_SERVICE_HOST", "10.0.0.1"), ("ATHENS_SERVICE_PORT", "80"), ("ATHENS_SERVICE_PORT_HTTP", "80"), ("ATHENS_PORT", "tcp://10.0.0.1:80"), ("ATHENS_PORT_80_TCP", "tcp://10.0.0.1:80"),
            ("ATHENS_PORT_80_TCP_ADDR", "10.0.0.1"), ("ATHENS_PROXY_SERVICE_HOST", "10.0.0.1"), ("ATHENS_PROXY_PORT_3000_TCP_PROTO", "tcp"));
        Assert.Empty(fixture.Load(null, environment).Errors);
    }
}
