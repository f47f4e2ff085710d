using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Athens.Federation.Tests.Integration;

/// <summary>Stands between a client and a node, and may change what the node answers: a proxy that lies.</summary>
internal sealed class TamperingRelay : IAsyncDisposable
{
    private readonly WebApplication server;

    private TamperingRelay(WebApplication server) => this.server = server;

    public string Url => server.Urls.First();

    /// <summary>The node that is asked.</summary>
    public required HttpClient Node { get; set; }

    /// <summary>Path and body of an answer; what it returns is sent in the body's place.</summary>
    public Func<string, byte[], byte[]> Change { get; set; } = (_, body) => body;

    public static async Task<TamperingRelay> StartAsync(HttpClient node)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var relay = new TamperingRelay(builder.Build()) { Node = node };
        relay.server.Run(relay.PassOnAsync);
        await relay.server.StartAsync();
        return relay;
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private async Task PassOnAsync(HttpContext context)
    {
        // The path as it came: go sends capital letters as %21 and a letter.
        var path = context.Request.Path.ToUriComponent();
        using var answer = await Node.GetAsync(path);
        var body = await answer.Content.ReadAsByteArrayAsync();
        context.Response.StatusCode = (int)answer.StatusCode;
        context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
        await context.Response.Body.WriteAsync(answer.IsSuccessStatusCode ? Change(path, body) : body);
    }
}
