using System.Net;
using System.Text;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Tests.Protocol;

/// <summary>Which checksum database a request goes to, and what the front adds to its answer.</summary>
public sealed class ChecksumRouteTests : IAsyncLifetime
{
    private FrontHost host = null!;

    public async Task InitializeAsync() => host = await FrontHost.StartAsync(
        null, [], [new Twin("sum.example.org"), new Twin("sum.example.org/db"), new Twin("node-1/0123abcd")]);

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Theory]
    [InlineData("sum.example.org/latest", "sum.example.org: latest")]
    [InlineData("sum.example.org/db/latest", "sum.example.org/db: latest")]
    [InlineData("sum.example.org/db2/latest", "sum.example.org: db2/latest")]
    [InlineData("node-1/0123abcd/latest", "node-1/0123abcd: latest")]
    [InlineData("node-1/0123abcd/lookup/github.com/%21burnt%21sushi/toml@v1.0.0-%21r%21c1", "node-1/0123abcd: github.com/BurntSushi/toml@v1.0.0-RC1")]
    [InlineData("node-1/0123abcd/lookup/golang.org/toolchain@v0.0.1-go1.21.0.linux-amd64", "node-1/0123abcd: golang.org/toolchain@v0.0.1-go1.21.0.linux-amd64")]
    public async Task The_longest_name_that_a_request_begins_with_is_asked(string target, string answer)
    {
        using var response = await host.Client.GetAsync("/sumdb/" + target);
        Assert.Equal(answer, await response.Content.ReadAsStringAsync());
        Assert.Equal("text/plain; charset=UTF-8", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(TimeSpan.FromMinutes(1), response.Headers.CacheControl!.MaxAge);
        Assert.Equal("store", response.Headers.GetValues("X-Athens-Source").Single());
    }

    [Theory]
    [InlineData("node-1/0123abcd")]
    [InlineData("sum.example.org/db")]
    public async Task A_database_that_is_served_is_said_to_be_supported(string name)
    {
        using var response = await host.Client.GetAsync($"/sumdb/{name}/supported");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("tile/8/0/x001/234.p/5", "application/octet-stream")]
    [InlineData("tile/8/data/001", "text/plain; charset=UTF-8")]
    public async Task Tiles_are_kept_by_caches_for_good(string tile, string type)
    {
        using var response = await host.Client.GetAsync("/sumdb/sum.example.org/" + tile);
        Assert.Equal("sum.example.org: " + tile, await response.Content.ReadAsStringAsync());
        Assert.Equal(type, response.Content.Headers.ContentType!.ToString());
        Assert.Contains("immutable", response.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("other.example.org/supported", 404, "ask the database itself")]
    [InlineData("sum.example.org", 404, "ask the database itself")]
    [InlineData("sum.example.orgs/latest", 404, "ask the database itself")]
    [InlineData("node-1/supported", 404, "ask the database itself")]
    [InlineData("sum.example.org/lookup/example.com/absent@v1.0.0", 404, "not there")]
    [InlineData("sum.example.org/lookup/example.com/conflicting@v1.0.0", 403, "SECURITY")]
    [InlineData("sum.example.org/lookup/example.com/m@v1.0.0%20", 404, "not found")]
    [InlineData("sum.example.org/lookup/example.com/m@main", 404, "canonical")]
    [InlineData("sum.example.org/lookup/example.com/M@v1.0.0", 400, "capital letters")]
    [InlineData("sum.example.org/lookup/example.com/m", 400, "MODULE@VERSION")]
    [InlineData("sum.example.org/lookup/@v1.0.0", 400, "MODULE@VERSION")]
    [InlineData("sum.example.org/lookup/example.com/m@", 400, "MODULE@VERSION")]
    [InlineData("sum.example.org/lookup/example.com/m@v1/x", 400, "MODULE@VERSION")]
    public async Task What_a_database_lacks_or_cannot_have_gets_the_status_that_stops_go_or_sends_it_on(string target, int status, string text)
    {
        using var response = await host.Client.GetAsync("/sumdb/" + target);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Contains(text, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    /// <summary>Answers with its name and what it was asked.</summary>
    private sealed class Twin(string name) : IChecksumDatabase
    {
        public string Name => name;

        public ValueTask<Outcome<ChecksumAnswer>> LookupAsync(ModuleVersion module, CancellationToken cancellationToken) => new(module.Path switch
        {
            "example.com/absent" => Outcome<ChecksumAnswer>.Absent("not there"),
            "example.com/conflicting" => Outcome<ChecksumAnswer>.Conflicting("other hashes"),
            _ => Answer(module.ToString(), isImmutable: false),
        });

        public ValueTask<Outcome<ChecksumAnswer>> ReadAsync(string resource, CancellationToken cancellationToken) =>
            new(Answer(resource, resource.StartsWith("tile/", StringComparison.Ordinal)));

        private Outcome<ChecksumAnswer> Answer(string asked, bool isImmutable) => Outcome<ChecksumAnswer>.Found(
            new ChecksumAnswer(Encoding.UTF8.GetBytes($"{name}: {asked}"), isImmutable), AnswerSource.Store);
    }
}
