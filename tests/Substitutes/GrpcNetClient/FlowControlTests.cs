using System.Buffers.Binary;
using Grpc.Core;

namespace Athens.Federation.Tests.Substitutes.GrpcNetClient;

/// <summary>How much a client takes from a server that sends as fast as it may, while its caller reads slowly.</summary>
public sealed class FlowControlTests
{
    /// <summary>The largest window of .NET's HTTP/2, to which it grows while a stream is read fast.</summary>
    private const int LargestWindow = 16 << 20;

    private const int Message = 60_000;

    [Fact]
    public async Task A_reader_that_stops_stops_the_server()
    {
        SendingServer server = new();
        await using RawCalls calls = RawCalls.To(server.ServeAsync);
        using AsyncServerStreamingCall<byte[]> call = calls.Client.Stream(new { });
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));

        long held = await server.NextStopAsync();
        Assert.InRange(held, Message, LargestWindow + (2 * Message));

        // Read on until the server goes on: it does so because of the reading alone.
        long before = held;
        for (int i = 0; held == before; i++)
        {
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
            Assert.Equal(Message, call.ResponseStream.Current.Length);
            held = Math.Max(held, server.Sent);
        }

        Assert.InRange(held - (Message * 2L), 0, LargestWindow * 2L);
    }

    /// <summary>Sends messages for as long as the client's windows let it.</summary>
    private sealed class SendingServer
    {
        private readonly System.Threading.Channels.Channel<long> stops = System.Threading.Channels.Channel.CreateUnbounded<long>();
        private readonly byte[] messages = RawCalls.Message(new byte[Message]);
        private long sent;

        public long Sent => Volatile.Read(ref sent);

        public async Task<long> NextStopAsync() => await stops.Reader.ReadAsync();

        public async Task ServeAsync(RawHttp2Connection connection)
        {
            long connectionWindow = 65_535, streamWindow = 65_535;
            int request = 0;
            await connection.OpenAsync();
            await connection.NextAsync(frame =>
            {
                Count(frame, ref connectionWindow, ref streamWindow);
                request = frame.Stream;
                return frame.Type is RawFrame.Headers or RawFrame.Data && (frame.Flags & RawFrame.EndStream) != 0;
            });
            await connection.RespondAsync(request);
            while (true)
            {
                while (Math.Min(connectionWindow, streamWindow) is > 0 and var window)
                {
                    int offset = (int)(Sent % messages.Length);
                    int length = (int)Math.Min(Math.Min(window, 16_384), messages.Length - offset);
                    await connection.DataAsync(request, messages[offset..(offset + length)]);
                    connectionWindow -= length;
                    streamWindow -= length;
                    Interlocked.Add(ref sent, length);
                }

                stops.Writer.TryWrite(Sent);
                await connection.NextAsync(frame =>
                {
                    Count(frame, ref connectionWindow, ref streamWindow);
                    return frame.Type == RawFrame.WindowUpdate;
                });
            }
        }

        private static void Count(RawFrame frame, ref long connectionWindow, ref long streamWindow)
        {
            if (frame.Type == RawFrame.WindowUpdate)
            {
                int more = BinaryPrimitives.ReadInt32BigEndian(frame.Payload);
                if (frame.Stream == 0)
                {
                    connectionWindow += more;
                }
                else
                {
                    streamWindow += more;
                }
            }

            for (int i = 0; frame.Type == RawFrame.Settings && i < frame.Payload.Length; i += 6)
            {
                if (BinaryPrimitives.ReadUInt16BigEndian(frame.Payload.AsSpan(i)) == 4)
                {
                    streamWindow += BinaryPrimitives.ReadInt32BigEndian(frame.Payload.AsSpan(i + 2)) - 65_535;
                }
            }
        }
    }
}
