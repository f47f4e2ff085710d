using Grpc.Core;
using Grpc.Net.Client.Wire;

namespace Grpc.Net.Client.Calls;

/// <summary>Starts calls on a channel.</summary>
internal sealed class HttpCallInvoker(GrpcChannel channel) : CallInvoker
{
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        GrpcCall call = new(channel, method.FullName, options);
        ResponseMessages<TResponse> messages = Start(call, method, request, single: true);
        Task<TResponse> response = messages.OnlyAsync();
        Observe(response);
        return new AsyncUnaryCall<TResponse>(response, call.Headers, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        using AsyncUnaryCall<TResponse> call = AsyncUnaryCall(method, host, options, request);
        return call.ResponseAsync.GetAwaiter().GetResult();
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        GrpcCall call = new(channel, method.FullName, options);
        ResponseMessages<TResponse> messages = Start(call, method, request, single: false);
        return new AsyncServerStreamingCall<TResponse>(messages, call.Headers, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw NotHere();

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw NotHere();

    private static NotSupportedException NotHere() =>
        new("Streams of requests are not in this substitute of Grpc.Net.Client: the project has no such method.");

    private static ResponseMessages<TResponse> Start<TRequest, TResponse>(
        GrpcCall call, Method<TRequest, TResponse> method, TRequest request, bool single)
        where TRequest : class
        where TResponse : class
    {
        Task<Stream> body = call.SendAsync(() => RequestMessage.Of(method.RequestMarshaller, request, call.MaxSendMessageSize));
        Observe(body);
        return new ResponseMessages<TResponse>(call, body, method.ResponseMarshaller.ContextualDeserializer, single);
    }

    /// <summary>A caller that never looks at a call's end is not told of it by the unobserved-exception event either.</summary>
    private static void Observe(Task task) => task.ContinueWith(
        static ended => _ = ended.Exception,
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);
}
