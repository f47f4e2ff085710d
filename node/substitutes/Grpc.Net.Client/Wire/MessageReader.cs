using System.Buffers;
using System.Buffers.Binary;
using Grpc.Core;

namespace Grpc.Net.Client.Wire;

/// <summary>Takes length-prefixed messages from a response's body.</summary>
/// <param name="limit">Bytes of the largest message; null: any.</param>
internal sealed class MessageReader(int? limit)
{
    /// <summary>One byte of flags, four of length.</summary>
    public const int PrefixLength = 5;

    /// <summary>
    /// What is rented for a message before any of it has come: more only as bytes arrive, so that a server cannot have the
    /// whole limit set aside with a length alone. Takes the largest frame of the project's own service in one piece.
    /// </summary>
    private const int FirstRent = (256 + 1) << 10;

    private readonly byte[] prefix = new byte[PrefixLength];
    private readonly ReceivedMessage received = new();
    private int prefixLength;

    /// <summary>Whether the body's end came in the middle of a message.</summary>
    public bool IsInsideMessage { get; private set; }

    /// <summary>The next message; null at the end of the body, see <see cref="IsInsideMessage"/>.</summary>
    public async ValueTask<T?> ReadAsync<T>(Stream body, Func<DeserializationContext, T> deserialize, CancellationToken cancellationToken)
        where T : class
    {
        if (!await ReadPrefixAsync(body, cancellationToken).ConfigureAwait(false))
        {
            IsInsideMessage = prefixLength > 0;
            return null;
        }

        int length = Length();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Math.Min(length, FirstRent) + PrefixLength);
        try
        {
            int filled = 0;
            while (filled < length)
            {
                if (filled == buffer.Length)
                {
                    buffer = Enlarge(buffer, length);
                }

                // The next message's prefix may come along, but no more: what is left over stays tiny.
                int wanted = Math.Min(length + PrefixLength, buffer.Length) - filled;
                int read = await body.ReadAsync(buffer.AsMemory(filled, wanted), cancellationToken).ConfigureAwait(false);
                if (read == 0)
                {
                    IsInsideMessage = true;
                    return null;
                }

                filled += read;
            }

            prefixLength = filled - length;
            buffer.AsSpan(length, prefixLength).CopyTo(prefix);
            return received.Deserialize(deserialize, buffer, length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask<bool> ReadPrefixAsync(Stream body, CancellationToken cancellationToken)
    {
        while (prefixLength < PrefixLength)
        {
            int read = await body.ReadAsync(prefix.AsMemory(prefixLength), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return false;
            }

            prefixLength += read;
        }

        return true;
    }

    private int Length()
    {
        prefixLength = 0;
        if (prefix[0] != 0)
        {
            throw new RpcException(new Status(
                StatusCode.Internal,
                prefix[0] == 1 ? "The message is compressed, which was not offered: only identity is." : "The message's flags are unknown."));
        }

        uint length = BinaryPrimitives.ReadUInt32BigEndian(prefix.AsSpan(1));
        return length <= (limit ?? Array.MaxLength - PrefixLength)
            ? (int)length
            : throw new RpcException(new Status(
                StatusCode.ResourceExhausted, "Received message exceeds the maximum configured message size."));
    }

    private static byte[] Enlarge(byte[] full, int length)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min((long)length + PrefixLength, 2L * full.Length));
        full.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(full);
        return larger;
    }
}
