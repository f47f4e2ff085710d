using Grpc.Core;
using Grpc.Net.Client.Wire;

namespace Grpc.Net.Client.Calls;

/// <summary>The messages of a response, one after the other, and the check that the call ended well after the last.</summary>
/// <param name="single">The response has exactly one message.</param>
internal sealed class ResponseMessages<T>(
    GrpcCall call, Task<Stream> opening, Func<DeserializationContext, T> deserialize, bool single) : IAsyncStreamReader<T>
    where T : class
{
    private readonly MessageReader reader = new(call.MaxReceiveMessageSize);
    private int underWay;
    private int count;

    public T Current { get; private set; } = null!;

    /// <summary>The response of a unary call.</summary>
    public async Task<T> OnlyAsync()
    {
        await MoveNextAsync().ConfigureAwait(false);
        T message = Current;
        await MoveNextAsync().ConfigureAwait(false);
        return message;
    }

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref underWay, 1) == 1)
        {
            throw new InvalidOperationException("The next message is being waited for already.");
        }

        try
        {
            using (cancellationToken.UnsafeRegister(static call => ((GrpcCall)call!).Cancel(), call))
            {
                return await MoveNextAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            Volatile.Write(ref underWay, 0);
        }
    }

    private async ValueTask<bool> MoveNextAsync()
    {
        Current = null!;
        Stream body = await opening.ConfigureAwait(false);
        if (call.End is not null)
        {
            call.ThrowUnlessOk();
            return false;
        }

        try
        {
            if (await reader.ReadAsync(body, deserialize, call.Stopped).ConfigureAwait(false) is { } message)
            {
                Take(message);
                return true;
            }
        }
        catch (RpcException e)
        {
            throw call.Fail(e.Status);
        }
        catch (Exception e)
        {
            throw call.Fail("Error reading next message.", e);
        }

        call.EndByTrailers(Flaw());
        return false;
    }

    private void Take(T message)
    {
        count++;
        if (single && count > 1)
        {
            throw new RpcException(new Status(StatusCode.Internal, "The response of a unary call has more than one message."));
        }

        Current = message;
    }

    private Status? Flaw()
    {
        if (reader.IsInsideMessage)
        {
            return new Status(StatusCode.Internal, "Incomplete message: the response ended in the middle of one.");
        }

        return single && count == 0 ? new Status(StatusCode.Internal, "The response of a unary call has no message.") : null;
    }
}
