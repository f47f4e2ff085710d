using System.Net;
using System.Text;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Tests.Protocol;

public sealed class StatusTableTests : IAsyncLifetime
{
    private FrontHost host = null!;

    public async Task InitializeAsync()
    {
        host = await FrontHost.StartAsync();
        var retrieval = host.Retrieval;
        foreach (string path in new[] { "example.com/m", "github.com/BurntSushi/toml" })
        {
            retrieval.Put(path, "v1.0.0-RC.1", ModuleFileKind.Info, "{\"Version\":\"v1.0.0-RC.1\"}"u8.ToArray());
            retrieval.Put(path, "v1.0.0", ModuleFileKind.Info, "{\"Version\":\"v1.0.0\"}"u8.ToArray());
            retrieval.Put(path, "v1.0.0", ModuleFileKind.Mod, Encoding.UTF8.GetBytes($"module {path}\n"));
            retrieval.Put(path, "v1.0.0", ModuleFileKind.Zip, "zip bytes"u8.ToArray());
            retrieval.PutList(path, "v0.9.0", "v1.0.0");
            retrieval.PutQuery(path, "latest", "v1.0.0");
            retrieval.PutQuery(path, "Main", "v0.0.0-20200101000000-abcdefabcdef");
            retrieval.PutQuery(path, "v2.0.0", "v2.0.0+incompatible");
        }

        retrieval.PutList("example.com/untagged");
        foreach (var kind in Enum.GetValues<OutcomeKind>())
        {
            retrieval.Failing[$"example.com/is-{kind.ToString().ToLowerInvariant()}"] = kind;
        }

        retrieval.Throwing["example.com/full"] = new StoreFailedException("The disk is full. Free some of it.", null) { NoSpace = true };
        retrieval.Throwing["example.com/readonly"] = new StoreFailedException("The data folder is read-only.", null);
        retrieval.Throwing["example.com/bug"] = new InvalidOperationException("a secret of the inside");
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Theory]
    [InlineData("/example.com/m/@v/list", "v0.9.0\nv1.0.0\n", "text/plain; charset=UTF-8", false)]
    [InlineData("/example.com/untagged/@v/list", "", "text/plain; charset=UTF-8", false)]
    [InlineData("/example.com/m/@latest", "{\"Version\":\"v1.0.0\"}", "application/json", false)]
    [InlineData("/example.com/m/@v/latest.info", "{\"Version\":\"v1.0.0\"}", "application/json", false)]
    [InlineData("/example.com/m/@v/%21main.info", "{\"Version\":\"v0.0.0-20200101000000-abcdefabcdef\"}", "application/json", false)]
    [InlineData("/example.com/m/@v/v2.0.0.info", "{\"Version\":\"v2.0.0+incompatible\"}", "application/json", false)]
    [InlineData("/example.com/m/@v/v1.0.0.info", "{\"Version\":\"v1.0.0\"}", "application/json", true)]
    [InlineData("/example.com/m/@v/v1.0.0-%21r%21c.1.info", "{\"Version\":\"v1.0.0-RC.1\"}", "application/json", true)]
    [InlineData("/example.com/m/@v/v1.0.0.mod", "module example.com/m\n", "text/plain; charset=UTF-8", true)]
    [InlineData("/example.com/m/@v/v1.0.0.zip", "zip bytes", "application/zip", true)]
    [InlineData("/example.com/m/@v/v1.0.0.zip?x=1&y=%00", "zip bytes", "application/zip", true)]
    [InlineData("/github.com/%21burnt%21sushi/toml/@v/v1.0.0.mod", "module github.com/BurntSushi/toml\n", "text/plain; charset=UTF-8", true)]
    [InlineData("/github.com/!burnt!sushi/toml/@v/v1.0.0.mod", "module github.com/BurntSushi/toml\n", "text/plain; charset=UTF-8", true)]
    public async Task What_is_held_is_answered_with_its_headers_the_first_time_and_from_memory(
        string target, string body, string type, bool immutable)
    {
        string? first = null;
        for (int i = 0; i < 2; i++)
        {
            using var response = await host.Client.GetAsync(target);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(body, await response.Content.ReadAsStringAsync());
            Assert.Equal(type, response.Content.Headers.ContentType!.ToString());
            Assert.Equal(body.Length, response.Content.Headers.ContentLength);
            Assert.Equal("store", response.Headers.GetValues("X-Athens-Source").Single());
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.Equal("bytes", response.Headers.AcceptRanges.Single());
            Assert.False(response.Headers.ETag!.IsWeak);
            Assert.Equal(immutable, response.Headers.CacheControl!.ToString().Contains("immutable", StringComparison.Ordinal));
            Assert.Equal(TimeSpan.FromSeconds(immutable ? 31536000 : 60), response.Headers.CacheControl.MaxAge);
            Assert.Equal(immutable ? new DateTimeOffset(2026, 11, 20, 16, 56, 0, TimeSpan.Zero) : null, response.Content.Headers.LastModified);
            string id = response.Headers.GetValues("X-Athens-Request-Id").Single();
            Assert.NotEqual(first, id);
            first = id;
        }
    }

    [Theory]
    [InlineData("example.com/none/@v/list", 404, "no such module version")]
    [InlineData("example.com/none/@latest", 404, "no such module version")]
    [InlineData("example.com/none/@v/v1.0.0.info", 404, "not found: example.com/none@v1.0.0")]
    [InlineData("example.com/none/@v/main.info", 404, "not found: example.com/none@main")]
    [InlineData("example.com/is-absent/@v/v1.0.0.zip", 404, "The reason, in\na sentence? or two.")]
    [InlineData("example.com/is-forbidden/@v/list", 403, "forbidden")]
    [InlineData("example.com/is-conflicting/@v/v1.0.0.mod", 403, "SECURITY: hashes disagree")]
    [InlineData("example.com/is-unavailable/@latest", 502, "try again")]
    [InlineData("example.com/is-faulty/@v/v1.0.0.info", 500, "fault")]
    [InlineData("example.com/full/@v/v1.0.0.info", 507, "Free some of it.")]
    [InlineData("example.com/readonly/@v/v1.0.0.info", 500, "read-only")]
    [InlineData("example.com/bug/@v/v1.0.0.info", 500, "its operator finds the reason")]
    [InlineData("example.com/m/@v/v2.0.0.mod", 404, "canonical")]
    [InlineData("example.com/m/@v/main.zip", 404, "canonical")]
    [InlineData("example.com/m/@v/-f.info", 404, "under this name")]
    [InlineData("example.com/m/@v/feature/x.info", 404, "not found")]
    [InlineData("example.com/m/@v/v1.0.0.txt", 404, "not found")]
    [InlineData("example.com/m/@v/.info", 404, "not found")]
    [InlineData("example.com/m/@v/", 404, "not found")]
    [InlineData("example.com/m", 404, "/MODULE/@v/list")]
    [InlineData("std/@v/list", 404, "not found: ")]
    [InlineData("gopkg.in/@v/list", 404, "not found: ")]
    [InlineData("@v/list", 404, "not found")]
    [InlineData("sumdb/sum.golang.org/supported", 404, "checksum database")]
    [InlineData("github.com/BurntSushi/toml/@v/list", 400, "capital letters")]
    [InlineData("github.com/a!/toml/@v/list", 400, "capital letters")]
    [InlineData("github.com/a/b/@v/v1.0.0-RC1.info", 400, "malformed version")]
    [InlineData("github.com/a%2Fb/@v/list", 400, "malformed module path")]
    [InlineData("github.com/a/b/@v/x%2fy.info", 400, "malformed version")]
    public async Task What_is_not_answered_gets_a_status_that_go_understands_and_text_that_it_shows(string target, int status, string text)
    {
        using var response = await host.Client.GetAsync("/" + target);
        string body = await response.Content.ReadAsStringAsync();
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Contains(text, body, StringComparison.Ordinal);
        Assert.Contains(response.Headers.GetValues("X-Athens-Request-Id").Single(), body, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", body, StringComparison.Ordinal);
        Assert.Equal("text/plain; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.True(status == 404 ? response.Headers.CacheControl!.MaxAge <= TimeSpan.FromSeconds(30) : response.Headers.CacheControl!.NoStore);
        Assert.DoesNotContain("\n\n", body, StringComparison.Ordinal);
        Assert.InRange(Encoding.UTF8.GetByteCount(body), 1, 648);
        Assert.InRange(body.TrimEnd('\n').Split('\n').Length, 1, 8);
    }

    [Theory]
    [InlineData("POST", "/example.com/m/@v/list")]
    [InlineData("PUT", "/example.com/m/@v/v1.0.0.zip")]
    [InlineData("DELETE", "/healthz")]
    [InlineData("OPTIONS", "/")]
    public async Task Only_GET_and_HEAD_are_answered(string method, string target)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), target);
        using var response = await host.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal("GET, HEAD", string.Join(", ", response.Content.Headers.Allow));
    }

    [Theory]
    [InlineData("/example.com/m/@v/list", 200, 14)]
    [InlineData("/example.com/m/@v/v1.0.0.zip", 200, 9)]
    [InlineData("/example.com/none/@v/v1.0.0.zip", 404, -1)]
    public async Task HEAD_has_the_headers_of_GET_and_no_body(string target, int status, int length)
    {
        for (int i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Head, target);
            using var response = await host.Client.SendAsync(request);
            Assert.Equal(status, (int)response.StatusCode);
            Assert.True(length < 0 || response.Content.Headers.ContentLength == length);
            Assert.Empty(await response.Content.ReadAsByteArrayAsync());
        }
    }
}
