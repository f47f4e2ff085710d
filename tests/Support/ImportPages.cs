using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Athens.Federation.Tests.Support;

/// <summary>
/// Answers <c>?go-get=1</c> pages for import paths whose host is not a well-known forge. It acts as the HTTP proxy of the
/// <c>go</c> child: CONNECT is refused, so that <c>go</c>, told by GOINSECURE, comes back with plain HTTP.
/// </summary>
internal sealed class ImportPages : IAsyncDisposable
{
    private readonly WebApplication server;
    private readonly Dictionary<string, string> repositories;

    private ImportPages(WebApplication server, Dictionary<string, string> repositories)
    {
        this.server = server;
        this.repositories = repositories;
    }

    /// <summary>The proxy's address, for HTTP_PROXY and HTTPS_PROXY.</summary>
    public string Address => server.Urls.First();

    /// <summary>Starts with lines "import-prefix repository-url".</summary>
    public static async Task<ImportPages> StartAsync(string map)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        ImportPages pages = new(
            builder.Build(),
            File.ReadLines(map).Select(line => line.Split(' ')).ToDictionary(words => words[0], words => words[1]));
        pages.server.Run(pages.AnswerAsync);
        await pages.server.StartAsync();
        return pages;
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private Task AnswerAsync(HttpContext context)
    {
        string path = context.Request.Host.Host + context.Request.Path.Value!.TrimEnd('/');
        (string? prefix, string? repository) = repositories.FirstOrDefault(
            entry => path == entry.Key || path.StartsWith(entry.Key + "/", StringComparison.Ordinal));
        if (prefix is null || !HttpMethods.IsGet(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        return context.Response.WriteAsync($"""<html><meta name="go-import" content="{prefix} git {repository}"></html>""");
    }
}
