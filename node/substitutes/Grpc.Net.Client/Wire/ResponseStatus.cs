using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;

namespace Grpc.Net.Client.Wire;

/// <summary>What a response says about how the call ended (PROTOCOL-HTTP2.md and http-grpc-status-mapping.md of gRPC).</summary>
internal static class ResponseStatus
{
    private const string ContentType = "application/grpc";

    /// <summary>Longest piece of a header that is repeated in a status's detail: it came from who knows whom.</summary>
    private const int LongestQuote = 100;

    /// <summary>The status that stands in the headers already, or that follows from them; null when messages come first.</summary>
    public static Status? OfHeaders(HttpResponseMessage response)
    {
        Status? status = Read(response.Headers);
        if (status is { StatusCode: not StatusCode.OK })
        {
            return status;
        }

        if (response.StatusCode != HttpStatusCode.OK)
        {
            return new Status(OfHttp(response.StatusCode), $"Bad gRPC response. HTTP status code: {(int)response.StatusCode}");
        }

        string type = Value(response.Content.Headers, "content-type") ?? "";
        return IsGrpc(type)
            ? status
            : new Status(StatusCode.Unknown, $"Bad gRPC response. Invalid content-type value: {Quote(type)}");
    }

    /// <summary>The status after the last message, and the metadata with it.</summary>
    public static (Status Status, Metadata Trailers) AtEnd(HttpResponseMessage response)
    {
        if (Read(response.Headers) is { } early)
        {
            return (early, ResponseHeaders.Read(response));
        }

        Status status = Read(response.TrailingHeaders) ?? new Status(StatusCode.Unknown, "No grpc-status found on response.");
        return (status, ResponseHeaders.Read(response.TrailingHeaders));
    }

    private static Status? Read(HttpHeaders headers)
    {
        if (Value(headers, "grpc-status") is not { } text)
        {
            return null;
        }

        string detail = PercentText.Decode(Value(headers, "grpc-message") ?? "");
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int code) && code <= (int)StatusCode.Unauthenticated)
        {
            return new Status((StatusCode)code, detail);
        }

        return new Status(StatusCode.Unknown, $"Unexpected grpc-status value: {Quote(text)}. {detail}");
    }

    private static string? Value(HttpHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out HeaderStringValues values) ? values.FirstOrDefault() : null;

    private static bool IsGrpc(string type) =>
        type.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase) &&
        (type.Length == ContentType.Length || type[ContentType.Length] is '+' or ';' or ' ');

    private static string Quote(string text) => text.Length <= LongestQuote ? text : text[..LongestQuote] + "…";

    private static StatusCode OfHttp(HttpStatusCode code) => code switch
    {
        HttpStatusCode.BadRequest or HttpStatusCode.RequestHeaderFieldsTooLarge => StatusCode.Internal,
        HttpStatusCode.Unauthorized => StatusCode.Unauthenticated,
        HttpStatusCode.Forbidden => StatusCode.PermissionDenied,
        HttpStatusCode.NotFound => StatusCode.Unimplemented,
        HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or
            HttpStatusCode.GatewayTimeout => StatusCode.Unavailable,
        _ => StatusCode.Unknown,
    };
}
