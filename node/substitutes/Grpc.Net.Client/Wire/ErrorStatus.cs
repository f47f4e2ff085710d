using System.Text;
using Grpc.Core;

namespace Grpc.Net.Client.Wire;

/// <summary>The status of a call that HTTP broke off.</summary>
internal static class ErrorStatus
{
    /// <summary>
    /// How .NET's HTTP/2 tells a reset of this one stream from the end of the whole connection: both are the same exception,
    /// and the words are all that differs. They are not translated. A test holds this.
    /// </summary>
    private const string StreamReset = "reset the stream";

    // RFC 9113, 7.
    private const long RefusedStream = 7, Cancel = 8, EnhanceYourCalm = 11, InadequateSecurity = 12;

    /// <param name="doing">What was being done, as a sentence.</param>
    /// <param name="exception">What came of it; stays in the status for people to look at.</param>
    public static Status Of(string doing, Exception exception) => new(Code(exception), Detail(doing, exception), exception);

    private static StatusCode Code(Exception exception)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case HttpProtocolException protocol:
                    return OfHttp2(protocol);
                case HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded }:
                    return StatusCode.ResourceExhausted;
            }
        }

        // The token of the call is not the cause: it would have ended the call first. A connection took too long.
        return exception is HttpRequestException or IOException or OperationCanceledException ? StatusCode.Unavailable : StatusCode.Internal;
    }

    /// <summary>The table of PROTOCOL-HTTP2.md, "Errors"; a connection that is gone or broken is unavailable.</summary>
    private static StatusCode OfHttp2(HttpProtocolException protocol)
    {
        bool reset = protocol.Message.Contains(StreamReset, StringComparison.Ordinal);
        return protocol.ErrorCode switch
        {
            RefusedStream => StatusCode.Unavailable,
            EnhanceYourCalm => StatusCode.ResourceExhausted,
            InadequateSecurity => StatusCode.PermissionDenied,
            Cancel when reset => StatusCode.Cancelled,
            _ => reset ? StatusCode.Internal : StatusCode.Unavailable,
        };
    }

    private static string Detail(string doing, Exception exception)
    {
        StringBuilder detail = new(doing);
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            detail.Append(' ').Append(cause.GetType().Name).Append(": ").Append(cause.Message);
        }

        return detail.ToString();
    }
}
