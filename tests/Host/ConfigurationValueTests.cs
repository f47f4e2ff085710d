using Athens.Federation.Node.Host;

namespace Athens.Federation.Tests.Host;

public sealed class ConfigurationValueTests
{
    /// <summary>Go's own key of sum.golang.org: its base64 holds + three times.</summary>
    private const string GoKey = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";

    [Theory]
    [InlineData("0", 0)]
    [InlineData("0s", 0)]
    [InlineData("90s", 90_000)]
    [InlineData("5m", 300_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData("7d", 604_800_000)]
    [InlineData("1d12h", 129_600_000)]
    [InlineData("300ms", 300)]
    [InlineData("1m1ms", 60_001)]
    [InlineData("1000000us", 1000)]
    [InlineData("1000000µs", 1000)]
    [InlineData("5000000ns", 5)]
    [InlineData(".5s", 500)]
    [InlineData("1.s", 1000)]
    public void A_duration_is_read_as_Go_reads_it(string text, long milliseconds)
    {
        var duration = TimeSpan.FromMilliseconds(milliseconds);
        Assert.Equal(duration, ConfigurationDuration.Parse(text));
        Assert.Equal(duration, ConfigurationDuration.Parse(ConfigurationDuration.Format(duration)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("+1s")]
    [InlineData("1 s")]
    [InlineData(" 1s")]
    [InlineData("1S")]
    [InlineData("1y")]
    [InlineData("1..5s")]
    [InlineData(".s")]
    [InlineData("1e3s")]
    [InlineData("99999999999999999999999999999999d")]
    [InlineData("99999999d")]
    [InlineData("10000000d10000000d")]
    [InlineData("1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s")]
    public void What_is_no_duration_is_refused(string text) => Assert.Null(ConfigurationDuration.Parse(text));

    [Theory]
    [InlineData("10GiB", 10L << 30, "10GiB")]
    [InlineData("256MiB", 256L << 20, "256MiB")]
    [InlineData("1024MiB", 1L << 30, "1GiB")]
    [InlineData("1.5GiB", 3L << 29, "1536MiB")]
    [InlineData("2TiB", 2L << 40, "2TiB")]
    [InlineData("10GB", 10_000_000_000, "9765625KiB")]
    [InlineData("1KB", 1000, "1000B")]
    [InlineData("0B", 0, "0B")]
    [InlineData("1B", 1, "1B")]
    public void A_size_is_read_and_shown_in_the_largest_unit(string text, long bytes, string shown)
    {
        Assert.Equal(bytes, ConfigurationSize.Parse(text, bytesWithoutUnit: false));
        Assert.Equal(shown, ConfigurationSize.Format(bytes));
        Assert.Equal(bytes, ConfigurationSize.Parse(shown, bytesWithoutUnit: false));
    }

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("GiB")]
    [InlineData("-1GiB")]
    [InlineData("10 GiB")]
    [InlineData("10Gi")]
    [InlineData("10gib")]
    [InlineData("1e3B")]
    [InlineData("9999999999TiB")]
    public void What_is_no_size_is_refused(string text) => Assert.Null(ConfigurationSize.Parse(text, bytesWithoutUnit: false));

    [Theory]
    [InlineData("off")]
    [InlineData("direct")]
    [InlineData("https://proxy.golang.org,direct")]
    [InlineData("https://proxy.golang.org|direct")]
    [InlineData(" https://a.example , http://b.example:8080/x ,, file:///srv/cache ,off")]
    [InlineData("proxy.example")]
    [InlineData("proxy.example:8080/path,direct")]
    [InlineData("https://user:password@proxy.example")]
    [InlineData("http://[::1]:3000")]
    [InlineData("direct,nonsense after direct is never read")]
    public void A_list_of_proxies_is_taken_as_Go_takes_it(string list) => Assert.Null(ConfigurationGoProxy.ProblemOf(list));

    [Theory]
    [InlineData("")]
    [InlineData(" , | ")]
    [InlineData("Direct")]
    [InlineData("proxy")]
    [InlineData("/srv/cache")]
    [InlineData("ftp://a.example")]
    [InlineData("https://")]
    [InlineData("file:///srv/cache?x")]
    [InlineData("file://host/srv")]
    [InlineData("https://a.example,nonsense,direct")]
    public void What_Go_does_not_take_as_proxies_is_refused(string list) => Assert.StartsWith("must", ConfigurationGoProxy.ProblemOf(list), StringComparison.Ordinal);

    [Theory]
    [InlineData("off")]
    [InlineData("sum.golang.org")]
    [InlineData("sum.golang.google.cn")]
    [InlineData("sum.golang.org https://mirror.example.org")]
    [InlineData(GoKey)]
    [InlineData(GoKey + "  https://mirror.example.org/sumdb ")]
    public void A_checksum_database_is_taken_as_Go_takes_it(string value) => Assert.Null(ConfigurationSumDb.ProblemOf(value));

    [Theory]
    [InlineData("", "must be \"off\"")]
    [InlineData("a b c", "must be \"off\"")]
    [InlineData("Off", "must hold the key")]
    [InlineData("sum.example.org", "must hold the key")]
    [InlineData("sum.example.org+033de0ae", "must hold the key")]
    [InlineData("sum.golang.google.cn https://x.example", "must hold the key")]
    [InlineData("sum.golang.org+033de0a+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", "must be name+hash+key with a hash")]
    [InlineData("sum.golang.org+033de0ag+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", "must be name+hash+key with a hash")]
    [InlineData("sum.golang.org+033de0af+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", "must be name+hash+key with the hash")]
    [InlineData("sum.golang.com+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", "must be name+hash+key with the hash")]
    [InlineData("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn", "must be name+hash+key with an Ed25519 key")]
    [InlineData("sum.golang.org+033de0ae+AM4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", "must be name+hash+key with an Ed25519 key")]
    [InlineData("sum.golang.org+033de0ae+", "must be name+hash+key with an Ed25519 key")]
    [InlineData("sum.golang.org https//mirror", "must have an http or https URL")]
    public void What_Go_does_not_take_as_a_checksum_database_is_refused(string value, string problem) =>
        Assert.StartsWith(problem, ConfigurationSumDb.ProblemOf(value), StringComparison.Ordinal);

    [Theory]
    [InlineData("127.0.0.1:3000", true)]
    [InlineData(":3000", true)]
    [InlineData(":0", true)]
    [InlineData("[::1]:3000", true)]
    [InlineData("[::]:3000", true)]
    [InlineData("[fe80::1%2]:3000", true)]
    [InlineData("node.example.org:3000", true)]
    [InlineData("localhost:65535", true)]
    [InlineData("", false)]
    [InlineData("localhost", false)]
    [InlineData("localhost:", false)]
    [InlineData("localhost:http", false)]
    [InlineData("localhost:+1", false)]
    [InlineData("localhost:000001", false)]
    [InlineData("*:3000", false)]
    [InlineData("::1:3000", false)]
    [InlineData("[::1:3000", false)]
    [InlineData("[127.0.0.1]:3000", false)]
    [InlineData("[]:3000", false)]
    [InlineData("http://localhost:3000", false)]
    public void An_address_is_HOST_and_PORT(string address, bool isGood) => Assert.Equal(isGood, ConfigurationAddress.ProblemOf(address) is null);

    [Theory]
    [InlineData("build-1.example.org", "build-1.example.org")]
    [InlineData("Anna's Laptop", "Anna-s-Laptop")]
    [InlineData("-x-", "x")]
    [InlineData("日本", "athens")]
    [InlineData("", "athens")]
    public void A_machines_name_becomes_a_nodes_name(string machine, string node) => Assert.Equal(node, ConfigurationDefaults.NodeName(machine));

    [Fact]
    public void A_long_machine_name_is_cut() => Assert.Equal(63, ConfigurationDefaults.NodeName(new string('a', 500)).Length);

    [Theory]
    [InlineData("wrokers", "workers")]
    [InlineData("WORKERS", "workers")]
    [InlineData("worker", "workers")]
    [InlineData("list-ttl", "list_ttl")]
    [InlineData("xyz", null)]
    [InlineData("", null)]
    public void The_nearest_name_is_suggested_when_it_is_near(string written, string? suggested) =>
        Assert.Equal(suggested, ConfigurationSuggestion.Nearest(written, ["workers", "list_ttl", "timeout", "go"]));
}
