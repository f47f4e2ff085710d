using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Athens.Federation.Tests.Integration;

/// <summary>Passes connections on to a server, counts what it sends, and breaks them off when told.</summary>
internal sealed class CountingRelay : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopping = new();
    private readonly IPEndPoint server;
    private readonly Task accepting;
    private readonly ConcurrentDictionary<Socket, Socket> open = new();
    private long fromServer;

    public CountingRelay(IPEndPoint server)
    {
        this.server = server;
        listener.Start();
        accepting = AcceptAsync();
    }

    public string Address => listener.LocalEndpoint.ToString()!;

    /// <summary>Bytes that the server has sent so far, through all connections.</summary>
    public long FromServer => Interlocked.Read(ref fromServer);

    /// <summary>Resets every connection on both sides, as a firewall may.</summary>
    public void Reset()
    {
        foreach (var (client, toServer) in open)
        {
            // Both before either is closed: the end of one closes the other, which would be an orderly end.
            client.LingerState = toServer.LingerState = new LingerOption(true, 0);
            client.Close();
            toServer.Close();
        }
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
        using var ofClient = new NetworkStream(client, ownsSocket: true);
        using var toServer = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            client.NoDelay = true;
            await toServer.ConnectAsync(server, stopping.Token);
            using var ofServer = new NetworkStream(toServer);
            open[client] = toServer;
            await Task.WhenAny(CopyAsync(ofClient, ofServer, _ => { }), CopyAsync(ofServer, ofClient, read => Interlocked.Add(ref fromServer, read)));
        }
        catch (SocketException)
        {
            // The server is not there; the client sees its connection end.
        }
        finally
        {
            open.TryRemove(client, out _);
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, Action<int> count)
    {
        var buffer = new byte[1 << 16];
        try
        {
            while (await from.ReadAsync(buffer, stopping.Token) is var read and > 0)
            {
                count(read);
                await to.WriteAsync(buffer.AsMemory(0, read), stopping.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // One side is gone, and with the return of this copy the other goes too.
        }
    }
}
