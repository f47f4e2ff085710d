using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Host;
using static Athens.Federation.Tests.Host.ConfigurationFixture;

namespace Athens.Federation.Tests.Host;

public sealed class ConfigurationPeerTests : IDisposable
{
    private const string Key = "ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    private const string OtherKey = "ed25519:PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=";

    private readonly ConfigurationFixture fixture = new();

    public static TheoryData<string, string> Files => new()
    {
        { "\n[[peer]]", "peers.toml:2: [[peer]] must have a name, an endpoint and a key: there is no name and no endpoint and no key" },
        { $"[[peer]]\nname = \"a\"\nkey = \"{Key}\"", "peers.toml:1: [[peer]] must have a name, an endpoint and a key: there is no endpoint" },
        { Peer("a b"), "peers.toml:2: [[peer]] name must be 1 to 64 letters, digits, hyphens, dots and underscores, with a letter or digit at both ends" },
        { Peer(new string('a', 65)), "peers.toml:2: [[peer]] name must be 1 to 64 letters, digits, hyphens, dots and underscores, with a letter or digit at both ends" },
        { Peer("a", ":3443"), "peers.toml:3: [[peer]] endpoint must be HOST:PORT of another node, not \":3443\"" },
        { Peer("a", ""), "peers.toml:3: [[peer]] endpoint must be HOST:PORT of another node, not \"\"" },
        { Peer("a", "b:0"), "peers.toml:3: [[peer]] endpoint must be HOST:PORT of another node, not \"b:0\"" },
        { Peer("a", "b:70000"), "peers.toml:3: [[peer]] endpoint must be HOST:PORT with a port from 0 to 65535, not \"b:70000\"" },
        { Peer("a", "::1"), "peers.toml:3: [[peer]] endpoint must have an IPv6 address in brackets, such as [2001:db8::1]:3443" },
        { Peer("a", "b/c"), "peers.toml:3: [[peer]] endpoint must be HOST:PORT with an IP address, a host name or nothing before the colon, not \"b/c\"" },
        { Peer("a", more: "org = \"-\""), "peers.toml:5: [[peer]] org must be 1 to 64 letters, digits, hyphens, dots and underscores, with a letter or digit at both ends" },
        { Peer("a", more: "trust = \"all\""), "peers.toml:5: [[peer]] trust must be \"none\" or \"observe\", not \"all\"" },
        { Peer("a", more: "trust = true"), "peers.toml:5: [[peer]] trust must be \"none\" or \"observe\", not true or false" },
        { Peer("a", more: "org = { name = \"x\" }"), "peers.toml:5: [[peer]] org must be a string, not a table" },
        { Peer("a", more: "[peer.org]\nname = \"x\""), "peers.toml:5: [[peer]] org must be a string, not a table" },
        { Peer("a", more: "[[peer.extra]]\nname = \"x\""), "peers.toml:5: [[peer]] extra is not a key that this version knows" },
        { Peer("a", more: "endpiont = 1"), "peers.toml:5: [[peer]] endpiont is not a key that this version knows; did you mean endpoint?" },
        { Peer("a", more: "name = \"b\""), "peers.toml:5: the key is defined already" },
        { Peer("a") + Peer("A", key: OtherKey), "peers.toml:5: [[peer]] name must be another than that of line 1's peer, not \"A\" again" },
        { Peer("a") + Peer("b"), $"peers.toml:5: [[peer]] key must be another than that of line 1's peer, not {Key} again" },
        { "[[peer]]\nname = a\nendpoint = \"b\"", "peers.toml:2: expected a value: a string needs quotes" },
        { "[peer]\nname = \"a\"\nkey = 1", "peers.toml:1: peers are written one by one: [[peer]] and the peer's keys below" },
        { "peer = [{ name = \"a\" }]", "peers.toml:1: peers are written one by one: [[peer]] and the peer's keys below" },
        { "[pool]\nprivate = \"*.corp.example,[a\"", "peers.toml:2: [pool] private must be globs separated by commas alone, such as \"*.corp.example,git.example.com/*\": entry 2 (\"[a\") is none" },
        { "[pool]\negress = -1", "peers.toml:2: [pool] egress must be 0B or more, not -1" },
        { "[pool]\nlan_wait = \"6m\"", "peers.toml:2: [pool] lan_wait must be 0s to 5m, not \"6m\"" },
        { "[pool]\npeer_streams = 0", "peers.toml:2: [pool] peer_streams must be 1 to 1000, not 0" },
        { "[pool]\norg_streams = 10001", "peers.toml:2: [pool] org_streams must be 1 to 10000, not 10001" },
        { "[pool]\npeer_rate = 100001", "peers.toml:2: [pool] peer_rate must be 1 to 100000, not 100001" },
        { "[node]\npeer_listen = \"3443\"", "peers.toml:2: [node] peer_listen must be HOST:PORT with a port from 0 to 65535, not \"3443\"" },
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

    [Theory]
    [InlineData("")]
    [InlineData("ed25519:")]
    [InlineData("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")]
    [InlineData("ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHUR==")]
    [InlineData("ed448:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")]
    public void A_key_that_is_none_is_refused_at_its_line(string key) =>
        Assert.StartsWith("peers.toml:4: [[peer]] key ", Assert.Single(fixture.LoadText(Peer("a", key: key)).Errors).ToString(), StringComparison.Ordinal);

    [Fact]
    public void Peers_are_read_in_order_with_their_defaults()
    {
        var result = fixture.LoadText(Peer("a", "a.example") + Peer("b.c_d-1", "[2001:db8::1]", OtherKey, "org = \"x\"\ntrust = \"observe\"\n") + "[node]\nname = \"n\"");
        Assert.Empty(result.Errors);
        Assert.Equal(
            [("a", "a.example:3443", Key, "", PeerTrust.None), ("b.c_d-1", "[2001:db8::1]:3443", OtherKey, "x", PeerTrust.Observe)],
            result.Configuration!.Peers.Select(peer => (peer.Name, peer.Endpoint, peer.Key.ToString(), peer.Org, peer.Trust)));
        Assert.Equal("n", result.Configuration.Node.Name);
        Assert.Equal(
            $"[[peer]] a = {{ endpoint = \"a.example:3443\", key = \"{Key}\", org = \"\", trust = \"none\" }}  (peers.toml:1)",
            result.Describe().Reverse().Skip(1).First());
    }

    [Fact]
    public void More_peers_than_a_pool_has_are_one_error()
    {
        var most = string.Concat(Enumerable.Range(0, ConfigurationPeers.MaxPeers).Select(i => Peer($"p{i}", key: KeyOf(i))));
        Assert.Equal(ConfigurationPeers.MaxPeers, fixture.LoadText(most).Configuration!.Peers.Count);
        var error = Assert.Single(fixture.LoadText(most + Peer("more", key: KeyOf(-1))).Errors);
        Assert.Equal("peers.toml:4001: [[peer]]: there are 1001 peers, this version takes at most 1000", error.ToString());
    }

    [Theory]
    [InlineData("ATHENS_PEER")]
    [InlineData("ATHENS_PEER_NAME")]
    public void Peers_in_the_environment_are_refused_with_the_way_to_write_them(string name) =>
        Assert.Equal(
            $"{name}: peers cannot be set in the environment: write a [[peer]] table for each into peers.toml",
            Assert.Single(fixture.Load(null, Environment((name, "x"))).Errors).ToString());

    [Fact]
    public void What_is_private_is_said_by_the_pool_else_by_the_go_that_fetches_else_by_the_environment()
    {
        var environment = Environment(("GOPRIVATE", "c.example"));
        Assert.Equal(("c.example", "GOPRIVATE"), Private(fixture.LoadText("", environment)));
        Assert.Equal(("b.example", "[upstream] env GOPRIVATE"), Private(fixture.LoadText("[upstream.env]\nGOPRIVATE = \"b.example\"", environment)));
        Assert.Equal(("a.example", "peers.toml:2"), Private(fixture.LoadText("[pool]\nprivate = \"a.example\"\n[upstream.env]\nGOPRIVATE = \"b.example\"", environment)));
        Assert.Equal(("", "peers.toml:2"), Private(fixture.LoadText("[pool]\nprivate = \"\"", environment)));
        Assert.Equal(("", "default"), Private(fixture.LoadText("")));
        Assert.Equal(
            "GOPRIVATE: [pool] private must be globs separated by commas alone, such as \"*.corp.example,git.example.com/*\": entry 1 (\"[\") is none",
            Assert.Single(fixture.LoadText("", Environment(("GOPRIVATE", "["))).Errors).ToString());
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("*.corp.example,git.example.com/team/*,", true)]
    [InlineData("a[b-d^x]e,[^a]?,\\[,[\\]-a]", true)]
    [InlineData("a, b", false)]
    [InlineData("a\\", false)]
    [InlineData("[]a]", false)]
    [InlineData("[a-]", false)]
    [InlineData("[-a]", false)]
    [InlineData("[^]", false)]
    [InlineData("[a", false)]
    public void A_pattern_is_one_that_Go_understands(string patterns, bool isGood) => Assert.Equal(isGood, ConfigurationPatterns.ProblemOf(patterns) is null);

    [Fact]
    public void The_address_for_peers_is_set_by_file_variable_and_flag()
    {
        const string toml = "[node]\npeer_listen = \":1\"";
        Assert.Equal(":1", fixture.LoadText(toml).Configuration!.Federation.Listen);
        Assert.Equal(":2", fixture.LoadText(toml, Environment(("ATHENS_NODE_PEER_LISTEN", ":2"))).Configuration!.Federation.Listen);
        Assert.Equal(":3", fixture.LoadText(toml, Environment(("ATHENS_NODE_PEER_LISTEN", ":2")), new(null, null, null, ":3")).Configuration!.Federation.Listen);
    }

    private static string Peer(string name, string endpoint = "b.example:3443", string key = Key, string more = "") =>
        $"[[peer]]\nname = \"{name}\"\nendpoint = \"{endpoint}\"\nkey = \"{key}\"\n{more}";

    private static string KeyOf(int seed)
    {
        var key = new byte[32];
        BitConverter.TryWriteBytes(key, seed);
        return $"ed25519:{Convert.ToBase64String(key)}";
    }

    private static (string, string) Private(ConfigurationResult result) =>
        (result.Configuration!.Federation.Private, result.Entries.Single(entry => entry.Key == "private").Origin);
}
