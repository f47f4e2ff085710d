using System.Globalization;
using System.Net;

namespace Athens.Federation.Node.Telemetry;

/// <summary>
/// The HTTP client of the exporters: short timeout, no trace of its own, and every answer reported to the endpoint's
/// <see cref="ExportHealth"/>. Watching here needs nothing of the exporter packages but that they take a client.
/// </summary>
internal sealed class ExportClient : DelegatingHandler
{
    /// <summary>One export's limit. A collector stands in the same data centre or it is not worth waiting for.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <summary>An answer to an export is a few bytes; more is not read.</summary>
    private const int AnswerLimit = 64 << 10;

    private readonly ExportHealth health;

    private ExportClient(ExportHealth health)
        : base(new SocketsHttpHandler
        {
            // Without a propagator the handler neither begins activities nor sends trace headers.
            ActivityHeadersPropagator = null,
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = Timeout,
            MaxConnectionsPerServer = 2,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        }) => this.health = health;

    /// <summary>The caller owns the client.</summary>
    public static HttpClient Create(ExportHealth health) => new(new ExportClient(health))
    {
        Timeout = Timeout,
        MaxResponseContentBufferSize = AnswerLimit,
    };

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!health.MayTry())
        {
            return NotTried(request);
        }

        try
        {
            var response = base.Send(request, cancellationToken);
            Judge(response);
            return response;
        }
        catch (Exception e) when (Report(e))
        {
            throw;
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken)
    {
        if (!health.MayTry())
        {
            return NotTried(request);
        }

        try
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (request.Content?.Headers.ContentType?.MediaType == "application/grpc")
            {
                // The status of a call comes after its body.
                await response.Content.LoadIntoBufferAsync(AnswerLimit, cancellationToken);
            }

            Judge(response);
            return response;
        }
        catch (Exception e) when (Report(e))
        {
            throw;
        }
    }

    /// <summary>An answer made here, so that the exporter gives the batch up before it has written it.</summary>
    private static HttpResponseMessage NotTried(HttpRequestMessage request) =>
        new(HttpStatusCode.ServiceUnavailable) { RequestMessage = request };

    private void Judge(HttpResponseMessage response)
    {
        var grpcStatus = GrpcStatus(response);
        if (!response.IsSuccessStatusCode)
        {
            health.Failed(string.Create(CultureInfo.InvariantCulture, $"it answers {(int)response.StatusCode}"));
        }
        else if (grpcStatus is not (null or "0"))
        {
            health.Failed($"it answers gRPC status {grpcStatus}");
        }
        else
        {
            health.Succeeded();
        }
    }

    private static string? GrpcStatus(HttpResponseMessage response) =>
        response.Headers.TryGetValues("grpc-status", out var values)
        || response.TrailingHeaders.TryGetValues("grpc-status", out values)
            ? values.FirstOrDefault()
            : null;

    /// <summary>Always true: the exception goes on to the exporter, which gives the batch up.</summary>
    private bool Report(Exception exception)
    {
        health.Failed(exception is OperationCanceledException
            ? string.Create(CultureInfo.InvariantCulture, $"no answer within {Timeout.TotalSeconds} s")
            : exception.GetBaseException().Message);
        return true;
    }
}
