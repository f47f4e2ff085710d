using Grpc.AspNetCore.Server.Calls;
using Microsoft.AspNetCore.Http;

namespace Grpc.Core;

/// <summary>What lies beneath a call.</summary>
public static class ServerCallContextExtensions
{
    /// <summary>The HTTP request that the call is.</summary>
    public static HttpContext GetHttpContext(this ServerCallContext serverCallContext)
    {
        ArgumentNullException.ThrowIfNull(serverCallContext);
        return serverCallContext is HttpCallContext call
            ? call.Http
            : throw new InvalidOperationException("this call did not come over HTTP: it has no HttpContext");
    }
}
