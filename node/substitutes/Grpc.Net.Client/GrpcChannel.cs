using System.Net;
using Grpc.Core;
using Grpc.Net.Client.Calls;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grpc.Net.Client;

/// <summary>Calls one gRPC server over HTTP/2. Safe for use by many threads; connections are the HTTP handler's.</summary>
public sealed class GrpcChannel : ChannelBase, IDisposable
{
    private readonly Lock gate = new();
    private readonly HashSet<GrpcCall> calls = [];
    private readonly HttpMessageInvoker http;
    private readonly bool ownsHttp;
    private bool disposed;

    private GrpcChannel(Uri address, GrpcChannelOptions options)
        : base(address.Authority)
    {
        Address = address;
        MaxSendMessageSize = options.MaxSendMessageSize;
        MaxReceiveMessageSize = options.MaxReceiveMessageSize;
        ThrowOnCancellation = options.ThrowOperationCanceledOnCancellation;
        Log = (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger<GrpcCall>();
        http = options.HttpClient ?? new HttpMessageInvoker(options.HttpHandler ?? NewHandler(), disposeHandler: true);
        ownsHttp = options.DisposeHttpClient || (options.HttpClient is null && options.HttpHandler is null);
    }

    internal Uri Address { get; }

    internal int? MaxSendMessageSize { get; }

    internal int? MaxReceiveMessageSize { get; }

    internal bool ThrowOnCancellation { get; }

    internal ILogger Log { get; }

    /// <summary>A channel to an absolute http or https address. Nothing is connected yet.</summary>
    public static GrpcChannel ForAddress(string address) => ForAddress(address, new GrpcChannelOptions());

    /// <inheritdoc cref="ForAddress(string)"/>
    public static GrpcChannel ForAddress(string address, GrpcChannelOptions channelOptions) =>
        ForAddress(new Uri(address), channelOptions);

    /// <inheritdoc cref="ForAddress(string)"/>
    public static GrpcChannel ForAddress(Uri address) => ForAddress(address, new GrpcChannelOptions());

    /// <inheritdoc cref="ForAddress(string)"/>
    public static GrpcChannel ForAddress(Uri address, GrpcChannelOptions channelOptions)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(channelOptions);
        if (channelOptions is { HttpClient: not null, HttpHandler: not null })
        {
            throw new ArgumentException("HttpClient and HttpHandler are both set: only one can make the calls.", nameof(channelOptions));
        }

        if (!address.IsAbsoluteUri || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
        {
            throw new ArgumentException($"'{address}' is no http or https address.", nameof(address));
        }

        return new GrpcChannel(address, channelOptions);
    }

    /// <summary>What generated clients make their calls with.</summary>
    public override CallInvoker CreateCallInvoker()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return new HttpCallInvoker(this);
    }

    /// <summary>Ends every call that is under way, and the connections if they are the channel's.</summary>
    public void Dispose()
    {
        GrpcCall[] underWay;
        lock (gate)
        {
            if (disposed)
            {
                return;
            }

            disposed = true;
            underWay = [.. calls];
        }

        foreach (GrpcCall call in underWay)
        {
            call.Dispose();
        }

        if (ownsHttp)
        {
            http.Dispose();
        }
    }

    internal void Add(GrpcCall call)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            calls.Add(call);
        }
    }

    internal void Remove(GrpcCall call)
    {
        lock (gate)
        {
            calls.Remove(call);
        }
    }

    /// <summary>Returns as soon as the response's headers are there.</summary>
    internal Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        http is HttpClient client
            ? client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
            : http.SendAsync(request, cancellationToken);

    // A gRPC server redirects nobody, sets no cookies and compresses no body; a hostile one might try.
    private static SocketsHttpHandler NewHandler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        EnableMultipleHttp2Connections = true,
    };
}
