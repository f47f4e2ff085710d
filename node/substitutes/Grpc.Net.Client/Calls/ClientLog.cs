using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Grpc.Net.Client.Calls;

internal static partial class ClientLog
{
    [LoggerMessage(1, LogLevel.Debug, "Calling {Method} of {Address}")]
    public static partial void Calling(ILogger log, string method, Uri address);

    [LoggerMessage(2, LogLevel.Information, "{Method} ended with {StatusCode}: {Detail}")]
    public static partial void Failed(ILogger log, string method, StatusCode statusCode, string detail);
}
