using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Athens.Federation.Tests.Substitutes.GrpcNetClient;

/// <summary>One frame as it stands on the wire (RFC 9113, 4.1).</summary>
internal sealed record RawFrame(byte Type, byte Flags, int Stream, byte[] Payload)
{
    public const byte Data = 0, Headers = 1, Reset = 3, Settings = 4, Ping = 6, GoAway = 7, WindowUpdate = 8;
    public const byte EndStream = 1, Ack = 1, EndHeaders = 4;

    /// <summary>The error code of a RST_STREAM.</summary>
    public int ResetCode => BinaryPrimitives.ReadInt32BigEndian(Payload);
}

/// <summary>The server's end of one connection of <see cref="RawHttp2Server"/>.</summary>
internal sealed class RawHttp2Connection(Socket socket, CancellationToken stopped) : IDisposable
{
    private const int PrefaceLength = 24;
    private readonly NetworkStream stream = new(socket, ownsSocket: true);

    public CancellationToken Stopped => stopped;

    /// <summary>Reads the client's preface and sends settings of the server's own: (identifier, value) pairs.</summary>
    public async Task OpenAsync(params (ushort Id, uint Value)[] settings)
    {
        await stream.ReadExactlyAsync(new byte[PrefaceLength], stopped);
        byte[] payload = new byte[settings.Length * 6];
        for (int i = 0; i < settings.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(payload.AsSpan(i * 6), settings[i].Id);
            BinaryPrimitives.WriteUInt32BigEndian(payload.AsSpan((i * 6) + 2), settings[i].Value);
        }

        await WriteAsync(RawFrame.Settings, 0, 0, payload);
    }

    /// <summary>Reads until a request is complete, and gives its stream.</summary>
    public async Task<int> NextRequestAsync()
    {
        RawFrame frame = await NextAsync(f => f.Type is RawFrame.Headers or RawFrame.Data && (f.Flags & RawFrame.EndStream) != 0);
        return frame.Stream;
    }

    /// <summary>Reads until a frame that fits; settings and pings are acknowledged on the way.</summary>
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

    /// <summary>Answers pings, and whatever else comes, until the client closes the connection.</summary>
    public Task DrainAsync() => NextAsync(_ => false);

    /// <summary>Response headers as gRPC wants them, then what the test adds.</summary>
    public Task RespondAsync(int request, params (string Name, string Value)[] more) =>
        HeadersAsync(request, end: false, [(":status", "200"), ("content-type", "application/grpc"), .. more]);

    public Task HeadersAsync(int request, bool end, params (string Name, string Value)[] headers)
    {
        MemoryStream block = new();
        foreach ((string name, string value) in headers)
        {
            block.WriteByte(0);
            WriteText(block, name);
            WriteText(block, value);
        }

        return WriteAsync(RawFrame.Headers, (byte)(RawFrame.EndHeaders | (end ? RawFrame.EndStream : 0)), request, block.ToArray());
    }

    public Task DataAsync(int request, byte[] data, bool end = false) =>
        WriteAsync(RawFrame.Data, end ? RawFrame.EndStream : (byte)0, request, data);

    public Task ResetAsync(int request, int code) => WriteAsync(RawFrame.Reset, 0, request, BigEndian(code));

    public Task GoAwayAsync(int lastRequest, int code) => WriteAsync(RawFrame.GoAway, 0, 0, [.. BigEndian(lastRequest), .. BigEndian(code)]);

    public async Task WriteAsync(byte type, byte flags, int request, byte[] payload)
    {
        byte[] frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame, (uint)payload.Length << 8 | type);
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), request);
        payload.CopyTo(frame, 9);
        await stream.WriteAsync(frame, stopped);
    }

    /// <summary>Bytes that are no frame.</summary>
    public Task WriteGarbageAsync(byte[] bytes) => stream.WriteAsync(bytes, stopped).AsTask();

    /// <summary>Closes so that the client sees a connection reset instead of an orderly end.</summary>
    public void Abort()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }

    public void Dispose() => stream.Dispose();

    private async Task<RawFrame> ReadAsync()
    {
        byte[] header = new byte[9];
        await stream.ReadExactlyAsync(header, stopped);
        byte[] payload = new byte[BinaryPrimitives.ReadUInt32BigEndian(header) >> 8];
        await stream.ReadExactlyAsync(payload, stopped);
        return new RawFrame(header[3], header[4], BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(5)) & int.MaxValue, payload);
    }

    private static byte[] BigEndian(int value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    // HPACK (RFC 7541, 5.2): a string without Huffman coding; its length as an integer with a prefix of 7 bits.
    private static void WriteText(MemoryStream block, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int length = bytes.Length;
        if (length < 127)
        {
            block.WriteByte((byte)length);
        }
        else
        {
            block.WriteByte(127);
            for (length -= 127; length >= 128; length >>= 7)
            {
                block.WriteByte((byte)((length & 127) | 128));
            }

            block.WriteByte((byte)length);
        }

        block.Write(bytes);
    }
}
