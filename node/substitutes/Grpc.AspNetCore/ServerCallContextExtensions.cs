using Grpc.AspNetCore.Server.Calls;
using Microsoft.AspNetCore.Http;

namespace Grpc.Core;

/// <summary>What lies beneath a call.</summary>
public static class ServerCallContextExtensions
{
    /// <summary>Where <see cref="ServerCallContext.UserState"/> has the request of a call that did not come over HTTP.</summary>
    private const string HttpContextKey = "__HttpContext";

    /// <summary>The HTTP request that the call is.</summary>
    public static HttpContext GetHttpContext(this ServerCallContext serverCallContext)
    {
        ArgumentNullException.ThrowIfNull(serverCallContext);
        return serverCallContext is HttpCallContext call ? call.Http
            : serverCallContext.UserState.TryGetValue(HttpContextKey, out object? state) && state is HttpContext http ? http
            : throw new InvalidOperationException("this call did not come over HTTP: it has no HttpContext");
    }
}
