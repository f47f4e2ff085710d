using System.Buffers;
using Grpc.Core;

namespace Grpc.Net.Client.Wire;

/// <summary>What a deserializer sees of a message: a rented buffer, its own only until it returns.</summary>
internal sealed class ReceivedMessage : DeserializationContext
{
    private ReadOnlyMemory<byte> payload;

    public override int PayloadLength => payload.Length;

    public override byte[] PayloadAsNewBuffer() => payload.ToArray();

    public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => new(payload);

    public T Deserialize<T>(Func<DeserializationContext, T> deserialize, byte[] buffer, int length)
    {
        payload = buffer.AsMemory(0, length);
        try
        {
            return deserialize(this);
        }
        catch (Exception e)
        {
            throw new RpcException(new Status(StatusCode.Internal, $"Failed to deserialize response message. {e.GetType().Name}: {e.Message}", e));
        }
        finally
        {
            payload = default;
        }
    }
}
