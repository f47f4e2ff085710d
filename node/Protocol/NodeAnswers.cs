using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Primitives;

namespace Athens.Federation.Node.Protocol;

/// <summary>The pages about the node itself. Paths and bodies are those that Athens' users have in their probes.</summary>
internal sealed class NodeAnswers(Readiness readiness)
{
    private static readonly Answer Healthy = Text(StatusCodes.Status200OK, "ok\n");
    private static readonly Answer Robots = Text(StatusCodes.Status200OK, "User-agent: *\nDisallow: /\n");
    private static readonly Answer Version = MakeVersion();

    /// <summary>The page, or null when the path is none of these.</summary>
    public ValueTask<Answer>? Find(string path, HttpRequest request) => path switch
    {
        "/healthz" => new(Healthy),
        "/readyz" => new(ReadyAsync()),
        "/version" => new(Version),
        "/robots.txt" => new(Robots),
        "/" => new(Welcome(request)),
        _ => null,
    };

    private async Task<Answer> ReadyAsync()
    {
        var result = await readiness.CheckAsync();
        return result.IsReady
            ? Text(StatusCodes.Status200OK, result.Text + "\n")
            : Text(StatusCodes.Status503ServiceUnavailable, result.Text + "\n");
    }

    private static Answer Welcome(HttpRequest request) => Text(
        StatusCodes.Status200OK,
        $"""
        This is Athens Federation, a Go module proxy. To use it:

            export GOPROXY={request.Scheme}://{FailureText.Shown(request.Host.Value, MaxHostShown)}

        Held modules: /catalog and /index. State: /healthz, /readyz, /version.

        """);

    /// <summary>A DNS name has 253 characters, a port six more.</summary>
    private const int MaxHostShown = 260;

    private static Answer MakeVersion()
    {
        var assembly = typeof(NodeAnswers).Assembly;
        string full = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        string[] parts = full.Split('+', 2);

        // Athens' own names for the first two.
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Version"] = parts[0],
            ["Date"] = BuildDate(assembly),
            ["Commit"] = parts.Length > 1 ? parts[1] : "",
        });
        return Plain(StatusCodes.Status200OK, json, AnswerHeaders.Json);
    }

    private static string BuildDate(Assembly assembly) =>
        File.Exists(assembly.Location)
            ? File.GetLastWriteTimeUtc(assembly.Location).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
            : "";

    private static Answer Text(int status, string text) => Plain(status, Encoding.UTF8.GetBytes(text), AnswerHeaders.Text);

    private static Answer Plain(int status, byte[] body, StringValues type) => new()
    {
        Status = status,
        Outcome = status == StatusCodes.Status200OK ? "found" : "unready",
        Body = body,
        ContentType = type,
        CacheControl = AnswerHeaders.NoStore,
    };
}
