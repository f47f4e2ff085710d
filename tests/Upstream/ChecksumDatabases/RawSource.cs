using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Athens.Federation.Tests.Upstream.ChecksumDatabases;

/// <summary>A server on a real socket that answers with whatever bytes it is told, one request a connection.</summary>
internal sealed class RawSource : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopping = new();
    private readonly Func<string, NetworkStream, CancellationToken, Task> answer;
    private readonly Task loop;
    private readonly TaskCompletionSource answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int requests;

    /// <param name="answer">Gets the first line of the request.</param>
    public RawSource(Func<string, NetworkStream, CancellationToken, Task> answer)
    {
        this.answer = answer;
        listener.Start();
        loop = AcceptAsync();
    }

    public RawSource(string answer)
        : this((_, stream, token) => stream.WriteAsync(Encoding.UTF8.GetBytes(answer.ReplaceLineEndings("\r\n")), token).AsTask())
    {
    }

    public Uri Address => new($"http://{listener.LocalEndpoint}/base/");

    public int Requests => requests;

    /// <summary>Ends when the first answer was given as far as it goes.</summary>
    public Task Answered => answered.Task;

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await loop;
        listener.Stop();
        stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await listener.AcceptTcpClientAsync(stopping.Token)));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                using var reader = new StreamReader(stream, leaveOpen: true);
                var first = await reader.ReadLineAsync(stopping.Token);
                while (await reader.ReadLineAsync(stopping.Token) is { Length: > 0 })
                {
                }

                Interlocked.Increment(ref requests);
                await answer(first ?? "", stream, stopping.Token);
            }
            catch (Exception error) when (error is IOException or OperationCanceledException)
            {
                // The node has hung up, or the test is over.
            }
            finally
            {
                answered.TrySetResult();
            }
        }
    }
}
