using System.Buffers;
using System.Buffers.Binary;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Grpc.AspNetCore.Server.Wire;

/// <summary>What stands before a message: whether it is compressed, and its length (PROTOCOL-HTTP2.md, "Length-Prefixed-Message").</summary>
internal static class MessagePrefix
{
    public const int Size = 5;

    /// <summary>Length of the message; throws when it is one that this server does not take.</summary>
    public static int Read(ReadOnlySequence<byte> buffer, HttpContext http, int? limit)
    {
        Span<byte> prefix = stackalloc byte[Size];
        buffer.Slice(0, Size).CopyTo(prefix);
        if (prefix[0] != 0)
        {
            throw new RpcException(Compressed(prefix[0], http));
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        return length <= (limit ?? int.MaxValue) && length <= int.MaxValue - Size
            ? (int)length
            : throw new RpcException(new Status(StatusCode.ResourceExhausted, "Received message exceeds the maximum configured message size."));
    }

    /// <summary>Nothing is compressed among nodes (module zips cannot be), so nothing is decompressed: no bombs.</summary>
    private static Status Compressed(byte flag, HttpContext http)
    {
        var encoding = http.Request.Headers.GrpcEncoding.ToString();
        if (flag != 1)
        {
            return new Status(StatusCode.Internal, "Unexpected compressed flag value in message header.");
        }

        if (encoding is "" or "identity")
        {
            return new Status(StatusCode.Internal, "The message says it is compressed and grpc-encoding says it is not.");
        }

        http.Response.Headers.GrpcAcceptEncoding = "identity";
        return new Status(StatusCode.Unimplemented, $"Unsupported grpc-encoding value '{encoding}'. Supported encodings: identity");
    }
}
