using System.Net.Http.Headers;
using System.Text;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Tests.Protocol;

public sealed class ConditionalRequestTests : IAsyncLifetime
{
    private const int BigLength = 3_000_001;
    private const string Small = "/example.com/m/@v/v1.0.0.zip";
    private const string Big = "/example.com/m/@v/v1.1.0.zip";
    private readonly string folder = Directory.CreateTempSubdirectory("front").FullName;
    private readonly byte[] small = Encoding.ASCII.GetBytes("0123456789");
    private readonly byte[] big = new byte[BigLength];
    private FrontHost host = null!;

    public async Task InitializeAsync()
    {
        host = await FrontHost.StartAsync();
        new Random(1).NextBytes(big);
        string file = Path.Combine(folder, "big");
        await File.WriteAllBytesAsync(file, big);
        host.Retrieval.Put("example.com/m", "v1.0.0", ModuleFileKind.Zip, small);
        host.Retrieval.PutFile("example.com/m", "v1.1.0", ModuleFileKind.Zip, file, RetrievalTwin.DigestOf(big));
        host.Retrieval.PutFile("example.com/m", "v1.2.0", ModuleFileKind.Zip, file, new FileDigest(new string('0', 64), BigLength + 1));
        host.Retrieval.PutList("example.com/m", "v1.0.0");
    }

    public async Task DisposeAsync()
    {
        await host.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("bytes=0-3", 206, 0, 4)]
    [InlineData("bytes=4-", 206, 4, 6)]
    [InlineData("bytes=-3", 206, 7, 3)]
    [InlineData("bytes=-300", 206, 0, 10)]
    [InlineData("bytes=9-9", 206, 9, 1)]
    [InlineData("bytes=5-999999999999999999999999", 206, 5, 5)]
    [InlineData("BYTES=0-0", 206, 0, 1)]
    [InlineData("bytes=10-", 416, 0, 0)]
    [InlineData("bytes=99999999999999999999-", 416, 0, 0)]
    [InlineData("bytes=-0", 416, 0, 0)]
    [InlineData("bytes=0-1,3-4", 200, 0, 10)]
    [InlineData("bytes=3-1", 200, 0, 10)]
    [InlineData("bytes=-", 200, 0, 10)]
    [InlineData("bytes=a-b", 200, 0, 10)]
    [InlineData("bytes=+1-2", 200, 0, 10)]
    [InlineData("bytes", 200, 0, 10)]
    [InlineData("chapters=1-2", 200, 0, 10)]
    public async Task A_range_is_answered_as_RFC_9110_says(string range, int status, int offset, int length)
    {
        using var response = await SendAsync(HttpMethod.Get, Small, ("Range", range));
        Assert.Equal(status, (int)response.StatusCode);
        if (status == 416)
        {
            Assert.Equal("bytes */10", response.Content.Headers.ContentRange!.ToString());
            return;
        }

        Assert.Equal(small[offset..(offset + length)], await response.Content.ReadAsByteArrayAsync());
        Assert.Equal(status == 206 ? $"bytes {offset}-{offset + length - 1}/10" : null, response.Content.Headers.ContentRange?.ToString());
    }

    [Theory]
    [InlineData(0, BigLength)]
    [InlineData(1, 128 << 10)]
    [InlineData(131_071, 262_145)]
    [InlineData(BigLength - 1, 1)]
    public async Task A_file_is_sent_whole_and_in_parts_from_its_handle(int offset, int length)
    {
        using var response = await SendAsync(HttpMethod.Get, Big, ("Range", $"bytes={offset}-{offset + length - 1}"));
        Assert.Equal(206, (int)response.StatusCode);
        Assert.Equal(big[offset..(offset + length)], await response.Content.ReadAsByteArrayAsync());
        Assert.Equal(big, await host.Client.GetByteArrayAsync(Big));
    }

    [Theory]
    [InlineData("If-None-Match", "ETAG", 304)]
    [InlineData("If-None-Match", "W/ETAG", 304)]
    [InlineData("If-None-Match", "\"other\", ETAG", 304)]
    [InlineData("If-None-Match", "*", 304)]
    [InlineData("If-None-Match", "\"other\"", 200)]
    [InlineData("If-Modified-Since", "Fri, 20 Nov 2026 16:56:00 GMT", 304)]
    [InlineData("If-Modified-Since", "Fri, 20 Nov 2026 16:55:59 GMT", 200)]
    [InlineData("If-Modified-Since", "yesterday", 200)]
    [InlineData("If-Match", "ETAG", 200)]
    [InlineData("If-Match", "*", 200)]
    [InlineData("If-Match", "W/ETAG", 412)]
    [InlineData("If-Match", "\"other\"", 412)]
    [InlineData("If-Unmodified-Since", "Fri, 20 Nov 2026 16:56:00 GMT", 200)]
    [InlineData("If-Unmodified-Since", "Fri, 20 Nov 2026 16:55:59 GMT", 412)]
    public async Task A_condition_is_met_or_not_whether_the_answer_comes_from_memory_or_a_file(string header, string value, int status)
    {
        foreach (string target in new[] { Small, Small, Big })
        {
            string etag = await ETagAsync(target);
            foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head })
            {
                using var response = await SendAsync(method, target, (header, value.Replace("ETAG", etag, StringComparison.Ordinal)));
                Assert.Equal(status, (int)response.StatusCode);
                if (status == 304)
                {
                    Assert.Equal(etag, response.Headers.ETag!.Tag);
                    Assert.Empty(await response.Content.ReadAsByteArrayAsync());
                }
            }
        }
    }

    [Theory]
    [InlineData("ETAG", 206)]
    [InlineData("W/ETAG", 200)]
    [InlineData("\"other\"", 200)]
    [InlineData("Fri, 20 Nov 2026 16:56:00 GMT", 206)]
    [InlineData("Fri, 20 Nov 2026 16:56:01 GMT", 200)]
    public async Task If_Range_gives_the_part_only_of_the_same_file(string value, int status)
    {
        string ifRange = value.Replace("ETAG", await ETagAsync(Small), StringComparison.Ordinal);
        using var response = await SendAsync(HttpMethod.Get, Small, ("Range", "bytes=0-0"), ("If-Range", ifRange));
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_list_has_a_validator_of_its_bytes_and_no_date()
    {
        string etag = await ETagAsync("/example.com/m/@v/list");
        using var response = await SendAsync(HttpMethod.Get, "/example.com/m/@v/list", ("If-None-Match", etag));
        Assert.Equal(304, (int)response.StatusCode);
        Assert.Null(response.Content.Headers.LastModified);
    }

    [Fact]
    public async Task HEAD_ignores_a_range()
    {
        using var response = await SendAsync(HttpMethod.Head, Big, ("Range", "bytes=0-0"));
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal(BigLength, response.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task A_file_shorter_than_recorded_is_refused_before_the_first_byte()
    {
        using var response = await SendAsync(HttpMethod.Get, "/example.com/m/@v/v1.2.0.zip");
        Assert.Equal(500, (int)response.StatusCode);
    }

    private async Task<string> ETagAsync(string target)
    {
        using var response = await SendAsync(HttpMethod.Head, target);
        return response.Headers.ETag!.Tag;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string target, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, target);
        foreach (var (name, value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        return await host.Client.SendAsync(request);
    }
}
