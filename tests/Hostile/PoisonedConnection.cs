using System.Buffers;
using System.IO.Pipelines;
using Grpc.Core;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Athens.Federation.Tests.Hostile;

/// <summary>Writes something else into a connection than HTTP/2.</summary>
internal delegate Task Poison(PipeWriter wire, CancellationToken cancellationToken);

/// <summary>
/// A connection that speaks proper HTTP/2 inside TLS until a call poisons it: from then on the client gets what the poison
/// writes and nothing of the server's.
/// </summary>
internal static class PoisonedConnection
{
    private static readonly object Key = new();

    /// <summary>Connection middleware after TLS.</summary>
    public static ConnectionDelegate Middleware(ConnectionDelegate next) => async connection =>
    {
        IDuplexPipe real = connection.Transport;
        Pipe output = new();
        connection.Transport = new Duplex(real.Input, output.Writer);
        Task copying = CopyAsync(connection, output.Reader, real.Output);
        try
        {
            await next(connection);
        }
        finally
        {
            await output.Writer.CompleteAsync();
            await copying;
            connection.Transport = real;
        }
    };

    /// <summary>Poisons the call's connection; it takes effect with the next bytes that the server sends.</summary>
    public static void Poison(ServerCallContext call, Poison poison) =>
        call.GetHttpContext().Features.GetRequiredFeature<IConnectionItemsFeature>().Items[Key] = poison;

    private static async Task CopyAsync(ConnectionContext connection, PipeReader from, PipeWriter to)
    {
        try
        {
            await PumpAsync(connection, from, to);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ConnectionAbortedException or ConnectionResetException)
        {
            // The client has gone, which is what it should do.
        }
        finally
        {
            await from.CompleteAsync();
        }
    }

    private static async Task PumpAsync(ConnectionContext connection, PipeReader from, PipeWriter to)
    {
        while (true)
        {
            ReadResult read = await from.ReadAsync();
            if (connection.Items.TryGetValue(Key, out object? poison))
            {
                from.AdvanceTo(read.Buffer.End);
                await ((Poison)poison!)(to, connection.ConnectionClosed);
                connection.Abort();
                return;
            }

            foreach (ReadOnlyMemory<byte> part in read.Buffer)
            {
                to.Write(part.Span);
            }

            from.AdvanceTo(read.Buffer.End);
            FlushResult flushed = await to.FlushAsync();
            if (read.IsCompleted || flushed.IsCompleted)
            {
                return;
            }
        }
    }

    private sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
