using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>What calls tell an operator.</summary>
internal static partial class CallLog
{
    [LoggerMessage(6, LogLevel.Error, "{Method} threw; the client was told only that something failed here", EventName = "ErrorExecutingServiceMethod")]
    public static partial void MethodFailed(this ILogger logger, Exception cause, string method);

    [LoggerMessage(7, LogLevel.Debug, "{Method} ended because its client has gone: {Reason}")]
    public static partial void ClientGone(this ILogger logger, string method, string reason);
}
