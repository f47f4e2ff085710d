using System.Buffers;
using Grpc.Core;

namespace Grpc.AspNetCore.Server.Wire;

/// <summary>A message in the request's own buffers.</summary>
internal sealed class ReceivedMessage(ReadOnlySequence<byte> payload) : DeserializationContext
{
    public override int PayloadLength => (int)payload.Length;

    public override byte[] PayloadAsNewBuffer() => payload.ToArray();

    public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => payload;
}
