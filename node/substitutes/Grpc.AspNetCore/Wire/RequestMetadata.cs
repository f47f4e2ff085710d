using System.Buffers;
using System.Buffers.Text;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Grpc.AspNetCore.Server.Wire;

/// <summary>Metadata among a request's headers.</summary>
internal static class RequestMetadata
{
    private static readonly HashSet<string> NotMetadata = new(StringComparer.OrdinalIgnoreCase)
    {
        HeaderNames.GrpcEncoding,
        HeaderNames.GrpcAcceptEncoding,
        HeaderNames.GrpcTimeout,
        HeaderNames.ContentEncoding,
        HeaderNames.ContentType,
        HeaderNames.TE,
        HeaderNames.Host,
        HeaderNames.AcceptEncoding,
    };

    private static readonly SearchValues<char> KeyCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    public static Metadata Of(IHeaderDictionary headers)
    {
        Metadata metadata = [];
        foreach (var (key, values) in headers)
        {
            // HTTP allows names that metadata has not; such a header is none.
            if (NotMetadata.Contains(key) || key.AsSpan().ContainsAnyExcept(KeyCharacters))
            {
                continue;
            }

            if (!key.EndsWith(Metadata.BinaryHeaderSuffix, StringComparison.OrdinalIgnoreCase))
            {
                metadata.Add(key, values.ToString());
                continue;
            }

            foreach (var value in values.ToString().Split(','))
            {
                metadata.Add(key, Decode(key, value.Trim(' ')));
            }
        }

        return metadata;
    }

    /// <summary>Base64 with or without padding (PROTOCOL-HTTP2.md: senders may leave it out, receivers take both).</summary>
    private static byte[] Decode(string key, string value)
    {
        var padded = value.Length % 4 == 0 ? value : value.PadRight(value.Length + 4 - (value.Length % 4), '=');
        return Base64.IsValid(padded)
            ? Convert.FromBase64String(padded)
            : throw new RpcException(new Status(StatusCode.Internal, $"metadata {key} is not base64"));
    }
}
