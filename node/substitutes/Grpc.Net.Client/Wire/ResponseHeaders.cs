using System.Buffers;
using System.Net.Http.Headers;
using Grpc.Core;

namespace Grpc.Net.Client.Wire;

/// <summary>Metadata from the headers and trailers of a response. What the protocol itself uses is left out.</summary>
internal static class ResponseHeaders
{
    private static readonly SearchValues<char> KeyCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    public static Metadata Read(HttpResponseMessage response)
    {
        Metadata metadata = [];
        Add(metadata, response.Headers);
        Add(metadata, response.Content.Headers);
        return metadata;
    }

    public static Metadata Read(HttpHeaders headers)
    {
        Metadata metadata = [];
        Add(metadata, headers);
        return metadata;
    }

    private static void Add(Metadata metadata, HttpHeaders headers)
    {
        foreach ((string name, HeaderStringValues values) in headers.NonValidated)
        {
            // A header that is no metadata key is HTTP's business, not the caller's.
            if (IsOfProtocol(name) || name.AsSpan().ContainsAnyExcept(KeyCharacters))
            {
                continue;
            }

            foreach (string value in values)
            {
                Add(metadata, name, value);
            }
        }
    }

    private static void Add(Metadata metadata, string name, string value)
    {
        if (!name.EndsWith(Metadata.BinaryHeaderSuffix, StringComparison.OrdinalIgnoreCase))
        {
            metadata.Add(name, value);
            return;
        }

        // Values of one name may have been joined on the way. One that is no base64 is lost: it must not hide the status beside it.
        foreach (Range part in value.AsSpan().Split(','))
        {
            if (Base64Text.TryDecode(value.AsSpan()[part], out byte[] bytes))
            {
                metadata.Add(name, bytes);
            }
        }
    }

    private static bool IsOfProtocol(string name) => name.ToUpperInvariant() is
        "CONTENT-TYPE" or "GRPC-STATUS" or "GRPC-MESSAGE" or "GRPC-ENCODING" or "GRPC-ACCEPT-ENCODING";
}
