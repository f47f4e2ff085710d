using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Athens.Federation.Tests.Isolation;

/// <summary>
/// Passes connections on to a server. What the server says arrives late by <see cref="Delay"/>, as over a very long line; TLS
/// and everything in it stay as they are.
/// </summary>
internal sealed class SlowRelay : IAsyncDisposable
{
    private const int BufferSize = 16 << 10;

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopping = new();
    private readonly IPEndPoint server;
    private readonly Task accepting;
    private long delayTicks;

    public SlowRelay(IPEndPoint server)
    {
        this.server = server;
        listener.Start();
        accepting = AcceptAsync();
    }

    public string Address => listener.LocalEndpoint.ToString()!;

    /// <summary>For what is sent from now on; no delay at first.</summary>
    public TimeSpan Delay
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref delayTicks));
        set => Interlocked.Exchange(ref delayTicks, value.Ticks);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Stop();
        await accepting;
        stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> relays = [];
        try
        {
            while (true)
            {
                relays.Add(RelayAsync(await listener.AcceptSocketAsync(stopping.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(relays);
        }
    }

    private async Task RelayAsync(Socket client)
    {
        using NetworkStream ofClient = new(client, ownsSocket: true);
        using Socket toServer = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            client.NoDelay = true;
            await toServer.ConnectAsync(server, stopping.Token);
            using NetworkStream ofServer = new(toServer);
            var underWay = Channel.CreateUnbounded<(long Sent, TimeSpan Delay, byte[] Bytes)>();
            await Task.WhenAny(
                EndAsync(ofClient.CopyToAsync(ofServer, stopping.Token)),
                EndAsync(TakeAsync(ofServer, underWay.Writer)),
                EndAsync(GiveAsync(underWay.Reader, ofClient)));
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // The server is not there; the client sees its connection end.
        }
    }

    private async Task TakeAsync(NetworkStream server, ChannelWriter<(long Sent, TimeSpan Delay, byte[] Bytes)> underWay)
    {
        byte[] buffer = new byte[BufferSize];
        while (await server.ReadAsync(buffer, stopping.Token) is var read and > 0)
        {
            await underWay.WriteAsync((TimeProvider.System.GetTimestamp(), Delay, buffer[..read]), stopping.Token);
        }
    }

    private async Task GiveAsync(ChannelReader<(long Sent, TimeSpan Delay, byte[] Bytes)> underWay, NetworkStream client)
    {
        await foreach (var (sent, delay, bytes) in underWay.ReadAllAsync(stopping.Token))
        {
            TimeSpan left = delay - TimeProvider.System.GetElapsedTime(sent);
            if (left > TimeSpan.Zero)
            {
                await Task.Delay(left, TimeProvider.System, stopping.Token);
            }

            await client.WriteAsync(bytes, stopping.Token);
        }
    }

    /// <summary>One side is gone, and with the return of this copy the others go too.</summary>
    private static async Task EndAsync(Task copying)
    {
        try
        {
            await copying;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // What was wanted.
        }
    }
}
