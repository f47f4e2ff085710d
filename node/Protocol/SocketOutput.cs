using System.IO.Pipelines;
using System.Net.Sockets;
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

    /// <summary>
    /// Bytes that the system may hold unsent for a connection before it says that there is no room (tcp(7),
    /// TCP_NOTSENT_LOWAT; what is sent and not yet acknowledged does not count, so a long way costs no throughput).
    /// Without a limit 256 readers of a 10 MB zip made the system copy through hundreds of megabytes of its own memory:
    /// with it they get a fifth more bytes a second.
    /// </summary>
    private const int MaxUnsent = 128 << 10;

    private const int TcpLevel = 6;
    private const int NotSentLowWater = 25;

    /// <summary>Headers and most <c>.info</c> and <c>.mod</c> files.</summary>
    private static readonly OutputBlocks Small = new(Headers, mostKept: 256);

    /// <summary>The largest file sent from memory, with its headers.</summary>
    private static readonly OutputBlocks Bodies = new(StoredFile.InMemoryLimit + Headers, mostKept: 128);

    /// <summary>A block of a large file, or an eighth, each with room for headers before it.</summary>
    private static readonly DividedBlocks FileBlocks = new(AnswerWriter.LargeBlock + (DividedBlocks.Parts * PartHeaders));

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

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => filled;

    /// <summary>Connection middleware; a transport without a socket keeps its own output.</summary>
    public static ConnectionDelegate Use(ConnectionDelegate next) => connection =>
        connection.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket ? UseAsync(connection, socket, next) : next(connection);

    private static async Task UseAsync(ConnectionContext connection, Socket socket, ConnectionDelegate next)
    {
        LimitUnsent(socket);
        using SocketOutput output = new(socket, connection.Transport.Output);
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
        <= AnswerWriter.ModestBlock + PartHeaders => FileBlocks.RentPart(),
        <= StoredFile.InMemoryLimit + Headers => Bodies.Rent(),
        <= AnswerWriter.LargeBlock + (DividedBlocks.Parts * PartHeaders) => FileBlocks.Rent(),
        _ => new OutputBlocks(length, mostKept: 0).Rent(),
    };

    private sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
