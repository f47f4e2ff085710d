using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Athens.Federation.Node.Federation.Serving;

/// <summary>
/// Hands TLS what a connection sends in large pieces. Kestrel hands it memory blocks of 4 KiB, and each becomes a record of
/// its own, encrypted, authenticated and decrypted by itself.
/// </summary>
internal static class LargeRecords
{
    /// <summary>Two records of the largest size (RFC 8446, 5.1): as much as .NET encrypts at once.</summary>
    private const int Piece = 32 << 10;

    /// <summary>Connection middleware after TLS.</summary>
    public static ConnectionDelegate Use(ConnectionDelegate next) => async connection =>
    {
        if (connection.Features.Get<ISslStreamFeature>()?.SslStream is not { } tls)
        {
            await next(connection);
            return;
        }

        IDuplexPipe before = connection.Transport;
        PipeWriter output = PipeWriter.Create(tls, new StreamPipeWriterOptions(minimumBufferSize: Piece, leaveOpen: true));
        connection.Transport = new Ends(before.Input, output);
        try
        {
            await next(connection);
        }
        finally
        {
            await output.CompleteAsync();
            connection.Transport = before;
        }
    };

    private sealed record Ends(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
