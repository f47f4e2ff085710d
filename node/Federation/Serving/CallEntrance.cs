using System.Diagnostics;
using Athens.Federation.Node.Telemetry;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;

namespace Athens.Federation.Node.Federation.Serving;

/// <summary>
/// Where every call enters and leaves: who calls, whether it may now, and which status it ends with. Nothing that happens
/// inside reaches a peer but what federation.proto has.
/// </summary>
internal sealed class CallEntrance(PeerList peers, PeerLimits limits, Guests guests, TimeProvider time, ILogger logger)
{
    private const string ForStrangers = "/athens.federation.v1.PeerService/";

    // A broken disk would be told of as often as peers ask.
    private readonly ScarceLines storeLines = new(time);
    private readonly ScarceLines faultLines = new(time);

    /// <param name="context">The call.</param>
    /// <param name="method">Its name, for metrics.</param>
    /// <param name="cost">What it is worth against the peer's rate, in plain calls.</param>
    /// <param name="answer">What to do once it is let in.</param>
    public Task<T> PassAsync<T>(ServerCallContext context, string method, int cost, Func<ServedCall, Task<T>> answer) =>
        PassAsync(context, method, http => LetIn(http, context, cost), answer);

    /// <summary>The same for a method that guests may call too.</summary>
    /// <param name="context">The call.</param>
    /// <param name="method">Its name, for metrics.</param>
    /// <param name="answer">What to do once it is let in.</param>
    public Task<T> PassGuestAsync<T>(ServerCallContext context, string method, Func<ServedCall, Task<T>> answer) =>
        PassAsync(context, method, http => LetGuestIn(http, context), answer);

    private async Task<T> PassAsync<T>(ServerCallContext context, string method, Func<HttpContext, ServedCall> letIn, Func<ServedCall, Task<T>> answer)
    {
        StatusCode status = StatusCode.OK;
        HttpContext http = context.GetHttpContext();
        try
        {
            ServedCall call = letIn(http);

            // It ends when its answer has left: see Departures.
            http.Features.Set(call);
            return await answer(call);
        }
        catch (Exception exception)
        {
            RpcException ending = Ending(context, method, exception);
            status = ending.StatusCode;
            throw ending;
        }
        finally
        {
            Meters.Served(method, status.ToString());
            Describe(http, context.Method, status);
        }
    }

    private ServedCall LetIn(HttpContext http, ServerCallContext context, int cost)
    {
        // Asked with every call and not only in the handshake: a connection may be older than the last change of the peers.
        if (http.Features.Get<PeerCaller>() is not { } caller || peers.Find(caller.Key) is not { } peer)
        {
            throw Refusal.Of(StatusCode.PermissionDenied, "the certificate's key is no peer of this node");
        }

        // Whoever was merely found on the LAN may ask for modules, and for nothing that members tell one another.
        return peer.Origin == PeerOrigin.Found && !context.Method.StartsWith(ForStrangers, StringComparison.Ordinal)
            ? throw Refusal.Of(StatusCode.FailedPrecondition, "strangers may ask for modules only")
            : Admit(peer, limits.TryEnter(peer, cost), context);
    }

    private ServedCall LetGuestIn(HttpContext http, ServerCallContext context) =>
        http.Features.Get<PeerCaller>() is { } caller
            ? Admit(peers.Find(caller.Key) ?? Guests.Of(caller.Key), guests.TryEnter(), context)
            : throw Refusal.Of(StatusCode.PermissionDenied, "the connection has no key");

    private static ServedCall Admit(PeerOptions peer, CallAdmission admission, ServerCallContext context) =>
        admission.Lease is { } lease ? new ServedCall(peer, lease, context)
        : admission.ComeBack >= TimeSpan.Zero ? throw Refusal.TooMuch(admission.Reason, admission.ComeBack)
        : throw Refusal.Of(StatusCode.PermissionDenied, admission.Reason);

    private RpcException Ending(ServerCallContext context, string method, Exception exception)
    {
        switch (exception)
        {
            case RpcException refused:
                return refused;
            case var _ when context.CancellationToken.IsCancellationRequested:
                // Whatever it looks like (a reset stream shows in several ways): the caller has left.
                return Refusal.Of(StatusCode.Cancelled, "the call was cancelled");
            case OperationCanceledException or ObjectDisposedException:
                return Refusal.Of(StatusCode.Unavailable, "this node is going down");
            case IOException:
                if (storeLines.Allow(out long missed))
                {
                    logger.StoreUnreadable(method, exception.Message, missed);
                }

                return Refusal.Of(StatusCode.Unavailable, "this node cannot read its store");
            default:
                if (faultLines.Allow(out long others))
                {
                    logger.CallFault(method, others, exception);
                }

                return Refusal.Of(StatusCode.Internal, "a fault of this node; its log says more");
        }
    }

    private static void Describe(HttpContext http, string name, StatusCode status)
    {
        // Named as OpenTelemetry names gRPC spans: service and method.
        if (http.Features.Get<IHttpActivityFeature>()?.Activity is not { IsAllDataRequested: true } span)
        {
            return;
        }

        span.DisplayName = name.TrimStart('/');
        span.SetTag("rpc.system", "grpc");
        span.SetTag("rpc.grpc.status_code", (int)status);
        if (status is StatusCode.Internal or StatusCode.Unavailable)
        {
            span.SetStatus(ActivityStatusCode.Error);
        }
    }
}
