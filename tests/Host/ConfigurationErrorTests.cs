namespace Athens.Federation.Tests.Host;

public sealed class ConfigurationErrorTests : IDisposable
{
    private readonly ConfigurationFixture fixture = new();

    public static TheoryData<string, string> Files => new()
    {
        { "[upstream]\nworkers = 500", "peers.toml:2: [upstream] workers must be 1 to 64, not 500" },
        { "[upstream]\nworkers = 0", "peers.toml:2: [upstream] workers must be 1 to 64, not 0" },
        { "[upstream]\nworkers = \"4\"", "peers.toml:2: [upstream] workers must be a whole number, not \"4\"" },
        { "[upstream]\nworkers = 4.0", "peers.toml:2: [upstream] workers must be a whole number, not 4" },
        { "[upstream]\nworkers = [4]", "peers.toml:2: [upstream] workers must be a whole number, not an array" },
        { "[upstream]\nworkers = { many = 4 }", "peers.toml:2: [upstream] workers must be a whole number, not a table" },
        { "\n\n[upstream.workers]\nmany = 4", "peers.toml:3: [upstream] workers must be a whole number, not a table" },
        { "upstream.workers = 65", "peers.toml:1: [upstream] workers must be 1 to 64, not 65" },
        { "upstream = { go = \"go\", workers = 65 }", "peers.toml:1: [upstream] workers must be 1 to 64, not 65" },
        { "[upstream]\nwrokers = 4", "peers.toml:2: [upstream] wrokers is not a key that this version knows; did you mean workers?" },
        { "[upstream]\ncache-size = 4", "peers.toml:2: [upstream] cache-size is not a key that this version knows; did you mean cache_size?" },
        { "[upstream]\nkind = \"disk\"", "peers.toml:2: [upstream] kind is not a key that this version knows; did you mean [storage] kind?" },
        { "[upstream]\nzzz = 1", "peers.toml:2: [upstream] zzz is not a key that this version knows" },
        { "[node.extra]\na = 1\nb = 2", "peers.toml:1: [node] extra is not a key that this version knows" },
        { "[upsteam]\nworkers = 4\ngo = \"go\"", "peers.toml:1: [upsteam] is not a section that this version knows; did you mean [upstream]?" },
        { "[Node]", "peers.toml:1: [Node] is not a section that this version knows; did you mean [node]?" },
        { "# c\n[pool]\nmirrors = \"all\"", "peers.toml:3: [pool] mirrors is not a key that this version knows; did you mean mirror?" },
        { "cluster.strangers = true", "peers.toml:1: [cluster] is not a section that this version knows (it knows [node], [upstream], [storage], [telemetry], [pool], [discovery], [[peer]])" },
        { "[[node]]\nname = \"a\"", "peers.toml:1: [node] is one table, not several: write [node], not [[node]]" },
        { "[[nodes]]\nname = \"a\"", "peers.toml:1: [nodes] is not a section that this version knows; did you mean [node]?" },
        { "[peers]", "peers.toml:1: [peers] is not a section that this version knows; did you mean [[peer]]?" },
        { "node = 1", "peers.toml:1: [node] must be a table: write [node] and its keys below" },
        { "workers = 4", "peers.toml:1: \"workers\" stands outside of a section; it belongs under [upstream]" },
        { "foo = 4", "peers.toml:1: \"foo\" stands outside of a section and is not known" },
        { "[node]\nname = \"a b\"", "peers.toml:2: [node] name must be 1 to 63 letters, digits, hyphens, dots and underscores, with a letter or digit at both ends" },
        { "[node]\nname = \"\"", "peers.toml:2: [node] name must be 1 to 63 letters, digits, hyphens, dots and underscores, with a letter or digit at both ends" },
        { "[node]\nname = 1", "peers.toml:2: [node] name must be a string, not a whole number" },
        { "[node]\nlisten = \"3000\"", "peers.toml:2: [node] listen must be HOST:PORT with a port from 0 to 65535, not \"3000\"" },
        { "[node]\nlisten = \":65536\"", "peers.toml:2: [node] listen must be HOST:PORT with a port from 0 to 65535, not \":65536\"" },
        { "[node]\nlisten = \"::1:3000\"", "peers.toml:2: [node] listen must have an IPv6 address in brackets, such as [::1]:3000" },
        { "[node]\nlisten = \"a/b:3000\"", "peers.toml:2: [node] listen must be HOST:PORT with an IP address, a host name or nothing before the colon, not \"a/b\"" },
        { "[node]\ndata = \" \"", "peers.toml:2: [node] data must not be empty" },
        { "[node]\ndata = \"a\\u0000b\"", "peers.toml:2: [node] data must not hold control characters" },
        { "[upstream]\ntimeout = \"5 minutes\"", "peers.toml:2: [upstream] timeout must be a duration such as \"90s\", \"1h30m\" or \"7d\", not \"5 minutes\"" },
        { "[upstream]\ntimeout = 90", "peers.toml:2: [upstream] timeout must be a duration such as \"90s\", \"1h30m\" or \"7d\", not 90" },
        { "[upstream]\ntimeout = \"2h\"", "peers.toml:2: [upstream] timeout must be 1s to 1h, not \"2h\"" },
        { "[upstream]\nstale_for = \"366d\"", "peers.toml:2: [upstream] stale_for must be 0s to 365d, not \"366d\"" },
        { "[upstream]\nlist_ttl = 07:32:00", "peers.toml:2: [upstream] list_ttl must be a duration such as \"90s\", \"1h30m\" or \"7d\", not a date or time" },
        { "[upstream]\ncache_size = \"10Gb\"", "peers.toml:2: [upstream] cache_size must be a size such as \"256MiB\" or \"10GiB\", or bytes, not \"10Gb\"" },
        { "[upstream]\ncache_size = 1000", "peers.toml:2: [upstream] cache_size must be 64MiB or more, not 1000" },
        { "[storage]\nmin_free = -1", "peers.toml:2: [storage] min_free must be 0B or more, not -1" },
        { "[storage]\nkind = \"s3\"", "peers.toml:2: [storage] kind must be \"disk\" or \"memory\", not \"s3\"" },
        { "[storage]\nkind = \"0\"", "peers.toml:2: [storage] kind must be \"disk\" or \"memory\", not \"0\"" },
        { "[storage]\nkind = true", "peers.toml:2: [storage] kind must be \"disk\" or \"memory\", not true or false" },
        { "[telemetry]\nlog_level = \"info\"", "peers.toml:2: [telemetry] log_level must be \"trace\", \"debug\", \"information\", \"warning\", \"error\", \"critical\" or \"none\", not \"info\"" },
        { "[telemetry]\nlog_requests = \"yes\"", "peers.toml:2: [telemetry] log_requests must be true or false, not \"yes\"" },
        { "[telemetry]\nsample = 1.5", "peers.toml:2: [telemetry] sample must be a number from 0 to 1, not 1.5" },
        { "[telemetry]\nsample = nan", "peers.toml:2: [telemetry] sample must be a number from 0 to 1, not NaN" },
        { "[telemetry]\nzipkin = \"localhost:9411\"", "peers.toml:2: [telemetry] zipkin must be an http or https URL, or \"\", not \"localhost:9411\"" },
        { "[upstream]\nenv = \"A=1\"", "peers.toml:2: [upstream] env must be a table of strings, not a string" },
        { "[upstream]\nenv = { A = 1 }", "peers.toml:2: [upstream] env.A must be a string, not a whole number" },
        { "[upstream.env]\nA = \"1\"\n\"B=\" = \"2\"", "peers.toml:3: [upstream] env: \"B=\" cannot be the name of an environment variable" },
        { "[upstream.env]\nA.B = \"1\"", "peers.toml:2: [upstream] env.A must be a string, not a table" },
        { "[upstream.env]\nA = \"\\u0000\"", "peers.toml:2: [upstream] env.A must not hold a NUL character" },
        { "[pool]\nquorum = 0", "peers.toml:2: [pool] quorum must be 1 to 100, not 0" },
        { "[pool]\nnamespaces = \"a\"", "peers.toml:2: [pool] namespaces must be a table of strings, not a string" },
        { "[pool]\nnamespaces = { \"corp.example/*\" = 1 }", "peers.toml:2: [pool] namespaces.corp.example/* must be a string, not a whole number" },
        { "[pool.namespaces]\n\"a,b\" = \"acme\"", "peers.toml:2: [pool] namespaces: \"a,b\" is not one pattern such as \"corp.example/*\"" },
        { "[pool.namespaces]\n\"[\" = \"acme\"", "peers.toml:2: [pool] namespaces: \"[\" is not one pattern such as \"corp.example/*\"" },
        { "[pool.namespaces]\n\"\" = \"acme\"", "peers.toml:2: [pool] namespaces: \"\" is not one pattern such as \"corp.example/*\"" },
        { "[pool.namespaces]\n\n\"a.example\" = \"\"", "peers.toml:3: [pool] namespaces.a.example must name an organization" },
        { "[pool.namespaces]\n\"a.example\" = \"a b\"", "peers.toml:2: [pool] namespaces.a.example must be 1 to 64 letters, digits, hyphens, dots and underscores, with a letter or digit at both ends" },
        { "[pool.namespaces]\ncorp.example = \"acme\"", "peers.toml:2: [pool] namespaces.corp must be a string, not a table" },
        { "[upstream]\nsumdb = \"sum.example.org\"", "peers.toml:2: [upstream] sumdb must hold the key of a database that go does not know, as name+hash+key (go knows sum.golang.org and sum.golang.google.cn)" },
        { "[upstream]\ngoproxy = \"\"", "peers.toml:2: [upstream] goproxy must name at least one proxy, or be \"direct\" or \"off\"" },
        { "[upstream]\ngoproxy = \"https://a.b,ftp://c.d\"", "peers.toml:2: [upstream] goproxy must be a list of http, https or file URLs, \"direct\" and \"off\", separated by , or |: entry 2 (\"ftp://c.d\") is none of these" },
        { "[node]\nname = \"a\"\nname = \"b\"", "peers.toml:3: the key is defined already" },
        { "[node]\nname = a", "peers.toml:2: expected a value: a string needs quotes" },
        { "[node\nname = \"a\"", "peers.toml:1: expected ] after the table's name" },
    };

    public void Dispose() => fixture.Dispose();

    [Theory]
    [MemberData(nameof(Files))]
    public void A_bad_file_gives_its_one_error_with_the_line(string toml, string error)
    {
        var result = fixture.LoadText(toml);
        Assert.Null(result.Configuration);
        Assert.Equal([error], result.Errors.Select(found => found.ToString()));
    }

    [Fact]
    public void All_errors_of_syntax_and_meaning_are_told_in_the_order_of_the_lines()
    {
        var result = fixture.LoadText(
            """
            [node]
            name = "-"
            listen = 3000
            [upstream
            workers = 900
            [storage]
            kind = disk
            min_free = "lots"
            env = [
              1,
              oops,
            ]
            [telemetry]
            sampel = 1
            """,
            ConfigurationFixture.Environment(("ATHENS_STORAGE_KIND", "tape"), ("ATHENS_NODE_NAM", "x")),
            new(null, "nowhere", null));

        Assert.Equal(
            ["peers.toml:2", "peers.toml:3", "peers.toml:4", "peers.toml:7", "peers.toml:8", "peers.toml:11", "peers.toml:14", "ATHENS_NODE_NAM:0", "ATHENS_STORAGE_KIND:0", "--listen:0"],
            result.Errors.Select(error => $"{error.Where}:{error.Line}"));
    }

    [Fact]
    public void Lines_are_counted_with_either_line_end_and_over_strings_and_arrays_of_several_lines()
    {
        var result = fixture.LoadText("# one\r\n[upstream]\r\nenv = { A = \"\"\"\r\nx\r\ny\"\"\" }\r\n\r\nworkers = 99\r\n");
        Assert.Equal(["peers.toml:7: [upstream] workers must be 1 to 64, not 99"], result.Errors.Select(error => error.ToString()));
    }

    [Theory]
    [InlineData("ATHENS_UPSTREAM_WORKERS", "500", "ATHENS_UPSTREAM_WORKERS: [upstream] workers must be 1 to 64, not \"500\"")]
    [InlineData("ATHENS_UPSTREAM_WORKERS", "many", "ATHENS_UPSTREAM_WORKERS: [upstream] workers must be a whole number, not \"many\"")]
    [InlineData("ATHENS_UPSTREAM_WORKES", "4", "ATHENS_UPSTREAM_WORKES: is not a variable that this version knows; did you mean ATHENS_UPSTREAM_WORKERS?")]
    [InlineData("ATHENS_CONFG", "4", "ATHENS_CONFG: is not a variable that this version knows; did you mean ATHENS_CONFIG?")]
    [InlineData("ATHENS_FOO", "4", "ATHENS_FOO: is not a variable that this version knows")]
    [InlineData("ATHENS_UPSTREAM_ENV", "TOKEN", "ATHENS_UPSTREAM_ENV: [upstream] env must be NAME=VALUE pairs separated by ;")]
    [InlineData("ATHENS_TELEMETRY_LOG_REQUESTS", "1", "ATHENS_TELEMETRY_LOG_REQUESTS: [telemetry] log_requests must be true or false, not \"1\"")]
    [InlineData("ATHENS_CONFIG", "absent.toml", "absent.toml: the file does not exist")]
    public void A_bad_variable_gives_its_error(string name, string value, string error) =>
        Assert.Equal([error], fixture.Load(null, ConfigurationFixture.Environment((name, value))).Errors.Select(found => found.ToString()));

    [Fact]
    public void A_file_that_was_named_must_exist()
    {
        Assert.Equal("absent.toml: the file does not exist", Assert.Single(fixture.Load("absent.toml").Errors).ToString());
        Assert.Equal("no/such/folder.toml: the file does not exist", Assert.Single(fixture.Load("no/such/folder.toml").Errors).ToString());
        Assert.Equal(".: the file is a folder, not a file", Assert.Single(fixture.Load(".").Errors).ToString());
    }

    [Fact]
    public void Without_a_home_the_data_folder_must_be_set()
    {
        var homeless = new Dictionary<string, string>(StringComparer.Ordinal);
        Assert.Equal("--data: [node] data must be set: there is no HOME to take its default from", Assert.Single(fixture.Load(null, homeless).Errors).ToString());
        Assert.Empty(fixture.Load(null, homeless, new("/srv/athens", null, null)).Errors);
    }
}
