namespace Athens.Federation.Node.Telemetry;

internal enum LogFormat
{
    Console,
    Json,
}

/// <summary>The <c>[telemetry]</c> section.</summary>
internal sealed record TelemetryOptions
{
    /// <summary>One line per event: for people (<c>console</c>) or for machines (<c>json</c>).</summary>
    public LogFormat LogFormat { get; init; } = LogFormat.Console;

    /// <summary>The least level that is written.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>One line for each request.</summary>
    public bool LogRequests { get; init; } = true;

    /// <summary>Zipkin's span endpoint, e.g. <c>http://localhost:9411/api/v2/spans</c>; null: not exported.</summary>
    public Uri? Zipkin { get; init; }

    /// <summary>An OTLP endpoint (gRPC, or HTTP/protobuf when its path ends in <c>/v1/traces</c>); null: not exported.</summary>
    public Uri? Otlp { get; init; }

    /// <summary>The share of traces begun here that is recorded (0 to 1); a caller's own decision is followed.</summary>
    public double Sample { get; init; } = 1.0;
}
