using Microsoft.AspNetCore.Connections;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Athens.Federation.Node.Protocol;

/// <summary>Kestrel's settings for the Go front. Every bound on a client is here.</summary>
internal static class ProtocolServer
{
    /// <summary>A request line holds one path; longer ones are answered 414 before anything looks at them.</summary>
    public const int MaxRequestLine = 8 << 10;

    /// <summary><c>go</c> sends five headers; a proxy in front adds some, a browser more.</summary>
    public const int MaxHeaders = 64;

    public const int MaxHeaderBytes = 16 << 10;

    /// <summary>Connections at once. A whole build farm opens some hundreds; more than this is a fault or an attack.</summary>
    public const int MaxConnections = 10_000;

    /// <summary>Bytes a slow reader may leave waiting in this process before reading the file stops.</summary>
    public const int MaxResponseBuffer = 64 << 10;

    /// <summary>Headers must be there by then: whoever needs longer holds a connection on purpose.</summary>
    public static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Longer than Go's own 90 seconds (net/http IdleConnTimeout), so that <c>go</c> closes first.</summary>
    public static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(120);

    /// <summary>
    /// To be called before the process opens its first socket. The threads that poll sockets then run what waits on them,
    /// so an answer kept in memory goes out with no thread switch at all (a quarter less processor time a request, and
    /// no waiting behind a busy thread pool). In return whatever may block must first go <see cref="ToThreadPool"/>.
    /// </summary>
    /// <remarks>The runtime has this as an environment variable only; one that is set already is left as it is.</remarks>
    public static void PrepareSockets()
    {
        const string inline = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";
        if (Environment.GetEnvironmentVariable(inline) is null)
        {
            Environment.SetEnvironmentVariable(inline, "1");
        }
    }

    /// <summary>Awaited, goes on as a work item of the thread pool.</summary>
    public static ConfiguredTaskAwaitable ToThreadPool() =>
        Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);

    public static void Configure(KestrelServerOptions options)
    {
        options.AddServerHeader = false;
        options.AllowSynchronousIO = false;
        var limits = options.Limits;
        limits.MaxRequestLineSize = MaxRequestLine;
        limits.MaxRequestHeaderCount = MaxHeaders;
        limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
        limits.MaxRequestBufferSize = MaxRequestLine + MaxHeaderBytes;
        limits.MaxRequestBodySize = 0;
        limits.MaxResponseBufferSize = MaxResponseBuffer;
        limits.MaxConcurrentConnections = MaxConnections;
        limits.MaxConcurrentUpgradedConnections = 0;
        limits.RequestHeadersTimeout = HeadersTimeout;
        limits.KeepAliveTimeout = KeepAlive;
        options.ConfigureEndpointDefaults(endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http1;
            endpoint.Use(SocketOutput.Use);
        });
    }

    public static void Configure(SocketTransportOptions options)
    {
        options.NoDelay = true;
        options.Backlog = 1024;
        options.MaxReadBufferSize = MaxRequestLine + MaxHeaderBytes;
        options.MaxWriteBufferSize = MaxResponseBuffer;
        options.WaitForDataBeforeAllocatingBuffer = true;

        // The handler begins on the thread that received the request: one thread switch less each way.
        options.UnsafePreferInlineScheduling = true;
    }
}
