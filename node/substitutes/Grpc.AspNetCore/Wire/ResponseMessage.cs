using System.Buffers;
using System.Buffers.Binary;
using Grpc.Core;

namespace Grpc.AspNetCore.Server.Wire;

/// <summary>
/// A message on its way into the response. When its length is told beforehand, as generated code does, prefix and message go
/// straight into the response's buffers.
/// </summary>
internal sealed class ResponseMessage(IBufferWriter<byte> response, int? limit) : SerializationContext
{
    private int? length;
    private ArrayBufferWriter<byte>? collected;

    public override void SetPayloadLength(int payloadLength) => length = payloadLength;

    public override IBufferWriter<byte> GetBufferWriter()
    {
        if (length is not { } known)
        {
            return collected ??= new ArrayBufferWriter<byte>();
        }

        WritePrefix(known);
        return response;
    }

    public override void Complete()
    {
        if (length is null)
        {
            Write((collected ?? throw new InvalidOperationException("the message was not written")).WrittenSpan);
        }
    }

    public override void Complete(byte[] payload) => Write(payload);

    private void Write(ReadOnlySpan<byte> payload)
    {
        WritePrefix(payload.Length);
        response.Write(payload);
    }

    /// <summary>Not compressed, and the length in four bytes, big endian.</summary>
    private void WritePrefix(int payload)
    {
        if (payload > limit)
        {
            throw new RpcException(new Status(StatusCode.ResourceExhausted, "Sending message exceeds the maximum configured message size."));
        }

        var prefix = response.GetSpan(MessagePrefix.Size);
        prefix[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(prefix[1..], (uint)payload);
        response.Advance(MessagePrefix.Size);
    }
}
