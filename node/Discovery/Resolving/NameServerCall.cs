using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Makaretu.Dns;

namespace Athens.Federation.Node.Discovery.Resolving;

/// <summary>One question to one name server: over UDP, and over TCP what does not fit there (RFC 7766).</summary>
internal sealed class NameServerCall(IPEndPoint server, TimeProvider time)
{
    /// <summary>For each of the two ways. Resolvers mostly answer within tens of milliseconds, and another one may be asked.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Packets that answer something else before the question is asked over TCP, where nobody can put in a word who cannot read it.</summary>
    private const int MaxStrays = 16;

    /// <summary>The answer, or null and why there is none.</summary>
    public async Task<(Message? Answer, string Reason)> AskAsync(NameQuery query, CancellationToken cancellationToken)
    {
        var (answer, reason) = await WithinAsync(token => OverUdpAsync(query, token), cancellationToken);
        return answer is { TC: false } || reason.Length > 0
            ? (answer, reason)
            : await WithinAsync(token => OverTcpAsync(query, token), cancellationToken);
    }

    private async Task<(Message? Answer, string Reason)> WithinAsync(Func<CancellationToken, Task<Message?>> ask, CancellationToken cancellationToken)
    {
        using CancellationTokenSource patience = new(Patience, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return (await ask(ending.Token), "");
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return (null, $"{server} does not answer");
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return (null, $"{server}: {exception.Message}");
        }
    }

    /// <summary>Null when too many packets were not the answer.</summary>
    private async Task<Message?> OverUdpAsync(NameQuery query, CancellationToken cancellationToken)
    {
        using Socket socket = new(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);

        // Connected: the system picks a port at random, and passes on what comes from this server alone.
        await socket.ConnectAsync(server, cancellationToken);
        await socket.SendAsync(query.ToBytes(), cancellationToken);
        var packet = new byte[Message.MaxLength];
        for (var strays = 0; strays < MaxStrays; strays++)
        {
            var size = await socket.ReceiveAsync(packet, cancellationToken);
            if (query.AnswerIn(packet[..size]) is { } answer)
            {
                return answer;
            }
        }

        return null;
    }

    private async Task<Message?> OverTcpAsync(NameQuery query, CancellationToken cancellationToken)
    {
        using Socket socket = new(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server, cancellationToken);
        await using NetworkStream stream = new(socket, ownsSocket: false);
        var question = query.ToBytes();
        var framed = new byte[sizeof(ushort) + question.Length];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)question.Length);
        question.CopyTo(framed, sizeof(ushort));
        await stream.WriteAsync(framed, cancellationToken);

        var length = new byte[sizeof(ushort)];
        await stream.ReadExactlyAsync(length, cancellationToken);
        var size = BinaryPrimitives.ReadUInt16BigEndian(length);
        if (size > Message.MaxLength)
        {
            throw new IOException($"an answer of {size} bytes, of which more than {Message.MaxLength} are not read");
        }

        var packet = new byte[size];
        await stream.ReadExactlyAsync(packet, cancellationToken);
        return query.AnswerIn(packet) ?? throw new IOException("what came is no answer to the question");
    }
}
