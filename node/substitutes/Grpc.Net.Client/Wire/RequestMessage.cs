using System.Buffers;
using System.Buffers.Binary;
using Grpc.Core;

namespace Grpc.Net.Client.Wire;

/// <summary>
/// Where a request is written, with room for its prefix. The array is the call's own and not rented: HTTP may still read it,
/// or send it again on another connection, when the call is over.
/// </summary>
internal sealed class RequestMessage : SerializationContext, IBufferWriter<byte>
{
    private const int UnknownLength = 256;
    private byte[] frame = [];
    private int end = MessageReader.PrefixLength;
    private bool complete;

    /// <summary>The message as it goes over the wire, prefix included.</summary>
    /// <param name="limit">Bytes of the largest message; null: any.</param>
    public static byte[] Of<T>(Marshaller<T> marshaller, T message, int? limit)
    {
        RequestMessage request = new();
        try
        {
            marshaller.ContextualSerializer(message, request);
        }
        catch (Exception e)
        {
            throw new RpcException(new Status(StatusCode.Internal, $"Failed to serialize request message. {e.GetType().Name}: {e.Message}", e));
        }

        int length = request.end - MessageReader.PrefixLength;
        if (!request.complete)
        {
            throw new RpcException(new Status(StatusCode.Internal, "The request's serializer did not complete it."));
        }

        if (length > limit)
        {
            throw new RpcException(new Status(StatusCode.ResourceExhausted, "Sending message exceeds the maximum configured message size."));
        }

        BinaryPrimitives.WriteInt32BigEndian(request.frame.AsSpan(1), length);
        return request.frame.Length == request.end ? request.frame : request.frame[..request.end];
    }

    public override void SetPayloadLength(int payloadLength) => frame = new byte[MessageReader.PrefixLength + payloadLength];

    public override IBufferWriter<byte> GetBufferWriter() => this;

    public override void Complete(byte[] payload)
    {
        SetPayloadLength(payload.Length);
        payload.CopyTo(frame, MessageReader.PrefixLength);
        end = frame.Length;
        complete = true;
    }

    public override void Complete()
    {
        Reserve(0);
        complete = true;
    }

    public void Advance(int count) => end += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return frame.AsMemory(end);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    private void Reserve(int count)
    {
        if (frame.Length - end < count)
        {
            Array.Resize(ref frame, Math.Max(end + count, Math.Max(UnknownLength, frame.Length * 2)));
        }
    }
}
