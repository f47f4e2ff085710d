using Grpc.AspNetCore.Server.Wire;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>One call from the request's headers to the status: whatever happens on the way, it ends with exactly one status.</summary>
internal sealed class CallHandler<TRequest>(
    Marshaller<TRequest> marshaller,
    Func<HttpCallContext, TRequest, Task> run,
    GrpcServiceOptions options,
    ILogger logger)
    where TRequest : class
{
    public async Task HandleAsync(HttpContext http)
    {
        if (!HttpRules.Admit(http))
        {
            return;
        }

        using var call = new HttpCallContext(http, options);
        var ending = RunAsync(call);
        if (!ending.IsCompleted && call.DeadlinePassing is { } deadline && await Task.WhenAny(ending, deadline) == deadline)
        {
            // A method that does not heed its token holds up neither the client nor, beyond its own end, the server.
            await call.EndAsync(CallDeadline.Exceeded, early: true);
        }

        await call.EndAsync(await ending, early: false);
    }

    private async Task<Status> RunAsync(HttpCallContext call)
    {
        try
        {
            var request = await RequestReader.ReadAsync(call, marshaller.ContextualDeserializer);
            await run(call, request);
            return call.Status;
        }
        catch (Exception) when (call.HasDeadlinePassed)
        {
            return CallDeadline.Exceeded;
        }
        catch (RpcException refusal)
        {
            call.AddTrailers(refusal.Trailers);
            return refusal.Status;
        }
        catch (Exception cause) when (call.Http.RequestAborted.IsCancellationRequested)
        {
            // The client will not see it; it is for whoever reads the context after the call.
            logger.ClientGone(call.Method, cause.Message);
            return Status.DefaultCancelled;
        }
        catch (Exception cause)
        {
            logger.MethodFailed(cause, call.Method);
            const string Words = "Exception was thrown by handler.";
            return new Status(StatusCode.Unknown, options.EnableDetailedErrors == true ? $"{Words} {cause.GetType().Name}: {cause.Message}" : Words);
        }
    }
}
