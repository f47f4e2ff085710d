using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Athens.Federation.Node.Retrieval;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Athens.Federation.Node.Protocol;

/// <summary>
/// A connection's output that goes to the socket when it is flushed, in place of Kestrel's own, which hands every block
/// to a second loop through a pipe. One buffer a connection, lent only while bytes wait in it: the same warm memory is
/// filled and sent again and again, and 256 readers of a 10 MB zip hold 4 MiB, where in pipes the process grew by 70.
/// </summary>
internal sealed class SocketOutput : PipeWriter, IDisposable
{
    /// <summary>What an answer's headers take at most, and a good deal more.</summary>
    private const int Headers = 4 << 10;

    /// <summary>Those of a file that is sent in blocks: some 400 bytes. Longer ones take a larger block.</summary>
    private const int PartHeaders = 1 << 10;

    /// <summary>The smallest block of a file, with its headers.</summary>
    private const int Part = AnswerWriter.FileBlock + PartHeaders;

    /// <summary>
    /// Bytes that the system may hold unsent for a connection before it says that there is no room (tcp(7),
    /// TCP_NOTSENT_LOWAT; what is sent and not yet acknowledged does not count, so a long way costs no throughput).
    /// Without a limit readers of a 10 MB zip made the system copy through hundreds of megabytes of its own memory; with
    /// this one, what is copied is still in the processor's own: at 16 and at 256 connections a fifth more bytes a second
    /// than without, and a tenth more than with 64 or 128 KiB.
    /// </summary>
    private const int MaxUnsent = 96 << 10;

    private const int TcpLevel = 6;
    private const int NotSentLowWater = 25;
    private const int CorkOption = 3;

    /// <summary>Headers and most <c>.info</c> and <c>.mod</c> files.</summary>
    private static readonly OutputBlocks Small = new(Headers, mostKept: 256);

    /// <summary>The largest file sent from memory, with its headers.</summary>
    private static readonly OutputBlocks Bodies = new(StoredFile.InMemoryLimit + Headers, mostKept: 128);

    /// <summary>Blocks of large files.</summary>
    private static readonly DividedBlocks FileBlocks = new(Part * DividedBlocks.Parts);

    private readonly Socket socket;
    private readonly PipeWriter transport;
    private readonly SocketSend send;
    private OutputBlock? block;
    private int filled;
    private volatile bool cancelled;
    private volatile bool broken;

    /// <summary>A send is under way and reads <see cref="block"/>. Cleared only after that send has given the buffer back.</summary>
    private volatile bool sendingNow;
    private volatile bool completed;

    private SocketOutput(Socket socket, PipeWriter transport)
    {
        this.socket = socket;
        this.transport = transport;
        send = new SocketSend(isWhole =>
        {
            Sent(isWhole);
            return Result();
        });
    }

    /// <summary>That of a request's connection; null where there is no socket.</summary>
    public static SocketOutput? Of(HttpContext context) => context.Features.Get<SocketOutput>();

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => filled;

    /// <summary>Connection middleware; a transport without a socket keeps its own output.</summary>
    public static ConnectionDelegate Use(ConnectionDelegate next) => connection =>
        connection.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket ? UseAsync(connection, socket, next) : next(connection);

    private static async Task UseAsync(ConnectionContext connection, Socket socket, ConnectionDelegate next)
    {
        SetOption(socket, NotSentLowWater, MaxUnsent);
        using SocketOutput output = new(socket, connection.Transport.Output);
        connection.Features.Set(output);
        connection.Transport = new Duplex(connection.Transport.Input, output);
        await next(connection);
    }

    private int Room => (block?.Bytes.Length ?? 0) - filled;

    public override Memory<byte> GetMemory(int sizeHint = 0) => Reserve(sizeHint).Bytes[filled..];

    public override Span<byte> GetSpan(int sizeHint = 0) => Reserve(sizeHint).Bytes.Span[filled..];

    public override void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, Room);
        filled += bytes;
    }

    /// <remarks>A token is the request's, and its end closes the connection: that ends the send, with what the system then says of it.</remarks>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (block is not { } filling || filled == 0 || broken || completed)
        {
            return new(Result());
        }

        sendingNow = true;
        if (send.TryBegin(socket, filling.Bytes[..filled]))
        {
            return send.End;
        }

        Sent(send.IsWhole);
        return new(Result());
    }

    /// <summary>
    /// More is to follow what is flushed from now on: the system sends only full segments (tcp(7), TCP_CORK; none waits longer than 200 ms). Without it
    /// each block becomes segments of its own: four times as many as it needs, if it is a small one.
    /// </summary>
    public void Cork() => SetOption(socket, CorkOption, 1);

    /// <summary>All is flushed: what is left goes out at once.</summary>
    public void Uncork()
    {
        if (!broken && !completed)
        {
            SetOption(socket, CorkOption, 0);
        }
    }

    public override void CancelPendingFlush() => cancelled = true;

    public override void Complete(Exception? exception = null)
    {
        if (!completed)
        {
            Dispose();
            transport.Complete(exception);
        }
    }

    /// <summary>Nothing is sent any more.</summary>
    public void Dispose()
    {
        completed = true;
        if (!sendingNow)
        {
            Release();
            send.Dispose();
        }

        // Else the connection was aborted in the middle of a send: another connection must not be lent a buffer
        // that the socket may still read. The send's end, which the closing socket brings, gives it back.
    }

    private static void SetOption(Socket socket, int option, int value)
    {
        if (!OperatingSystem.IsLinux() || socket.ProtocolType != ProtocolType.Tcp)
        {
            return;
        }

        try
        {
            socket.SetRawSocketOption(TcpLevel, option, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value)));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // A system without the option, or a client that has gone: neither is a reason not to answer.
        }
    }

    /// <summary>The system has taken all that was to be sent, or will take nothing any more.</summary>
    private void Sent(bool isWhole)
    {
        broken |= !isWhole;
        Release();
        sendingNow = false;
        if (completed)
        {
            send.Dispose();
        }
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

    private OutputBlock Reserve(int sizeHint)
    {
        int needed = Math.Max(sizeHint, 1);
        if (block is not null && Room >= needed)
        {
            return block;
        }

        var larger = Rent(filled + needed);
        block?.Bytes[..filled].CopyTo(larger.Bytes);
        block?.Return();
        block = larger;
        return larger;
    }

    private void Release()
    {
        filled = 0;
        Interlocked.Exchange(ref block, null)?.Return();
    }

    private static OutputBlock Rent(int length) => length switch
    {
        <= Headers => Small.Rent(),
        <= Part => FileBlocks.Rent(),
        <= StoredFile.InMemoryLimit + Headers => Bodies.Rent(),
        <= Part * DividedBlocks.Parts => FileBlocks.RentWhole(),
        _ => new OutputBlocks(length, mostKept: 0).Rent(),
    };

    private sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
