using System.Buffers;

namespace Grpc.Core;

/// <summary>
/// Where one message is written. Either <see cref="Complete(byte[])"/> alone, or <see cref="SetPayloadLength"/> (optional),
/// <see cref="GetBufferWriter"/>, <see cref="Complete()"/> in this order.
/// </summary>
public abstract class SerializationContext
{
    /// <summary>The whole message; the array belongs to the call from now on.</summary>
    public virtual void Complete(byte[] payload) => throw new NotImplementedException();

    /// <summary>Where to write the message.</summary>
    public virtual IBufferWriter<byte> GetBufferWriter() => throw new NotImplementedException();

    /// <summary>Tells the length in bytes beforehand, so that the message needs no buffer of its own.</summary>
    public virtual void SetPayloadLength(int payloadLength)
    {
    }

    /// <summary>The message is written.</summary>
    public virtual void Complete() => throw new NotImplementedException();
}
