using Grpc.AspNetCore.Server.Calls;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Grpc.AspNetCore.Server.Binding;

/// <summary>Lets only gRPC calls reach the endpoints for unknown methods; other paths of the application stay its own.</summary>
internal sealed class GrpcCallConstraint : IRouteConstraint
{
    public const string Name = "grpccall";

    public bool Match(HttpContext? httpContext, IRouter? route, string routeKey, RouteValueDictionary values, RouteDirection routeDirection) =>
        httpContext is not null && HttpRules.IsGrpc(httpContext.Request.ContentType);
}
