using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Makaretu.Dns;

namespace Athens.Federation.Tests.Discovery;

/// <summary>A name server that says what a test wants, over UDP and over TCP, and counts who asked.</summary>
internal sealed class ScriptedNameServer : IDisposable
{
    private readonly Socket udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Socket tcp = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Func<Message, IEnumerable<byte[]>> overUdp;
    private readonly Func<Message, byte[]> overTcp;

    /// <param name="overUdp">The packets that answer a query.</param>
    /// <param name="overTcp">What goes over the connection, length and all.</param>
    public ScriptedNameServer(Func<Message, IEnumerable<byte[]>> overUdp, Func<Message, byte[]>? overTcp = null)
    {
        this.overUdp = overUdp;
        this.overTcp = overTcp ?? (static _ => []);
        tcp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        tcp.Listen();
        udp.Bind(tcp.LocalEndPoint!);
        _ = ServeUdpAsync();
        _ = ServeTcpAsync();
    }

    public int Packets { get; private set; }

    public int Connections { get; private set; }

    public string Address => tcp.LocalEndPoint!.ToString()!;

    /// <summary>The answer to a query that has these records.</summary>
    public static Message Answer(Message query, params ResourceRecord[] records)
    {
        Message answer = new() { Id = query.Id, QR = true, RD = true, Answers = [.. records] };
        answer.Questions.AddRange(query.Questions);
        return answer;
    }

    public static TXTRecord Text(string text) => new() { Name = "name.example", Strings = [text] };

    public static byte[] Framed(byte[] packet)
    {
        var framed = new byte[sizeof(ushort) + packet.Length];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)packet.Length);
        packet.CopyTo(framed, sizeof(ushort));
        return framed;
    }

    public void Dispose()
    {
        udp.Dispose();
        tcp.Dispose();
    }

    private static Message Read(byte[] packet) => (Message)new Message().Read(packet);

    private async Task ServeUdpAsync()
    {
        var buffer = new byte[Message.MaxLength];
        try
        {
            while (true)
            {
                var heard = await udp.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
                Packets++;
                foreach (var packet in overUdp(Read(buffer[..heard.ReceivedBytes])))
                {
                    await udp.SendToAsync(packet, heard.RemoteEndPoint);
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeTcpAsync()
    {
        try
        {
            while (true)
            {
                using var client = await tcp.AcceptAsync();
                Connections++;
                await using NetworkStream stream = new(client);
                var length = new byte[sizeof(ushort)];
                await stream.ReadExactlyAsync(length);
                var query = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
                await stream.ReadExactlyAsync(query);
                await stream.WriteAsync(overTcp(Read(query)));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or IOException)
        {
            // The test is over.
        }
    }
}
