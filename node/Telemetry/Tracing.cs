using System.Diagnostics;

namespace Athens.Federation.Node.Telemetry;

/// <summary>The node's own activity source; a request's trace goes on through it into retrieval and child processes.</summary>
internal static class Tracing
{
    public const string SourceName = "Athens.Federation.Node";

    public static readonly ActivitySource Source = new(SourceName);
}
