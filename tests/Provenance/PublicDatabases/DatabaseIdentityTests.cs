using Athens.Federation.Node.Provenance.PublicDatabases;

namespace Athens.Federation.Tests.Provenance.PublicDatabases;

/// <summary>GOSUMDB's values.</summary>
public sealed class DatabaseIdentityTests
{
    private const string Key = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";

    [Theory]
    [InlineData("sum.golang.org", "sum.golang.org", "https://sum.golang.org/")]
    [InlineData("sum.golang.google.cn", "sum.golang.org", "https://sum.golang.google.cn/")]
    [InlineData("sum.golang.org http://mirror.example:8080/sum", "sum.golang.org", "http://mirror.example:8080/sum/")]
    [InlineData(Key, "sum.golang.org", "https://sum.golang.org/")]
    [InlineData(Key + " https://mirror.example/", "sum.golang.org", "https://mirror.example/")]
    public void A_name_a_key_and_a_url_are_read_as_go_reads_them(string value, string name, string address)
    {
        var database = DatabaseIdentity.Parse(value, out var reason);
        Assert.Null(reason);
        Assert.Equal((name, address, Key), (database!.Name, database.Address.ToString(), database.Key.ToString()));
    }

    [Fact]
    public void A_name_with_a_path_is_its_own_address()
    {
        using var log = new PublishedLog("sum.example.org/public");
        Assert.Equal("https://sum.example.org/public/", log.Identity.Address.ToString());
    }

    [Theory]
    [InlineData("off", true)]
    [InlineData("sum.example.org", false)]
    [InlineData("", false)]
    [InlineData("a b c", false)]
    [InlineData("sum.golang.org not a url", false)]
    [InlineData("sum.golang.org+033de0af+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", false)]
    public void Off_is_no_database_and_everything_else_has_a_reason(string value, bool isOff)
    {
        Assert.Null(DatabaseIdentity.Parse(value, out var reason));
        Assert.Equal(isOff, reason is null);
    }
}
