using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Tests.Substitutes.GrpcNetClient;
using Google.Protobuf;
using File = Athens.Federation.V1.FetchRequest.Types.File;

namespace Athens.Federation.Tests.Federation.Serving;

/// <summary>A peer that speaks HTTP/2 frame by frame and reads only what it likes.</summary>
internal sealed class RawPeer : IDisposable
{
    public const int Refused = 7;

    private const string Service = "/athens.federation.v1.PeerService/";
    private const ushort InitialWindow = 4;
    private readonly SslStream stream;
    private readonly SemaphoreSlim writing = new(1);
    private int last = -1;

    private RawPeer(SslStream stream) => this.stream = stream;

    /// <param name="rig">Whom to connect to.</param>
    /// <param name="who">Whose certificate to show.</param>
    /// <param name="window">Bytes of each answer that the node may send unasked.</param>
    /// <param name="around">Puts something between TLS and the socket.</param>
    public static async Task<RawPeer> ConnectAsync(ServingRig rig, PeerClient who, int window = ushort.MaxValue, Func<Stream, Stream>? around = null)
    {
        RawPeer peer = new(await TlsAsync(rig, PeerTls.ClientOptions(who.Certificate, rig.Key), around));
        byte[] settings = new byte[6];
        BinaryPrimitives.WriteUInt16BigEndian(settings, InitialWindow);
        BinaryPrimitives.WriteInt32BigEndian(settings.AsSpan(2), window);
        await peer.stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray());
        await peer.WriteAsync(RawFrame.Settings, 0, 0, settings);
        return peer;
    }

    public static async Task<SslStream> TlsAsync(ServingRig rig, SslClientAuthenticationOptions options, Func<Stream, Stream>? around = null)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(rig.Address);
        NetworkStream network = new(socket, ownsSocket: true);
        SslStream tls = new(around is null ? network : around(network));
        try
        {
            await tls.AuthenticateAsClientAsync(options);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    /// <summary>Begins a call; its stream.</summary>
    public async Task<int> AskAsync(string method, IMessage message)
    {
        last += 2;
        MemoryStream headers = new();
        foreach ((string name, string value) in new[]
        {
            (":method", "POST"), (":scheme", "https"), (":path", Service + method), (":authority", "peer"),
            ("content-type", "application/grpc"), ("te", "trailers"),
        })
        {
            headers.WriteByte(0);
            Write(headers, name);
            Write(headers, value);
        }

        byte[] body = new byte[5 + message.CalculateSize()];
        BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(1), body.Length - 5);
        message.WriteTo(body.AsSpan(5));
        await WriteAsync(RawFrame.Headers, RawFrame.EndHeaders, last, headers.ToArray());
        await WriteAsync(RawFrame.Data, RawFrame.EndStream, last, body);
        return last;
    }

    public Task<int> FetchAsync(Athens.Federation.Node.Modules.ModuleVersion module) =>
        AskAsync("Fetch", PeerClient.Request(module, File.Zip));

    public Task ResetAsync(int call) => WriteAsync(RawFrame.Reset, 0, call, [0, 0, 0, 8]);

    /// <summary>The next frame that fits; what comes before it is dropped, pings are answered.</summary>
    /// <exception cref="EndOfStreamException">The node has closed the connection.</exception>
    public async Task<RawFrame> NextAsync(Func<RawFrame, bool> fits)
    {
        while (true)
        {
            RawFrame frame = await ReadAsync();
            if (frame.Type is RawFrame.Settings or RawFrame.Ping && (frame.Flags & RawFrame.Ack) == 0)
            {
                await WriteAsync(frame.Type, RawFrame.Ack, 0, frame.Type == RawFrame.Ping ? frame.Payload : []);
            }

            if (fits(frame))
            {
                return frame;
            }
        }
    }

    /// <summary>Reads until the node closes the connection.</summary>
    public async Task<IReadOnlyList<RawFrame>> DrainAsync()
    {
        List<RawFrame> seen = [];
        try
        {
            await NextAsync(frame =>
            {
                seen.Add(frame with { Payload = frame.Type == RawFrame.Data ? [] : frame.Payload });
                return false;
            });
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Closed, as was waited for.
        }

        return seen;
    }

    public void Dispose()
    {
        stream.Dispose();
        writing.Dispose();
    }

    private async Task WriteAsync(byte type, byte flags, int call, byte[] payload)
    {
        byte[] frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame, ((uint)payload.Length << 8) | type);
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), call);
        payload.CopyTo(frame, 9);
        await writing.WaitAsync();
        try
        {
            await stream.WriteAsync(frame);
        }
        finally
        {
            writing.Release();
        }
    }

    private async Task<RawFrame> ReadAsync()
    {
        byte[] header = new byte[9];
        await stream.ReadExactlyAsync(header);
        byte[] payload = new byte[BinaryPrimitives.ReadUInt32BigEndian(header) >> 8];
        await stream.ReadExactlyAsync(payload);
        return new RawFrame(header[3], header[4], BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(5)) & int.MaxValue, payload);
    }

    // HPACK (RFC 7541, 5.2): a string without Huffman coding, of less than 127 bytes.
    private static void Write(MemoryStream block, string text)
    {
        block.WriteByte((byte)text.Length);
        block.Write(Encoding.ASCII.GetBytes(text));
    }
}
