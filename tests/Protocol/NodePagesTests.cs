using System.Net;
using System.Text.Json;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Protocol;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Tests.Protocol;

public sealed class NodePagesTests : IAsyncLifetime
{
    private readonly Check go = new("go present");
    private readonly Check store = new("store writable");
    private FrontHost host = null!;

    public async Task InitializeAsync() => host = await FrontHost.StartAsync(null, go, store);

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task Readyz_tells_which_check_fails()
    {
        Assert.Equal("ok\n", await host.Client.GetStringAsync("/healthz"));
        store.Problem = "read-only: mount it writable";
        using var response = await host.Client.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("go present: ok\nstore writable: read-only: mount it writable\n", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Readyz_is_ok_when_every_check_is_and_does_not_run_them_for_each_request()
    {
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal("go present: ok\nstore writable: ok\n", await host.Client.GetStringAsync("/readyz"));
        }

        Assert.InRange(go.Runs, 1, 5);
    }

    [Fact]
    public async Task Readyz_survives_a_check_that_throws()
    {
        go.Failure = new InvalidOperationException("boom");
        using var response = await host.Client.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("go present: boom", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Welcome_tells_the_line_to_paste()
    {
        Assert.Contains($"export GOPROXY={host.Address.GetLeftPart(UriPartial.Authority)}\n", await host.Client.GetStringAsync("/"), StringComparison.Ordinal);
        Assert.Contains("Disallow: /", await host.Client.GetStringAsync("/robots.txt"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_is_JSON_as_Athens_gives_it()
    {
        using var json = JsonDocument.Parse(await host.Client.GetStringAsync("/version"));
        Assert.NotEmpty(json.RootElement.GetProperty("Version").GetString()!);
        Assert.NotEmpty(json.RootElement.GetProperty("Date").GetString()!);
    }

    [Fact]
    public async Task Catalog_pages_through_everything_held()
    {
        Hold(5);
        var seen = new List<string>();
        string token = "";
        do
        {
            using var json = JsonDocument.Parse(await host.Client.GetStringAsync($"/catalog?pagesize=2&token={Uri.EscapeDataString(token)}"));
            seen.AddRange(json.RootElement.GetProperty("modules").EnumerateArray()
                .Select(entry => $"{entry.GetProperty("module").GetString()}@{entry.GetProperty("version").GetString()}"));
            token = json.RootElement.TryGetProperty("next", out var next) ? next.GetString()! : "";
        }
        while (token.Length > 0);

        Assert.Equal(host.Store.Held.Select(entry => entry.Module.ToString()), seen);
    }

    [Fact]
    public async Task Index_gives_one_line_of_JSON_for_each_from_a_time_on()
    {
        Hold(5);
        string all = await host.Client.GetStringAsync("/index");
        Assert.StartsWith("{\"Path\":\"example.com/m0\",\"Version\":\"v2.0.0+incompatible\",\"Timestamp\":\"2026-11-20T16:56:00.123000Z\"}\n", all, StringComparison.Ordinal);
        Assert.Equal(5, all.Count(letter => letter == '\n'));
        foreach (string since in new[] { "2026-11-20T16:56:03Z", "2026-11-20T16:56:02.123000001Z", "2026-11-20T17:56:03+01:00", "2026-11-20T17:56:03%2B01:00" })
        {
            string some = await host.Client.GetStringAsync($"/index?since={since}&limit=1");
            Assert.Equal(1, some.Count(letter => letter == '\n'));
            Assert.Contains(since.Contains("02.123000001", StringComparison.Ordinal) ? "/m2" : "/m3", some, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/catalog?pagesize=0")]
    [InlineData("/catalog?pagesize=-1")]
    [InlineData("/catalog?pagesize=x")]
    [InlineData("/catalog?token=%00")]
    [InlineData("/index?since=yesterday")]
    [InlineData("/index?since=2026-11-20T16:56:03")]
    [InlineData("/index?limit=0")]
    [InlineData("/index?limit=1e3")]
    public async Task A_bad_parameter_is_the_clients_fault(string target)
    {
        using var response = await host.Client.GetAsync(target);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    private void Hold(int count)
    {
        for (int i = 0; i < count; i++)
        {
            var module = ModuleVersion.Create($"example.com/m{i}", "v2.0.0+incompatible", out _)!;
            host.Store.Held.Add(new IndexEntry(module, RetrievalTwin.StoredAt.AddSeconds(i)));
        }
    }

    private sealed class Check(string name) : IReadinessCheck
    {
        private int runs;

        public string Name => name;

        public string? Problem { get; set; }

        public Exception? Failure { get; set; }

        public int Runs => runs;

        public ValueTask<string?> CheckAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref runs);
            return Failure is null ? new(Problem) : throw Failure;
        }
    }
}
