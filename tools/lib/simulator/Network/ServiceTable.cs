using Grpc.Core;

namespace Athens.Federation.Simulator.Network;

/// <summary>The methods of a node's services, by name, as gRPC's own server would be told of them.</summary>
internal sealed class ServiceTable : ServiceBinderBase
{
    private readonly Dictionary<string, Delegate> methods = new(StringComparer.Ordinal);

    public T Find<T>(IMethod method)
        where T : Delegate =>
        methods.TryGetValue(method.FullName, out Delegate? found) ? (T)found : throw new RpcException(new Status(StatusCode.Unimplemented, method.FullName));

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
        methods[method.FullName] = handler!;

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
        methods[method.FullName] = handler!;
}
