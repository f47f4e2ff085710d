using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;

namespace Athens.Federation.Simulator.Network;

/// <summary>What can end a call early: its caller, its deadline, the answering node, the connection.</summary>
internal sealed class CallEnd : IHttpRequestLifetimeFeature, IDisposable
{
    private readonly SimulatedLine line;
    private readonly CancellationToken caller;
    private readonly CancellationTokenSource all;
    private readonly CancellationTokenRegistration ofCaller;
    private readonly CancellationTokenRegistration ofLine;
    private readonly ITimer? deadline;
    private bool isLate;
    private bool isAborted;
    private bool isDisposed;

    public CallEnd(SimulatedNetwork network, SimulatedLine line, CallOptions options)
    {
        this.line = line;
        caller = options.CancellationToken;
        all = new CancellationTokenSource();
        Token = all.Token;
        ofCaller = caller.UnsafeRegister(static end => ((CallEnd)end!).Cancel(), this);
        ofLine = line.Broken.UnsafeRegister(static end => ((CallEnd)end!).Cancel(), this);
        if (options.Deadline is { } moment)
        {
            TimeSpan left = moment - network.Time.GetUtcNow().UtcDateTime;
            deadline = network.Time.CreateTimer(static end => ((CallEnd)end!).Expire(), this, left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    public CancellationToken Token { get; }

    CancellationToken IHttpRequestLifetimeFeature.RequestAborted
    {
        get => Token;
        set => throw new NotSupportedException();
    }

    public void Cancel()
    {
        if (!isDisposed)
        {
            all.Cancel();
        }
    }

    public void Abort()
    {
        isAborted = true;
        Cancel();
    }

    /// <summary>How the caller sees it.</summary>
    public RpcException Of(Exception exception) => exception switch
    {
        RpcException status => status,
        OperationCanceledException when isLate => new RpcException(new Status(StatusCode.DeadlineExceeded, "the deadline is over")),
        OperationCanceledException when caller.IsCancellationRequested => new RpcException(new Status(StatusCode.Cancelled, "cancelled")),
        OperationCanceledException when line.Broken.IsCancellationRequested || isAborted => SimulatedLine.Failure("the connection was lost"),
        OperationCanceledException => new RpcException(new Status(StatusCode.Cancelled, "cancelled")),
        _ => new RpcException(new Status(StatusCode.Internal, exception.ToString())),
    };

    public void Dispose()
    {
        if (isDisposed)
        {
            return;
        }

        // Whoever still works for the call learns that nobody waits for it.
        all.Cancel();
        Finish();
    }

    /// <summary>Nothing can end the call any more; what it has sent may still be read.</summary>
    public void Finish()
    {
        isDisposed = true;
        ofCaller.Dispose();
        ofLine.Dispose();
        deadline?.Dispose();
    }

    private void Expire()
    {
        isLate = true;
        Cancel();
    }
}
