using System.Net;
using Grpc.Core;
using Grpc.Net.Client.Wire;

namespace Grpc.Net.Client.Calls;

/// <summary>One call from its start to its one end: by the server, its deadline, its caller, or a failure on the way.</summary>
internal sealed class GrpcCall : IDisposable
{
    private readonly Lock gate = new(); // guards response, end, canceledByCaller
    private readonly GrpcChannel channel;
    private readonly string method;
    private readonly CallOptions options;
    private readonly CancellationTokenSource stop = new();
    private readonly TaskCompletionSource<Metadata> headers = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CallDeadline deadline;
    private CancellationTokenRegistration canceledByCaller;
    private HttpResponseMessage? response;
    private CallEnd? end;

    public GrpcCall(GrpcChannel channel, string method, CallOptions options)
    {
        this.channel = channel;
        this.method = method;
        this.options = options;
        deadline = new CallDeadline(options.Deadline, this);
        channel.Add(this);
    }

    /// <summary>The response's headers, as soon as they are there.</summary>
    public Task<Metadata> Headers => headers.Task;

    /// <summary>Canceled when the call has ended before its response has.</summary>
    public CancellationToken Stopped => stop.Token;

    public int? MaxSendMessageSize => channel.MaxSendMessageSize;

    public int? MaxReceiveMessageSize => channel.MaxReceiveMessageSize;

    public HttpResponseMessage Response => response ?? throw new InvalidOperationException("the call has no response yet");

    public CallEnd? End
    {
        get
        {
            lock (gate)
            {
                return end;
            }
        }
    }

    public Status GetStatus() =>
        End?.Status ?? throw new InvalidOperationException("The call has not ended: it has no status yet.");

    public Metadata GetTrailers() =>
        End?.Trailers ?? throw new InvalidOperationException("The call has not ended: it has no trailers yet.");

    /// <summary>Sends the request and waits for the response's headers; the response's body. Throws <see cref="Failure"/>.</summary>
    public async Task<Stream> SendAsync(Func<byte[]> message)
    {
        try
        {
            Arm();
            ThrowIfEnded();
            ClientLog.Calling(channel.Log, method, channel.Address);
            HttpRequestMessage request = NewRequest(message());
            Accept(await channel.SendAsync(request, stop.Token).ConfigureAwait(false));
            return await OpenAsync().ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            throw Fail(e.Status);
        }
        catch (Exception e)
        {
            throw Fail("Error starting gRPC call.", e);
        }
    }

    /// <summary>
    /// Ends the call with what the server said after the last message, unless it has ended already. A response that breaks a
    /// rule is not taken for a success, whatever the server says.
    /// </summary>
    public void EndByTrailers(Status? flaw)
    {
        (Status status, Metadata trailers) = ResponseStatus.AtEnd(Response);
        EndByServer(status.StatusCode == StatusCode.OK && flaw is { } broken ? broken : status, trailers);
        ThrowUnlessOk();
    }

    /// <summary>Ends the call because of something wrong on the way, unless it has ended already; what to throw.</summary>
    public Exception Fail(string doing, Exception exception) => Fail(ErrorStatus.Of(doing, exception));

    /// <inheritdoc cref="Fail(string, Exception)"/>
    public Exception Fail(Status status)
    {
        EndByServer(status, []);
        return Failure();
    }

    /// <summary>What a call that has not ended well throws.</summary>
    public Exception Failure()
    {
        CallEnd ended = End ?? throw new InvalidOperationException("the call has not ended");
        RpcException failure = new(ended.Status, ended.Trailers);
        return ended.Canceled && channel.ThrowOnCancellation
            ? new OperationCanceledException(ended.Status.Detail, failure, options.CancellationToken)
            : failure;
    }

    public void ThrowUnlessOk()
    {
        if (GetStatus().StatusCode != StatusCode.OK)
        {
            throw Failure();
        }
    }

    /// <summary>The caller's token, or the one of a read.</summary>
    public void Cancel() => Finish(new CallEnd(new Status(StatusCode.Cancelled, "Call canceled by the client."), [], Canceled: true));

    public void ExceedDeadline() => Finish(CallDeadline.Exceeded());

    public void Dispose() => Finish(new CallEnd(new Status(StatusCode.Cancelled, "gRPC call disposed."), []));

    private void Arm()
    {
        deadline.Start();
        CancellationTokenRegistration registration =
            options.CancellationToken.UnsafeRegister(static call => ((GrpcCall)call!).Cancel(), this);
        lock (gate)
        {
            if (end is null)
            {
                canceledByCaller = registration;
                return;
            }
        }

        registration.Unregister();
    }

    private void ThrowIfEnded()
    {
        if (End is not null)
        {
            throw Failure();
        }
    }

    private HttpRequestMessage NewRequest(byte[] message)
    {
        HttpRequestMessage request = new(HttpMethod.Post, new Uri(channel.Address, method))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new RequestContent(message),
        };
        RequestHeaders.Write(request.Headers, deadline.Remaining, options.Headers);
        return request;
    }

    private void Accept(HttpResponseMessage received)
    {
        lock (gate)
        {
            response = received;
            if (end is null)
            {
                return;
            }
        }

        received.Dispose();
        throw Failure();
    }

    private async Task<Stream> OpenAsync()
    {
        headers.TrySetResult(ResponseHeaders.Read(Response));
        if (ResponseStatus.OfHeaders(Response) is { StatusCode: not StatusCode.OK } status)
        {
            EndByServer(status, ResponseHeaders.Read(Response));
            throw Failure();
        }

        return await Response.Content.ReadAsStreamAsync(stop.Token).ConfigureAwait(false);
    }

    private void EndByServer(Status status, Metadata trailers)
    {
        // The server's clock may be ahead of this side's timer (the gRPC protocol, "Client Cancellation").
        bool late = status.StatusCode == StatusCode.Cancelled && deadline.HasPassed;
        Finish(late ? CallDeadline.Exceeded() : new CallEnd(status, trailers));
    }

    private void Finish(CallEnd how)
    {
        HttpResponseMessage? unfinished;
        lock (gate)
        {
            if (end is not null)
            {
                return;
            }

            end = how;
            unfinished = response;
            canceledByCaller.Unregister();
        }

        deadline.Dispose();
        channel.Remove(this);
        if (how.Status.StatusCode != StatusCode.OK)
        {
            ClientLog.Failed(channel.Log, method, how.Status.StatusCode, how.Status.Detail);
        }

        // A response that is not at its end yet is reset by this: the server is told CANCEL.
        stop.Cancel();
        unfinished?.Dispose();
        if (!headers.Task.IsCompleted && headers.TrySetException(Failure()))
        {
            _ = headers.Task.Exception;
        }
    }
}
