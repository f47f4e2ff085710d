using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Storage;
using Grpc.Core;
using Grpc.Net.Client;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Hostile;

/// <summary>A peer that opens 10,000 streams at the node's own peer port, in the ways there are.</summary>
[Collection(HostileCases.Name)]
public sealed class FloodTests(NodeUnderTest node)
{
    private const int Streams = 10_000;

    /// <summary>
    /// The most resident memory that the node may take beyond what it had while one peer floods it: 64 streams of it that are
    /// answered and not read, sixteen connections with the windows of each, 10,000 refusals. 67 MiB was the most ever seen.
    /// </summary>
    private const long MostGrowth = 160L << 20;

    /// <summary>An honest peer's question while the flood lasts: the machine has two cores, and the flood comes from the same one.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Ten_thousand_calls_at_once_are_served_or_refused_with_a_time_to_come_back()
    {
        SampleModule module = await node.NewModuleAsync(4 << 20);
        await node.GetAsync(module);
        using Caller flood = new("flood", node);
        using Caller other = new("other", node);
        await JoinAsync(flood, other);
        ProcessMemory memory = ProcessMemory.WatchFrom(node.Process.Id);
        using CancellationTokenSource over = new();
        Task<StatusCode>[] calls = [.. Enumerable.Range(0, Streams).Select(_ => StandAsync(flood, module, over.Token))];
        await other.AssertServedAsync(module, Patience);
        TimeSpan hit = await node.GetAsync(module);
        Assert.True(hit < Patience, $"a hit took {hit}");

        // Those that were let in stand with their first frame until they are cancelled; all others have been refused by then.
        await NodeUnderTest.EventuallyAsync(() => calls.Count(static call => call.IsCompleted) >= Streams - 2048, () => $"{calls.Count(static call => call.IsCompleted)} ended");
        await over.CancelAsync();
        StatusCode[] ends = await Task.WhenAll(calls);
        Assert.All(ends, static end => Assert.Contains(end, new[] { StatusCode.OK, StatusCode.Cancelled, StatusCode.ResourceExhausted, StatusCode.Unavailable }));
        Assert.Contains(StatusCode.ResourceExhausted, ends);
        Assert.InRange(memory.Growth, long.MinValue, MostGrowth);
        await other.AssertServedAsync(module, Patience);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Ten_thousand_streams_of_one_connection_are_refused_or_end_it(bool isReset)
    {
        SampleModule module = await node.NewModuleAsync(1000);
        await node.GetAsync(module);
        using Caller flood = new(isReset ? "resetting" : "opening", node);
        using Caller other = new(isReset ? "other-2" : "other-1", node);
        await JoinAsync(flood, other);
        ProcessMemory memory = ProcessMemory.WatchFrom(node.Process.Id);
        Task flooding = flood.OpenStreamsAsync(Streams, isReset);
        await other.AssertServedAsync(module, Patience);
        await flooding;
        Assert.InRange(memory.Growth, long.MinValue, MostGrowth);
        await other.AssertServedAsync(module, Patience);
    }

    private Task JoinAsync(params Caller[] callers) =>
        node.KnowAsync("observe", [.. callers.Select(static caller => (caller.Name, "127.0.0.1:1", caller.Key, "none"))]);

    /// <summary>Asks for a zip and takes the first frame of it alone.</summary>
    private static async Task<StatusCode> StandAsync(Caller caller, SampleModule module, CancellationToken cancellationToken)
    {
        try
        {
            using AsyncServerStreamingCall<Wire.FetchFrame> call = caller.Service.Fetch(
                new Wire.FetchRequest { Module = Name(module), File = Wire.FetchRequest.Types.File.Zip }, cancellationToken: cancellationToken);
            await call.ResponseStream.MoveNext(cancellationToken);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return StatusCode.OK;
        }
        catch (RpcException exception)
        {
            return exception.StatusCode;
        }
        catch (OperationCanceledException)
        {
            return StatusCode.Cancelled;
        }
    }

    private static Wire.ModuleVersion Name(SampleModule module) => new() { Path = module.Module.Path, Version = module.Module.Version };

    /// <summary>A peer that only calls.</summary>
    private sealed class Caller : IDisposable
    {
        private readonly NodeUnderTest node;
        private readonly SigningKey identity;
        private readonly NodeCertificate certificate;
        private readonly SocketsHttpHandler handler;
        private readonly GrpcChannel channel;

        public Caller(string name, NodeUnderTest node)
        {
            this.node = node;
            Name = name;
            identity = SigningKey.Create(name);
            certificate = new NodeCertificate(identity, TimeProvider.System);
            handler = new SocketsHttpHandler
            {
                SslOptions = PeerTls.ClientOptions(certificate, node.Key),
                EnableMultipleHttp2Connections = true,
                MaxConnectionsPerServer = 16,
            };
            channel = GrpcChannel.ForAddress($"https://{node.PeerAddress}", new GrpcChannelOptions { HttpHandler = handler });
            Service = new Wire.PeerService.PeerServiceClient(channel);
        }

        public string Name { get; }

        public PeerKey Key => certificate.Key;

        public Wire.PeerService.PeerServiceClient Service { get; }

        public async Task AssertServedAsync(SampleModule module, TimeSpan patience)
        {
            Wire.LocateResponse answer = await Service.LocateAsync(
                new Wire.LocateRequest { Modules = { FloodTests.Name(module) } }, deadline: TimeProvider.System.GetUtcNow().UtcDateTime + patience);
            Assert.Equal(Wire.Location.Types.State.Held, Assert.Single(answer.Locations).State);
        }

        /// <summary>HEADERS of so many requests that never end, whatever the server's settings say, until it has closed the connection.</summary>
        public async Task OpenStreamsAsync(int count, bool isReset)
        {
            using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(node.PeerAddress);
            using SslStream tls = new(new NetworkStream(socket));
            await tls.AuthenticateAsClientAsync(PeerTls.ClientOptions(certificate, node.Key), CancellationToken.None);
            Task reading = tls.CopyToAsync(Stream.Null);
            try
            {
                await tls.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray());
                await tls.WriteAsync(new byte[] { 0, 0, 0, 4, 0, 0, 0, 0, 0 });
                for (int i = 0; i < count; i++)
                {
                    await tls.WriteAsync(Request((i * 2) + 1, isReset));
                }

                await tls.FlushAsync();
                socket.Shutdown(SocketShutdown.Send);
                await reading;
            }
            catch (IOException)
            {
                // Closed by the node, as it should be.
            }
        }

        public void Dispose()
        {
            channel.Dispose();
            handler.Dispose();
            certificate.Dispose();
            identity.Dispose();
        }

        private static byte[] Request(int stream, bool isReset)
        {
            // :method POST, :scheme https, :path / from the static table, :authority empty, content-type literal (RFC 7541).
            byte[] block = [0x83, 0x87, 0x84, 0x01, 0, 0x0F, 0x10, 16, .. "application/grpc"u8];
            byte[] frame = [0, 0, (byte)block.Length, 1, 4, 0, 0, 0, 0, .. block];
            BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
            if (!isReset)
            {
                return frame;
            }

            byte[] reset = [0, 0, 4, 3, 0, 0, 0, 0, 0, 0, 0, 0, 8];
            BinaryPrimitives.WriteInt32BigEndian(reset.AsSpan(5), stream);
            return [.. frame, .. reset];
        }
    }
}
