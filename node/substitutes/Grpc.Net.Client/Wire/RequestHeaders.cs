using System.Net.Http.Headers;
using Grpc.Core;

namespace Grpc.Net.Client.Wire;

/// <summary>The headers of a call, and its metadata.</summary>
internal static class RequestHeaders
{
    private static readonly string UserAgent =
        $"grpc-athens/{typeof(RequestHeaders).Assembly.GetName().Version?.ToString(3)} (.NET {Environment.Version.ToString(2)})";

    public static void Write(HttpRequestHeaders headers, TimeSpan? timeout, Metadata? metadata)
    {
        if (timeout is { } left)
        {
            headers.TryAddWithoutValidation("grpc-timeout", TimeoutText.Of(left));
        }

        headers.TryAddWithoutValidation("te", "trailers");
        headers.TryAddWithoutValidation("grpc-accept-encoding", "identity");
        foreach (Metadata.Entry entry in metadata ?? Metadata.Empty)
        {
            // No field value of HTTP begins or ends with a space (RFC 9113, 8.2.1): some servers refuse the whole request.
            string value = entry.IsBinary ? Convert.ToBase64String(entry.ValueBytes).TrimEnd('=') : entry.Value.Trim(' ');
            if (value.AsSpan().ContainsAnyExceptInRange(' ', '~') || !headers.TryAddWithoutValidation(entry.Key, value))
            {
                throw new RpcException(new Status(StatusCode.Internal, $"The metadata entry '{entry.Key}' cannot be sent."));
            }
        }

        if (!headers.NonValidated.Contains("user-agent"))
        {
            headers.TryAddWithoutValidation("user-agent", UserAgent);
        }
    }
}
