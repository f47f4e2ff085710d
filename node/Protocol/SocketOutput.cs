using System.IO.Pipelines;
using System.Net.Sockets;
using Athens.Federation.Node.Retrieval;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Athens.Federation.Node.Protocol;

/// <summary>
/// A connection's output that goes to the socket when it is flushed, in place of Kestrel's own, which hands every block
/// to a second loop through a pipe. One buffer a connection, lent only while bytes wait in it: the same warm memory is
/// filled and sent again and again, and 256 readers of a 10 MB zip hold 9 MiB, where in pipes the process grew by 70.
/// </summary>
internal sealed class SocketOutput : PipeWriter
{
    /// <summary>What an answer's headers take at most, and a good deal more.</summary>
    private const int Headers = 4 << 10;

    /// <summary>
    /// Bytes that the system may hold unsent for a connection before it says that there is no room (tcp(7),
    /// TCP_NOTSENT_LOWAT; what is sent and not yet acknowledged does not count, so a long way costs no throughput).
    /// Without a limit 256 readers of a 10 MB zip made the system copy through hundreds of megabytes of its own memory:
    /// with it they get a fifth more bytes a second.
    /// </summary>
    private const int MaxUnsent = 128 << 10;

    private const int TcpLevel = 6;
    private const int NotSentLowWater = 25;

    /// <summary>
    /// By size: headers and most <c>.info</c> and <c>.mod</c> files; a block of a large file; the largest file sent from
    /// memory; a large block. Each with room for the headers before it.
    /// </summary>
    private static readonly OutputBlocks[] Kinds =
    [
        new(Headers),
        new(AnswerWriter.ModestBlock + Headers),
        new(StoredFile.InMemoryLimit + Headers),
        new(AnswerWriter.LargeBlock + Headers),
    ];

    private readonly Socket socket;
    private readonly PipeWriter transport;
    private byte[] buffer = [];
    private int filled;
    private volatile bool cancelled;
    private bool broken;

    /// <summary>A send is under way and reads <see cref="buffer"/>. Cleared only after that send has given the buffer back.</summary>
    private volatile bool sendingNow;
    private bool completed;

    private SocketOutput(Socket socket, PipeWriter transport)
    {
        this.socket = socket;
        this.transport = transport;
    }

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => filled;

    /// <summary>Connection middleware; a transport without a socket keeps its own output.</summary>
    public static ConnectionDelegate Use(ConnectionDelegate next) => connection =>
    {
        if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket)
        {
            LimitUnsent(socket);
            connection.Transport = new Duplex(connection.Transport.Input, new SocketOutput(socket, connection.Transport.Output));
        }

        return next(connection);
    };

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return buffer.AsMemory(filled);
    }

    public override Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return buffer.AsSpan(filled);
    }

    public override void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, buffer.Length - filled);
        filled += bytes;
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (filled == 0 || broken || completed)
        {
            return new(Result());
        }

        ValueTask<int> sending;
        sendingNow = true;
        try
        {
            sending = socket.SendAsync(buffer.AsMemory(0, filled), SocketFlags.None, cancellationToken);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            Broken();
            sendingNow = false;
            return new(Result());
        }

        if (!sending.IsCompletedSuccessfully)
        {
            return EndAsync(sending);
        }

        // The runtime goes on sending until all is out, so what ends well is whole.
        _ = sending.Result;
        Release();
        sendingNow = false;
        return new(Result());
    }

    public override void CancelPendingFlush() => cancelled = true;

    public override void Complete(Exception? exception = null)
    {
        if (!completed)
        {
            completed = true;
            if (!sendingNow)
            {
                Release();
            }

            // Else the connection was aborted in the middle of a send: another connection must not be lent a buffer
            // that the socket may still read. The send's end, which the closing socket brings, gives it back.
            transport.Complete(exception);
        }
    }

    private static void LimitUnsent(Socket socket)
    {
        if (!OperatingSystem.IsLinux() || socket.ProtocolType != ProtocolType.Tcp)
        {
            return;
        }

        try
        {
            socket.SetRawSocketOption(TcpLevel, NotSentLowWater, BitConverter.GetBytes(MaxUnsent));
        }
        catch (SocketException)
        {
            // A system without the option, or a client that has gone: neither is a reason not to answer.
        }
    }

    private async ValueTask<FlushResult> EndAsync(ValueTask<int> sending)
    {
        try
        {
            await sending;
            Release();
            return Result();
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            Broken();
            return Result();
        }
        catch (OperationCanceledException)
        {
            // Part of the block may be out: nothing that follows would stand where the client expects it.
            Broken();
            throw;
        }
        finally
        {
            sendingNow = false;
        }
    }

    private void Broken()
    {
        broken = true;
        Release();
    }

    private FlushResult Result()
    {
        bool isCancelled = cancelled;
        if (isCancelled)
        {
            cancelled = false;
        }

        return new FlushResult(isCancelled, isCompleted: broken || completed);
    }

    private void Reserve(int sizeHint)
    {
        int needed = Math.Max(sizeHint, 1);
        if (buffer.Length - filled >= needed)
        {
            return;
        }

        byte[] larger = Rent(filled + needed);
        buffer.AsSpan(0, filled).CopyTo(larger);
        Return(buffer);
        buffer = larger;
    }

    private void Release()
    {
        filled = 0;
        Return(buffer);
        buffer = [];
    }

    private static byte[] Rent(int length)
    {
        foreach (var kind in Kinds)
        {
            if (length <= kind.Size)
            {
                return kind.Rent();
            }
        }

        return new byte[length];
    }

    private static void Return(byte[] block)
    {
        foreach (var kind in Kinds)
        {
            if (block.Length == kind.Size)
            {
                kind.Return(block);
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
