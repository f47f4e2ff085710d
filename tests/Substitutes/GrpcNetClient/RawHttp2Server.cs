using System.Net;
using System.Net.Sockets;

namespace Athens.Federation.Tests.Substitutes.GrpcNetClient;

/// <summary>
/// An HTTP/2 server that does what its script says, frame by frame, with no regard for the rules: what no library would
/// let a test send. In clear text, with prior knowledge.
/// </summary>
internal sealed class RawHttp2Server : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Func<RawHttp2Connection, Task> script;
    private readonly List<Task> connections = [];
    private readonly Task accepting;

    private RawHttp2Server(Func<RawHttp2Connection, Task> script)
    {
        this.script = script;
        listener.Start();
        accepting = AcceptAsync();
    }

    public string Address => $"http://{listener.LocalEndpoint}";

    /// <summary>How many connections have come so far.</summary>
    public int Connections => Volatile.Read(ref accepted);

    private int accepted;

    /// <summary>Starts; the script is run for each connection, which is closed when the script ends.</summary>
    public static RawHttp2Server Start(Func<RawHttp2Connection, Task> script) => new(script);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await accepting;
        await Task.WhenAll(connections);
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket socket = await listener.AcceptSocketAsync(stop.Token);
                Interlocked.Increment(ref accepted);
                connections.Add(Task.Run(() => ServeAsync(socket)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        socket.NoDelay = true;
        using RawHttp2Connection connection = new(socket, stop.Token);
        try
        {
            await script(connection);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
        {
            // The test is over, or the client has gone, which is often the point of the test.
        }
    }
}
