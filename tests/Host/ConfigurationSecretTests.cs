using Athens.Federation.Node.Host;
namespace Athens.Federation.Tests.Host;

public sealed class ConfigurationSecretTests : IDisposable
{
    private readonly ConfigurationFixture fixture = new();

    private const string Secret = "s3cr3t";

    public void Dispose() => fixture.Dispose();

    [Theory]
    [InlineData("[upstream]\ngoproxy = \"https://user:s3cr3t@proxy.example,ftp://x\"")]
    [InlineData("[upstream]\ngoproxy = \"ftp://user:s3cr3t@proxy.example\"")]
    [InlineData("[upstream]\ngoproxy = \"https://user:x,s3cr3t@proxy.example\"")]
    [InlineData("[upstream]\ngoproxy = \"user:s3cr3t@proxy.example/%zz\"")]
    [InlineData("[upstream]\nsumdb = \"sum.example.org https://u:s3cr3t@x y\"")]
    [InlineData("[telemetry]\nzipkin = \"ftp://u:s3cr3t@x\"")]
    [InlineData("[telemetry]\notlp = \"//u:s3cr3t@x\"")]
    [InlineData("[upstream]\nenv = { TOKEN = s3cr3t }")]
    [InlineData("[upstream.env]\nTOKEN = s3cr3t")]
    [InlineData("[upstream.env]\nTOKEN = \"s3cr3t")]
    [InlineData("[upstream.env]\nTOKEN = [\"s3cr3t\"]")]
    [InlineData("[upstream.env]\nTOKEN = \"s3cr3t\" \"s3cr3t\"")]
    [InlineData("[upstream]\nenv = \"TOKEN=s3cr3t\"")]
    public void No_error_repeats_a_secret_of_the_file(string toml)
    {
        var errors = fixture.LoadText(toml).Errors;
        Assert.NotEmpty(errors);
        Assert.All(errors, error => Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void No_error_repeats_a_secret_of_the_environment()
    {
        var errors = fixture.Load(null, ConfigurationFixture.Environment(("ATHENS_UPSTREAM_ENV", "TOKEN s3cr3t"), ("ATHENS_TOKEN", Secret))).Errors;
        Assert.Equal(2, errors.Count);
        Assert.All(errors, error => Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void The_description_has_every_key_and_masks_secrets()
    {
        var result = fixture.LoadText(
            """
            [upstream]
            goproxy = "https://user:s3cr3t@proxy.example,direct"
            env = { TOKEN = "s3cr3t", GOPRIVATE = "corp.example" }
            [telemetry]
            otlp = "https://u:s3cr3t@otlp.example"
            """);
        var lines = result.Describe().ToList();
        Assert.Contains("[upstream] goproxy = \"https://***@proxy.example,direct\"  (peers.toml:2)", lines);
        Assert.Contains("[upstream] env = { GOPRIVATE = \"***\", TOKEN = \"***\" }  (peers.toml:3)", lines);
        Assert.Contains("[telemetry] otlp = \"https://***@otlp.example\"  (peers.toml:5)", lines);
        Assert.Contains("[upstream] workers = 4  (default)", lines);
        Assert.Equal(ConfigurationSettings.All.Count, lines.Count);
        Assert.DoesNotContain(lines, line => line.Contains(Secret, StringComparison.Ordinal));
        Assert.Equal("s3cr3t", result.Configuration!.Upstream.Env["TOKEN"]);
    }

    [Fact]
    public void The_description_of_a_bad_configuration_is_its_errors() =>
        Assert.Equal(["peers.toml:1: \"x\" stands outside of a section and is not known"], fixture.LoadText("x = 1").Describe());
}
