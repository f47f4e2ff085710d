using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Grpc.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Athens.Federation.Tests.Hostile;

/// <summary>Peers that do not speak the protocol: below gRPC's messages, below HTTP/2's frames, below TLS.</summary>
[Collection(HostileCases.Name)]
public sealed class GarbageTests(NodeUnderTest node)
{
    private static readonly byte[] Preamble = [0, 0, 0, 0, 0];

    /// <summary>Bodies and ends of an answer to a proper call.</summary>
    private static readonly Dictionary<string, Func<HttpResponse, Task>> Answers = new(StringComparer.Ordinal)
    {
        ["compressed"] = static response => BodyAsync(response, [1, 0, 0, 0, 2, 10, 0]),
        ["giant-length"] = static response => BodyAsync(response, [0, 255, 255, 255, 255]),
        ["gigabyte-message"] = static async response =>
        {
            await StartAsync(response, [0, 0x40, 0, 0, 0]);
            byte[] more = new byte[64 << 10];
            for (int i = 0; i < (1 << 30) / more.Length; i++)
            {
                await response.Body.WriteAsync(more);
            }
        },
        ["no-protobuf"] = static response => BodyAsync(response, [0, 0, 0, 0, 5, 255, 255, 255, 255, 255]),
        ["cut-message"] = static response => BodyAsync(response, [0, 0, 0, 0, 100, 1, 2]),
        ["unknown-status"] = static response =>
        {
            response.ContentType = "application/grpc";
            response.Headers["grpc-status"] = "4711";
            return Task.CompletedTask;
        },
        ["status-no-number"] = static response =>
        {
            response.ContentType = "application/grpc";
            response.Headers["grpc-status"] = "abc";
            return Task.CompletedTask;
        },
        ["no-status"] = static response =>
        {
            response.ContentType = "application/grpc";
            return response.Body.WriteAsync(Preamble).AsTask();
        },
        ["web-page"] = static response =>
        {
            response.ContentType = "text/html";
            return response.WriteAsync("<h1>It works!</h1>");
        },
    };

    /// <summary>What comes in place of HTTP/2.</summary>
    private static readonly Dictionary<string, Func<int, Poison>> Poisons = new(StringComparer.Ordinal)
    {
        ["random-bytes"] = static _ => static (wire, stop) => WriteAsync(wire, RandomBytes(64 << 10), stop),
        ["giant-frame"] = static stream => (wire, stop) => RepeatAsync(wire, Frame(type: 0, flags: 0, stream, length: 0xFFFFFF), new byte[64 << 10], 256, stop),
        ["headers-without-end"] = static stream => (wire, stop) =>
            RepeatAsync(wire, Frame(type: 1, flags: 0, stream, length: 0), [.. Frame(type: 9, flags: 0, stream, length: 16 << 10), .. new byte[16 << 10]], 4096, stop),
        ["stream-never-opened"] = static _ => static (wire, stop) => WriteAsync(wire, [.. Frame(type: 0, flags: 0, stream: 9999, length: 4), 1, 2, 3, 4], stop),
        ["pings"] = static _ => static (wire, stop) => RepeatAsync(wire, [], [.. Frame(type: 6, flags: 0, stream: 0, length: 8), .. new byte[8]], 100_000, stop),
        ["goaway"] = static _ => static (wire, stop) => WriteAsync(wire, [.. Frame(type: 7, flags: 0, stream: 0, length: 8), 0, 0, 0, 0, 0, 0, 0, 1], stop),
    };

    /// <summary>What a port answers with that is no TLS at all; null: nothing.</summary>
    private static readonly Dictionary<string, byte[]?> Ports = new(StringComparer.Ordinal)
    {
        ["noise"] = RandomBytes(1 << 20),
        ["plain-http"] = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
        ["giant-tls-record"] = [22, 3, 3, 255, 255, .. new byte[64 << 10]],
        ["silent-port"] = null,
    };

    public static TheoryData<string, string> AnswerCases()
    {
        TheoryData<string, string> cases = [];
        foreach (string kind in Answers.Keys)
        {
            cases.Add(kind, "Locate");
            cases.Add(kind, "Fetch");
        }

        return cases;
    }

    public static TheoryData<string> PoisonCases() => [.. Poisons.Keys];

    public static TheoryData<string> PortCases() => [.. Ports.Keys];

    [Theory]
    [MemberData(nameof(AnswerCases))]
    public async Task Garbage_in_place_of_gRPC_costs_its_sender_its_place(string kind, string method)
    {
        await using Encounter encounter = await Encounter.BeginAsync(node, $"{kind}-{method}", prepare: liar => liar.Raw = context =>
        {
            if (!context.Request.Path.Value!.EndsWith(method, StringComparison.Ordinal))
            {
                return null;
            }

            liar.Told();
            return Answers[kind](context.Response);
        });
        await encounter.FetchUntilLiedToAsync();
        await encounter.AssertSetAsideAsync("Protocol");
        await encounter.AssertUnharmedAsync();
    }

    [Theory]
    [MemberData(nameof(PoisonCases))]
    public async Task Garbage_in_place_of_HTTP_2_ends_its_connection(string kind)
    {
        await using Encounter encounter = await Encounter.BeginAsync(node, kind, prepare: liar => liar.Lie((served, frames, context) =>
        {
            int stream = context.GetHttpContext().Features.Get<IHttp2StreamIdFeature>()!.StreamId;
            PoisonedConnection.Poison(context, Poisons[kind](stream));
            return StreamLies.TruncatedAsync(served, frames, context);
        }));
        await encounter.FetchUntilLiedToAsync();
        await encounter.AssertLoggedAsync($"Peer {kind} disconnected");
        await encounter.FetchAsync();
        await encounter.AssertUnharmedAsync();
    }

    [Theory]
    [MemberData(nameof(PortCases))]
    public async Task A_port_that_speaks_no_TLS_is_never_a_peer(string kind)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        using CancellationTokenSource stop = new();
        Task answering = AnswerAsync(listener, Ports[kind], stop.Token);
        await using (Encounter encounter = await Encounter.BeginAtAsync(node, kind, listener.LocalEndpoint.ToString()!))
        {
            await encounter.AssertLoggedAsync($"Peer {kind} at {listener.LocalEndpoint} cannot be reached");
            await encounter.FetchAsync();
            await encounter.AssertUnharmedAsync();
        }

        await stop.CancelAsync();
        await answering;
    }

    private static async Task AnswerAsync(TcpListener listener, byte[]? answer, CancellationToken stop)
    {
        List<Socket> open = [];
        try
        {
            while (true)
            {
                Socket socket = await listener.AcceptSocketAsync(stop);
                open.Add(socket);
                if (answer is not null)
                {
                    // The node may have seen enough before all of it is sent.
                    _ = socket.SendAsync(answer, SocketFlags.None, stop).AsTask().ContinueWith(static sent => _ = sent.Exception, TaskScheduler.Default);
                }
            }
        }
        catch (OperationCanceledException)
        {
            open.ForEach(static socket => socket.Dispose());
        }
    }

    private static async Task StartAsync(HttpResponse response, byte[] bytes)
    {
        response.ContentType = "application/grpc";
        await response.Body.WriteAsync(bytes);
    }

    private static async Task BodyAsync(HttpResponse response, byte[] bytes)
    {
        await StartAsync(response, bytes);
        response.AppendTrailer("grpc-status", "0");
    }

    private static byte[] Frame(byte type, byte flags, int stream, int length)
    {
        byte[] frame = new byte[9];
        BinaryPrimitives.WriteUInt32BigEndian(frame, ((uint)length << 8) | type);
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        return frame;
    }

    private static byte[] RandomBytes(int count)
    {
        byte[] bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }

    private static async Task WriteAsync(PipeWriter wire, byte[] bytes, CancellationToken stop)
    {
        await wire.WriteAsync(bytes, stop);

        // Whoever is not bothered by it may go on; nothing else comes.
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, stop);
    }

    private static async Task RepeatAsync(PipeWriter wire, byte[] first, byte[] then, int times, CancellationToken stop)
    {
        wire.Write(first);
        for (int i = 0; i < times; i++)
        {
            if ((await wire.WriteAsync(then, stop)).IsCompleted)
            {
                return;
            }
        }
    }
}
