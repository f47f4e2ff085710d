using System.Collections.Concurrent;
using Athens.Federation.Tests.Interop;
using Google.Protobuf;
using Grpc.Core;

namespace Athens.Federation.Tests.Substitutes.GrpcAspNetCore;

/// <summary>What happened at the server, for a test to wait for.</summary>
internal sealed class ServerSight
{
    /// <summary>Released when a call's token was cancelled.</summary>
    public SemaphoreSlim Cancelled { get; } = new(0);

    /// <summary>Ends calls that heed nothing.</summary>
    public TaskCompletionSource Deaf { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What calls found out about themselves.</summary>
    public ConcurrentQueue<string> Notes { get; } = [];

    /// <summary>Released when a stream has ended, one way or the other.</summary>
    public SemaphoreSlim Ended { get; } = new(0);
}

/// <summary>The test service (tests/protos), served by the server under test.</summary>
internal sealed class InteropService(ServerSight sight) : Interop.Interop.InteropBase
{
    public override async Task<Message> Echo(Message request, ServerCallContext context)
    {
        var mine = context.RequestHeaders.Where(entry => entry.Key.StartsWith("x-", StringComparison.Ordinal)).ToList();
        Metadata headers = [.. mine];
        foreach (var entry in mine)
        {
            context.ResponseTrailers.Add(entry.IsBinary ? new Metadata.Entry("t" + entry.Key, entry.ValueBytes) : new Metadata.Entry("t" + entry.Key, entry.Value));
        }

        await context.WriteResponseHeadersAsync(headers);
        return request;
    }

    public override async Task Stream(Order request, IServerStreamWriter<Message> responseStream, ServerCallContext context)
    {
        try
        {
            for (var n = 0; n < request.Count; n++)
            {
                var data = new byte[request.Size];
                data.AsSpan().Fill((byte)(n % 251));
                await responseStream.WriteAsync(new Message { Data = UnsafeByteOperations.UnsafeWrap(data) });
            }
        }
        finally
        {
            sight.Ended.Release();
        }

        if (request.Code != 0)
        {
            context.Status = new Status((StatusCode)request.Code, request.Words);
        }
    }

    public override Task<Message> Fail(Order request, ServerCallContext context) => request.Code switch
    {
        < 0 => throw new InvalidOperationException(request.Words),
        _ when request.Details.IsEmpty => throw new RpcException(new Status((StatusCode)request.Code, request.Words)),
        _ => throw new RpcException(
            new Status((StatusCode)request.Code, request.Words), new Metadata { { "grpc-status-details-bin", request.Details.ToByteArray() } }),
    };

    public override async Task<Message> Hang(Order request, ServerCallContext context)
    {
        await HangAsync(request, context);
        return new Message();
    }

    public override async Task HangAfter(Order request, IServerStreamWriter<Message> responseStream, ServerCallContext context)
    {
        for (var n = 0; n < request.Count; n++)
        {
            await responseStream.WriteAsync(new Message { Data = ByteString.CopyFrom(new byte[request.Size]) });
        }

        await HangAsync(request, context);
    }

    private async Task HangAsync(Order request, ServerCallContext context)
    {
        sight.Notes.Enqueue($"deadline in {(context.Deadline - TimeProvider.System.GetUtcNow().UtcDateTime).TotalSeconds:F1} s");
        using var seen = context.CancellationToken.Register(() => sight.Cancelled.Release());
        await (request.Words == "deaf" ? sight.Deaf.Task : Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken));
    }
}
