using System.Text.Json;
using Grpc.Core;

namespace Athens.Federation.Tests.Substitutes.GrpcNetClient;

/// <summary>The methods of the test service (echo_server.py, echo_server.js) as a client knows them. Messages are plain bytes.</summary>
internal static class EchoService
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create<byte[]>(
        (message, context) => context.Complete(message), context => context.PayloadAsNewBuffer());

    public static AsyncUnaryCall<byte[]> Unary(this CallInvoker invoker, string method, byte[] request, CallOptions options = default) =>
        invoker.AsyncUnaryCall(Method(method, MethodType.Unary), null, options, request);

    public static AsyncUnaryCall<byte[]> Unary(this CallInvoker invoker, string method, object order, CallOptions options = default) =>
        invoker.Unary(method, JsonSerializer.SerializeToUtf8Bytes(order), options);

    public static byte[] Blocking(this CallInvoker invoker, string method, byte[] request) =>
        invoker.BlockingUnaryCall(Method(method, MethodType.Unary), null, default, request);

    public static AsyncServerStreamingCall<byte[]> Stream(this CallInvoker invoker, object order, CallOptions options = default) =>
        invoker.AsyncServerStreamingCall(
            Method("Stream", MethodType.ServerStreaming), null, options, JsonSerializer.SerializeToUtf8Bytes(order));

    public static AsyncServerStreamingCall<byte[]> Endless(this CallInvoker invoker, CallOptions options = default) =>
        invoker.AsyncServerStreamingCall(Method("Endless", MethodType.ServerStreaming), null, options, []);

    /// <summary>Waits until the server has seen that a call was cancelled.</summary>
    public static async Task<bool> SawCancellationAsync(this CallInvoker invoker) =>
        (await invoker.Unary("Cancellations", Array.Empty<byte>())).AsSpan().SequenceEqual("yes"u8);

    private static Method<byte[], byte[]> Method(string name, MethodType type) => new(type, "athens.test.Echo", name, Bytes, Bytes);
}
