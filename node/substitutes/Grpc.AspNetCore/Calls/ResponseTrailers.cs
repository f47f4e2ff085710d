using System.Globalization;
using Grpc.AspNetCore.Server.Wire;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>The end of an answer: status and metadata, as trailers, or among the headers when nothing was sent before.</summary>
internal static class ResponseTrailers
{
    public static void Write(HttpResponse response, Status status, Metadata? metadata)
    {
        var destination = response.HasStarted
            ? response.HttpContext.Features.Get<IHttpResponseTrailersFeature>()?.Trailers
                ?? throw new InvalidOperationException("this server cannot send trailers")
            : response.Headers;
        Append(destination, metadata);
        destination[HeaderNames.GrpcStatus] = ((int)status.StatusCode).ToString(CultureInfo.InvariantCulture);
        destination[HeaderNames.GrpcMessage] = string.IsNullOrEmpty(status.Detail) ? default : PercentText.Encode(status.Detail);
    }

    /// <summary>Adds metadata to headers or trailers: text as it is, bytes in base64.</summary>
    public static void Append(IHeaderDictionary destination, Metadata? metadata)
    {
        if (metadata is null)
        {
            return;
        }

        foreach (var entry in metadata)
        {
            // No field value of HTTP begins or ends with a space. Not Append: that leaves empty values out.
            var value = entry.IsBinary ? Convert.ToBase64String(entry.ValueBytes) : entry.Value.Trim(' ');
            destination[entry.Key] = StringValues.Concat(destination[entry.Key], value);
        }
    }
}
