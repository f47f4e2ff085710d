using System.Globalization;
using Grpc.Core;

namespace Athens.Federation.Node.Federation.Serving;

/// <summary>The ways in which a call is refused, as federation.proto has them.</summary>
internal static class Refusal
{
    /// <summary>Says in milliseconds when to come back (gRPC's retry design, gRFC A6).</summary>
    public const string PushbackTrailer = "grpc-retry-pushback-ms";

    /// <summary>The request breaks a rule; asking again will not help.</summary>
    public static RpcException Invalid(string reason) => Of(StatusCode.InvalidArgument, reason);

    /// <summary>The same words for what is absent and for what the caller may not know of.</summary>
    public static RpcException NotHeld(string what) => Of(StatusCode.NotFound, $"{what} is not held here");

    public static RpcException Of(StatusCode code, string reason) => new(new Status(code, reason));

    public static RpcException TooMuch(string reason, TimeSpan comeBack)
    {
        long milliseconds = Math.Max(1, (long)Math.Ceiling(comeBack.TotalMilliseconds));
        Metadata trailers = new() { { PushbackTrailer, milliseconds.ToString(CultureInfo.InvariantCulture) } };
        return new RpcException(new Status(StatusCode.ResourceExhausted, reason), trailers);
    }
}
