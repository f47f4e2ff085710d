using System.Buffers;
using Grpc.AspNetCore.Server.Calls;
using Grpc.Core;

namespace Grpc.AspNetCore.Server.Wire;

/// <summary>Reads the one message of a request, and makes sure that it is one, whole, and the only one.</summary>
internal static class RequestReader
{
    private static readonly Status Incomplete = new(StatusCode.Internal, "Incomplete message.");
    private static readonly Status MoreThanOne = new(StatusCode.Internal, "Additional data after the message received.");

    public static async ValueTask<T> ReadAsync<T>(HttpCallContext call, Func<DeserializationContext, T> deserializer)
        where T : class
    {
        try
        {
            return await ReadBodyAsync(call, deserializer);
        }
        catch (IOException broken)
        {
            throw new RpcException(new Status(StatusCode.Internal, "The request's body did not arrive as it should.", broken));
        }
    }

    private static async ValueTask<T> ReadBodyAsync<T>(HttpCallContext call, Func<DeserializationContext, T> deserializer)
        where T : class
    {
        var body = call.Http.Request.BodyReader;
        T? message = null;
        while (true)
        {
            var read = await body.ReadAsync(call.CancellationToken);
            var rest = read.Buffer;
            bool more;
            try
            {
                if (message is null && TryTake(rest, call, out var payload))
                {
                    message = Deserialize(payload, deserializer);
                    rest = rest.Slice(payload.End);
                }
            }
            finally
            {
                more = !rest.IsEmpty;
                body.AdvanceTo(rest.Start, rest.End);
            }

            if (message is not null && more)
            {
                throw new RpcException(MoreThanOne);
            }

            if (read.IsCompleted)
            {
                return message ?? throw new RpcException(Incomplete);
            }
        }
    }

    private static bool TryTake(ReadOnlySequence<byte> buffer, HttpCallContext call, out ReadOnlySequence<byte> payload)
    {
        payload = default;
        if (buffer.Length < MessagePrefix.Size)
        {
            return false;
        }

        // Read again with every piece that arrives: a length that is refused is refused before the message is awaited.
        var length = MessagePrefix.Read(buffer, call.Http, call.Options.MaxReceiveMessageSize);
        if (buffer.Length < MessagePrefix.Size + (long)length)
        {
            return false;
        }

        payload = buffer.Slice(MessagePrefix.Size, length);
        return true;
    }

    private static T Deserialize<T>(ReadOnlySequence<byte> payload, Func<DeserializationContext, T> deserializer)
    {
        try
        {
            return deserializer(new ReceivedMessage(payload));
        }
        catch (IOException malformed)
        {
            // InvalidProtocolBufferException is one: the sender's fault, not this server's.
            throw new RpcException(new Status(StatusCode.Internal, "The request is no message of the method's type.", malformed));
        }
    }
}
