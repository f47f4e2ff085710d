using System.Net;
using System.Text;
using Athens.Federation.Node.Provenance.PublicDatabases;

namespace Athens.Federation.Node.Upstream.ChecksumDatabases;

/// <summary>
/// Asks a checksum database over HTTP(S), by the system's proxies and trusted roots. Redirects are not followed: they would let whoever answers point
/// this node at addresses that only it can reach.
/// </summary>
internal sealed class HttpDatabaseSource : IDatabaseSource, IDisposable
{
    /// <summary>For one answer, to its last byte. A look-up of a version that the database has not seen makes it fetch the module first, for up to a minute.</summary>
    public static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Connections to one that speaks HTTP/1.1 alone: a proof takes up to twenty tiles.</summary>
    private const int MaxConnections = 16;

    /// <summary>Kilobytes of headers; a database sends a few hundred bytes.</summary>
    private const int MaxHeaderKilobytes = 16;

    /// <summary>Bytes of what it says about a failure that go into the reason.</summary>
    private const int MaxReason = 512;

    private readonly HttpClient client;
    private readonly TimeProvider time;

    /// <param name="address">The database's, ending in a slash.</param>
    /// <param name="time">Measures <see cref="AnswerTimeout"/>.</param>
    public HttpDatabaseSource(Uri address, TimeProvider time)
    {
        this.time = time;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = ConnectTimeout,
            MaxConnectionsPerServer = MaxConnections,
            MaxResponseHeadersLength = MaxHeaderKilobytes,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            UseCookies = false,
        };
        client = new HttpClient(handler)
        {
            BaseAddress = address,
            DefaultRequestVersion = HttpVersion.Version20,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("Athens-Federation");
    }

    public void Dispose() => client.Dispose();

    public async Task<SourceAnswer> GetAsync(string resource, int maxLength, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(AnswerTimeout, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        SourceAnswer answer;
        try
        {
            answer = await AskAsync(resource, maxLength, ending.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            answer = Failed($"it did not answer within {AnswerTimeout.TotalSeconds:0} s");
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            answer = Failed(error.Message);
        }

        // What read the last byte may be the thread that polls all sockets; the caller hashes and writes to disk.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        return answer;
    }

    private async Task<SourceAnswer> AskAsync(string resource, int maxLength, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(resource, UriKind.Relative)) { Version = client.DefaultRequestVersion };
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        var found = response.StatusCode == HttpStatusCode.OK;
        var limit = found ? maxLength : MaxReason;
        var (body, isLonger) = await ReadAsync(response.Content, limit, cancellationToken);
        return (int)response.StatusCode switch
        {
            200 => isLonger ? Failed($"it sent more than the {maxLength} bytes that such an answer has at most") : SourceAnswer.Found(body),
            404 or 410 => SourceAnswer.Absent($"{client.BaseAddress!.Authority}: {Words(response, body)}"),
            >= 300 and < 400 => Failed(
                $"it redirects to {response.Headers.Location?.OriginalString ?? "nowhere"}, which is not followed; [upstream] sumdb takes another URL after a space"),
            var status => Failed($"it answered {status}: {Words(response, body)}"),
        };
    }

    private static async Task<(ReadOnlyMemory<byte> Body, bool IsLonger)> ReadAsync(HttpContent content, int limit, CancellationToken cancellationToken)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        var bytes = new byte[limit + 1];
        var length = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        return (bytes.AsMemory(0, Math.Min(length, limit)), length > limit);
    }

    private SourceAnswer Failed(string why) => SourceAnswer.Failed($"{client.BaseAddress!.Authority}: {why}");

    /// <summary>Text alone: a web server's page tells a developer nothing.</summary>
    private static string Words(HttpResponseMessage response, ReadOnlyMemory<byte> body) =>
        response.Content.Headers.ContentType?.MediaType == "text/plain" && body.Length > 0
            ? Encoding.UTF8.GetString(body.Span).ReplaceLineEndings(" ").Trim()
            : response.StatusCode.ToString();
}
