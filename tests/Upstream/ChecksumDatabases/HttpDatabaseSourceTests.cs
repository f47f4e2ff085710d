using System.Text;
using Athens.Federation.Node.Provenance.PublicDatabases;
using Athens.Federation.Node.Upstream.ChecksumDatabases;
using Athens.Federation.Tests.Retrieval;

namespace Athens.Federation.Tests.Upstream.ChecksumDatabases;

/// <summary>What comes of a database's answers on real sockets, hostile ones among them.</summary>
public sealed class HttpDatabaseSourceTests
{
    private const int Limit = 1000;

    [Fact]
    public async Task A_whole_answer_is_found_and_asked_for_below_the_address()
    {
        var asked = "";
        await using var server = new RawSource((first, stream, token) =>
        {
            asked = first;
            return stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"u8.ToArray(), token).AsTask();
        });
        var answer = await AskAsync(server, "lookup/github.com/!azure/sdk@v1.0.0+incompatible");
        Assert.Equal((SourceAnswerKind.Found, "hello"), (answer.Kind, Encoding.UTF8.GetString(answer.Body.Span)));
        Assert.Equal("GET /base/lookup/github.com/!azure/sdk@v1.0.0+incompatible HTTP/1.1", asked);
    }

    [Theory]
    [InlineData("404 Not Found", SourceAnswerKind.Absent)]
    [InlineData("410 Gone", SourceAnswerKind.Absent)]
    [InlineData("400 Bad Request", SourceAnswerKind.Failed)]
    [InlineData("403 Forbidden", SourceAnswerKind.Failed)]
    [InlineData("429 Too Many Requests", SourceAnswerKind.Failed)]
    [InlineData("500 Internal Server Error", SourceAnswerKind.Failed)]
    [InlineData("502 Bad Gateway", SourceAnswerKind.Failed)]
    [InlineData("204 No Content", SourceAnswerKind.Failed)]
    [InlineData("206 Partial Content", SourceAnswerKind.Failed)]
    internal async Task Only_404_and_410_say_that_there_is_no_such_thing(string status, SourceAnswerKind kind)
    {
        await using var server = new RawSource($"HTTP/1.1 {status}\nContent-Type: text/plain; charset=utf-8\nContent-Length: 28\n\nunknown revision v1.0.0 here");
        var answer = await AskAsync(server);
        Assert.Equal(kind, answer.Kind);
        Assert.Contains(server.Address.Authority, answer.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_database_says_of_a_missing_record_reaches_the_developer_and_a_page_does_not()
    {
        await using var text = new RawSource("HTTP/1.1 404 Not Found\nContent-Type: text/plain\nContent-Length: 24\n\nunknown revision v1.0.0\n");
        Assert.Contains("unknown revision v1.0.0", (await AskAsync(text)).Reason, StringComparison.Ordinal);
        await using var page = new RawSource("HTTP/1.1 404 Not Found\nContent-Type: text/html\nContent-Length: 13\n\n<html></html>");
        Assert.DoesNotContain("html", (await AskAsync(page)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_is_not_followed_and_the_operator_is_told_where_it_leads()
    {
        await using var inside = new RawSource("HTTP/1.1 200 OK\nContent-Length: 6\n\nsecret");
        await using var server = new RawSource($"HTTP/1.1 302 Found\nLocation: {inside.Address}latest\nContent-Length: 0\n\n");
        var answer = await AskAsync(server);
        Assert.Equal(SourceAnswerKind.Failed, answer.Kind);
        Assert.Contains(inside.Address.ToString(), answer.Reason, StringComparison.Ordinal);
        Assert.Equal(0, inside.Requests);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\nContent-Length: 100\n\nhalf of it")]
    [InlineData("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\nhello\n")]
    [InlineData("HTTP/1.1 200 OK\nContent-Len")]
    [InlineData("SSH-2.0-OpenSSH_9.2\n")]
    [InlineData("")]
    public async Task An_answer_cut_short_or_in_another_language_is_a_failure(string bytes)
    {
        await using var server = new RawSource(bytes);
        Assert.Equal(SourceAnswerKind.Failed, (await AskAsync(server)).Kind);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1099511627776\r\n\r\n", "that such an answer has")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n", "that such an answer has")]
    [InlineData("HTTP/1.1 500 No\r\nContent-Type: text/plain\r\n\r\n", "500")]
    [InlineData("HTTP/1.1 200 OK\r\nX: ", "")]
    public async Task What_does_not_end_is_left_after_as_much_as_it_may_have(string start, string words)
    {
        await using var server = new RawSource(async (_, stream, token) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(start), token);
            var block = Encoding.ASCII.GetBytes(new string('x', 1 << 14));
            while (true)
            {
                await stream.WriteAsync(block, token);
            }
        });
        var answer = await AskAsync(server);
        Assert.Equal(SourceAnswerKind.Failed, answer.Kind);
        Assert.Contains(words, answer.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\na little")]
    public async Task A_silent_source_is_left_after_the_timeout(string start)
    {
        var time = new ManualTime();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new RawSource(async (_, stream, token) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(start), token);
            asked.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        });
        using var source = new HttpDatabaseSource(server.Address, time);
        var asking = source.GetAsync("latest", Limit, default);
        await asked.Task;
        time.Advance(HttpDatabaseSource.AnswerTimeout);
        var answer = await asking;
        Assert.Equal(SourceAnswerKind.Failed, answer.Kind);
        Assert.Contains("did not answer within 60 s", answer.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_at_the_address_is_a_failure()
    {
        Uri address;
        await using (var server = new RawSource(""))
        {
            address = server.Address;
        }

        using var source = new HttpDatabaseSource(address, TimeProvider.System);
        Assert.Equal(SourceAnswerKind.Failed, (await source.GetAsync("latest", Limit, default)).Kind);
    }

    private static async Task<SourceAnswer> AskAsync(RawSource server, string resource = "latest")
    {
        using var source = new HttpDatabaseSource(server.Address, TimeProvider.System);
        return await source.GetAsync(resource, Limit, default);
    }
}
