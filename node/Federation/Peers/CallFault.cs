using System.Globalization;
using Grpc.Core;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>What a failed call says of the peer (federation.proto, "Status codes").</summary>
/// <param name="Fault">Null when the answer is a proper one: not held, a precondition not met, or a method it does not know.</param>
/// <param name="Reason">For the log: the status and what the peer said, shortened.</param>
/// <param name="Pushback">With Busy: when to come back; zero when it did not say.</param>
internal readonly record struct CallFault(PeerFault? Fault, string Reason, TimeSpan Pushback)
{
    /// <summary>The trailer of gRPC's retry design (A6) that says when to come back.</summary>
    public const string PushbackTrailer = "grpc-retry-pushback-ms";

    /// <summary>A peer's words go into this node's log and perhaps to a developer: enough for a sentence or two.</summary>
    private const int MaxWords = 300;

    public static CallFault Of(RpcException exception)
    {
        string reason = $"{exception.StatusCode}: {Shorten(exception.Status.Detail)}";
        return exception.StatusCode switch
        {
            StatusCode.NotFound or StatusCode.Unimplemented or StatusCode.OutOfRange or StatusCode.FailedPrecondition =>
                new CallFault(null, reason, TimeSpan.Zero),
            StatusCode.Unavailable or StatusCode.Aborted or StatusCode.Cancelled =>
                new CallFault(PeerFault.Unreachable, reason, TimeSpan.Zero),
            StatusCode.DeadlineExceeded => new CallFault(PeerFault.Slow, reason, TimeSpan.Zero),

            // Nodes always say when to come back. Without that it is this node's own gRPC, which has met a message beyond all bounds.
            StatusCode.ResourceExhausted when PushbackOf(exception) is { } pushback => new CallFault(PeerFault.Busy, reason, pushback),
            StatusCode.PermissionDenied or StatusCode.Unauthenticated => new CallFault(
                PeerFault.Protocol, $"{reason}. Is this node a peer there?", TimeSpan.Zero),
            _ => new CallFault(PeerFault.Protocol, reason, TimeSpan.Zero),
        };
    }

    private static string Shorten(string words) => words.Length <= MaxWords ? words : string.Concat(words.AsSpan(0, MaxWords), "…");

    private static TimeSpan? PushbackOf(RpcException exception)
    {
        string? told = exception.Trailers.FirstOrDefault(static entry => entry.Key == PushbackTrailer && !entry.IsBinary)?.Value;
        return uint.TryParse(told, NumberStyles.None, CultureInfo.InvariantCulture, out uint milliseconds)
            ? TimeSpan.FromMilliseconds(milliseconds)
            : null;
    }
}
