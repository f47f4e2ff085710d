using System.Collections.Concurrent;
using System.Text;
using Athens.Federation.Node.Modules;

namespace Athens.Federation.Tests.Protocol;

public sealed class HostilePathsTests
{
    private const int Requests = 100_000;
    private const int Workers = 4;

    [Fact]
    public async Task None_of_100000_hostile_paths_is_a_fault_of_the_node_or_gets_a_bad_name_past_the_front()
    {
        await using var host = await FrontHost.StartAsync();
        var bad = new ConcurrentQueue<string>();
        int asked = 0;
        host.Retrieval.Asked = (path, query) =>
        {
            Interlocked.Increment(ref asked);
            if (!IsValidName(path, query))
            {
                bad.Enqueue($"asked for {path} @ {query}");
            }
        };
        var statuses = new ConcurrentDictionary<int, int>();
        await Task.WhenAll(Enumerable.Range(1, Workers).Select(seed => Task.Run(() =>
        {
            var paths = new HostilePaths(seed);
            using var client = new RawClient(host.EndPoint);
            for (int i = 0; i < Requests / Workers; i++)
            {
                string target = paths.Next();
                var answer = client.Get(target);
                statuses.AddOrUpdate(answer.Status, 1, (_, count) => count + 1);
                if (answer.Status is < 200 or >= 500 || ShowsControl(answer.Body))
                {
                    bad.Enqueue($"seed {seed}, request {i}: {answer.Status} for {target}\n{answer.Body}");
                }
            }
        })));

        Assert.True(bad.IsEmpty, string.Join('\n', bad.Take(20)));
        Assert.Equal(Requests, statuses.Values.Sum());
        Assert.InRange(asked, 100, Requests);
        Assert.True(statuses[404] > 1000 && statuses[400] > 1000, string.Join(", ", statuses));
        Assert.DoesNotContain(host.Log.Lines, line => line.Level >= Microsoft.Extensions.Logging.LogLevel.Warning);
    }

    // What the front must hold: names that escape to themselves within one folder tree, and queries that are one file name.
    private static bool IsValidName(string path, string query) =>
        ModulePath.Check(path) is null
        && ModulePath.CheckFile(query) is null
        && !query.Contains('/', StringComparison.Ordinal)
        && !query.StartsWith('-')
        && !path.Split('/').Contains("..", StringComparer.Ordinal)
        && Encoding.UTF8.GetByteCount(ModulePath.Escape(path)) < 1100;

    private static bool ShowsControl(string body) => body.Any(letter => char.IsControl(letter) && letter != '\n');

    [Theory]
    [InlineData("GET /example.com/\0m/@v/list HTTP/1.1\r\nHost: node\r\n\r\n", 400)]
    [InlineData("GET /example.com/%00m/@v/list HTTP/1.1\r\nHost: node\r\n\r\n", 400)]
    [InlineData("GET /example.com/\u00ff/@v/list HTTP/1.1\r\nHost: node\r\n\r\n", 400)]
    [InlineData("GET /example.com/%ff/@v/list HTTP/1.1\r\nHost: node\r\n\r\n", 400)]
    [InlineData("GET /example.com/../../etc/passwd HTTP/1.1\r\nHost: node\r\n\r\n", 404)]
    [InlineData("GET /example.com/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: node\r\n\r\n", 404)]
    [InlineData("GET /example.com/m/@v/..%2f..%2fpasswd.info HTTP/1.1\r\nHost: node\r\n\r\n", 400)]
    [InlineData("GET http://other/healthz HTTP/1.1\r\nHost: other\r\n\r\n", 200)]
    [InlineData("GET /healthz HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400)]
    [InlineData("GET /healthz HTTP/9.9\r\nHost: node\r\n\r\n", 505)]
    [InlineData("GET /healthz HTTP/1.1\r\nHost: node\r\nContent-Length: 5\r\n\r\nhello", 200)]
    [InlineData("GET /healthz HTTP/1.1\r\nHost: node\r\nContent-Length: x\r\n\r\n", 400)]
    [InlineData("GET /healthz HTTP/1.1\r\nHost: node\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 200)]
    [InlineData("GET  HTTP/1.1\r\nHost: node\r\n\r\n", 400)]
    [InlineData("get /healthz HTTP/1.1\r\nHost: node\r\n\r\n", 405)]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: node\r\n\r\n", 405)]
    [InlineData("CONNECT node:80 HTTP/1.1\r\nHost: node:80\r\n\r\n", 405)]
    [InlineData("\u0016\u0003\u0001 not http at all\r\n\r\n", 400)]
    public async Task A_malformed_request_is_answered_as_the_clients_fault(string request, int status)
    {
        await using var host = await FrontHost.StartAsync();
        using var client = new RawClient(host.EndPoint);
        Assert.Equal(status, client.Send(Encoding.Latin1.GetBytes(request)).Status);
        client.Close();
        Assert.Equal(200, client.Get("/healthz").Status);
    }

    [Theory]
    [InlineData(8000, 404)]
    [InlineData(9000, 414)]
    [InlineData(40_000, 414)]
    public async Task A_name_beyond_the_bounds_costs_nothing(int length, int status)
    {
        await using var host = await FrontHost.StartAsync();
        host.Retrieval.Asked = (path, _) => Assert.Fail("asked for " + path);
        using var client = new RawClient(host.EndPoint);
        Assert.Equal(status, client.Get($"/example.com/{new string('a', length)}/@v/list").Status);
        Assert.Equal(404, client.Get($"/example.com/{new string('a', 201)}/@v/list").Status);
        Assert.Equal(404, client.Get($"/example.com/m/@v/{new string('a', 201)}.info").Status);
        Assert.Equal(404, client.Get($"/example.com/{string.Concat(Enumerable.Repeat("a/", 600))}/@v/list").Status);
    }

    [Fact]
    public async Task Too_many_or_too_large_headers_are_refused()
    {
        await using var host = await FrontHost.StartAsync();
        using var client = new RawClient(host.EndPoint);
        string many = string.Concat(Enumerable.Range(0, 100).Select(i => $"X-{i}: 1\r\n"));
        Assert.Equal(431, client.Send(Encoding.Latin1.GetBytes($"GET /healthz HTTP/1.1\r\nHost: node\r\n{many}\r\n")).Status);
        client.Close();
        Assert.Equal(431, client.Send(Encoding.Latin1.GetBytes($"GET /healthz HTTP/1.1\r\nHost: node\r\nX: {new string('a', 17_000)}\r\n\r\n")).Status);
    }
}
