using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>What a request must be before it is a call (PROTOCOL-HTTP2.md, "Requests").</summary>
internal static class HttpRules
{
    private const string ContentType = "application/grpc";

    /// <summary>Begins the answer; false when the request was refused and the answer says so.</summary>
    public static bool Admit(HttpContext http)
    {
        if (!IsGrpc(http.Request.ContentType))
        {
            Refuse(http.Response, StatusCodes.Status415UnsupportedMediaType, "the content type of a gRPC call is application/grpc");
            return false;
        }

        if (!HttpProtocol.IsHttp2(http.Request.Protocol) && !HttpProtocol.IsHttp3(http.Request.Protocol))
        {
            http.Response.Headers[HeaderNames.Upgrade] = HttpProtocol.Http2;
            Refuse(http.Response, StatusCodes.Status426UpgradeRequired, $"gRPC needs HTTP/2, this is {http.Request.Protocol}");
            return false;
        }

        http.Response.ContentType = ContentType;
        return true;
    }

    /// <summary>application/grpc, alone or followed by a message format or parameters. Not application/grpc-web.</summary>
    public static bool IsGrpc(string? contentType) =>
        contentType is not null && contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase) &&
        (contentType.Length == ContentType.Length || contentType[ContentType.Length] is '+' or ';');

    private static void Refuse(HttpResponse response, int code, string words)
    {
        response.StatusCode = code;
        ResponseTrailers.Write(response, new Status(StatusCode.Internal, words), null);
    }
}
