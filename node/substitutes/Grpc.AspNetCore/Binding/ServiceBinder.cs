using System.Reflection;
using Grpc.AspNetCore.Server.Calls;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Binding;

/// <summary>Makes an endpoint of each method that the generated code tells it.</summary>
internal sealed class ServiceBinder<TService>(IEndpointRouteBuilder routes, GrpcServiceOptions options, ILogger logger) : ServiceBinderBase
    where TService : class
{
    private readonly List<IEndpointConventionBuilder> endpoints = [];
    private readonly HashSet<string> names = new(StringComparer.Ordinal);

    public IReadOnlyList<IEndpointConventionBuilder> Endpoints => endpoints;

    /// <summary>Names of the services whose methods were told: one, as a rule.</summary>
    public IReadOnlyCollection<string> Names => names;

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
    {
        var run = Implementation<Func<TService, TRequest, ServerCallContext, Task<TResponse>>>(
            method, typeof(TRequest), typeof(ServerCallContext));
        Add(method, async (call, request) =>
        {
            await using var service = new ServiceLease<TService>(call.Http.RequestServices);
            var response = await run(service.Instance, request, call)
                ?? throw new RpcException(new Status(StatusCode.Cancelled, "No message returned from method."));
            await call.WriteAsync(response, method.ResponseMarshaller, flush: false, CancellationToken.None);
        });
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var run = Implementation<Func<TService, TRequest, IServerStreamWriter<TResponse>, ServerCallContext, Task>>(
            method, typeof(TRequest), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext));
        Add(method, async (call, request) =>
        {
            await using var service = new ServiceLease<TService>(call.Http.RequestServices);
            await run(service.Instance, request, new ResponseStream<TResponse>(call, method.ResponseMarshaller), call);
        });
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) => throw NotServed(method);

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) => throw NotServed(method);

    private static NotSupportedException NotServed(IMethod method) =>
        new($"{method.FullName}: methods with a stream of requests need the published Grpc.AspNetCore");

    /// <summary>The service's own method of that name, to be called on any instance.</summary>
    private static TDelegate Implementation<TDelegate>(IMethod method, params Type[] parameters)
        where TDelegate : Delegate
    {
        var found = typeof(TService).GetMethod(method.Name, BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance, parameters)
            ?? throw new InvalidOperationException($"{typeof(TService)} has no method {method.Name}");
        return found.CreateDelegate<TDelegate>();
    }

    private void Add<TRequest, TResponse>(Method<TRequest, TResponse> method, Func<HttpCallContext, TRequest, Task> run)
        where TRequest : class
        where TResponse : class
    {
        var handler = new CallHandler<TRequest>(method.RequestMarshaller, run, options, logger);
        endpoints.Add(routes.MapPost(method.FullName, (RequestDelegate)handler.HandleAsync).WithDisplayName($"gRPC - {method.FullName}"));
        names.Add(method.ServiceName);
    }
}
