using System.Reflection;
using Grpc.AspNetCore.Server.Calls;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grpc.AspNetCore.Server.Binding;

/// <summary>Turns services into endpoints, and everything that no service has into UNIMPLEMENTED.</summary>
internal sealed class MappedServices(IOptions<GrpcServiceOptions> options, ILoggerFactory loggers)
{
    /// <summary>The published package's category, so that a log filter means the same for both.</summary>
    private readonly ILogger logger = loggers.CreateLogger("Grpc.AspNetCore.Server.ServerCallHandler");

    private bool strangersMapped;

    public IReadOnlyList<IEndpointConventionBuilder> Map<TService>(IEndpointRouteBuilder routes)
        where TService : class
    {
        var binder = new ServiceBinder<TService>(routes, options.Value, logger);
        Bind(typeof(TService), binder);
        foreach (var name in binder.Names)
        {
            MapUnimplemented(routes, $"/{name}/{{method:{GrpcCallConstraint.Name}}}", "Method is unimplemented.");
        }

        if (!strangersMapped)
        {
            strangersMapped = true;
            MapUnimplemented(routes, $"/{{service}}/{{method:{GrpcCallConstraint.Name}}}", "Service is unimplemented.");
        }

        return binder.Endpoints;
    }

    /// <summary>Calls the generated method that lists the service's methods.</summary>
    private static void Bind(Type service, ServiceBinderBase binder)
    {
        for (var type = service; type is not null; type = type.BaseType)
        {
            if (type.GetCustomAttribute<BindServiceMethodAttribute>(inherit: false) is { } found)
            {
                var bind = found.BindType.GetMethod(
                    found.BindMethodName, BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static, [typeof(ServiceBinderBase), type])
                    ?? throw new InvalidOperationException($"{found.BindType} has no {found.BindMethodName} for {type}");
                bind.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [binder, null], null);
                return;
            }
        }

        throw new InvalidOperationException($"{service} is no gRPC service: it has no generated base class");
    }

    private static void MapUnimplemented(IEndpointRouteBuilder routes, string pattern, string words) =>
        routes.MapPost(pattern, (RequestDelegate)(http =>
        {
            if (HttpRules.Admit(http))
            {
                ResponseTrailers.Write(http.Response, new Status(StatusCode.Unimplemented, words), null);
            }

            return Task.CompletedTask;
        })).WithDisplayName($"gRPC - {words}");
}
