using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Athens.Federation.Tests.Protocol;

/// <summary>An HTTP client that sends any bytes at all over one kept connection, and opens another when the server closes it.</summary>
internal sealed class RawClient(IPEndPoint server) : IDisposable
{
    private readonly byte[] buffer = new byte[64 << 10];
    private Socket? socket;

    public int Connections { get; private set; }

    /// <summary>Sends a whole request head and gives the answer's status, head and body; status 0 when the server only hung up.</summary>
    public RawAnswer Send(ReadOnlySpan<byte> request, bool bodiless = false)
    {
        if (socket is null)
        {
            socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 10_000 };
            socket.Connect(server);
            Connections++;
        }

        try
        {
            socket.Send(request);
            var answer = Receive(bodiless);
            if (answer.Status == 0 || answer.Head.Contains("Connection: close", StringComparison.OrdinalIgnoreCase))
            {
                Close();
            }

            return answer;
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
        {
            Close();
            return new RawAnswer(0, "", "");
        }
    }

    public RawAnswer Get(string target) => Send(Encoding.Latin1.GetBytes($"GET {target} HTTP/1.1\r\nHost: node\r\n\r\n"));

    public void Close()
    {
        socket?.Dispose();
        socket = null;
    }

    public void Dispose() => Close();

    private RawAnswer Receive(bool bodiless)
    {
        int have = 0;
        int headEnd = -1;
        while (headEnd < 0)
        {
            int got = socket!.Receive(buffer.AsSpan(have));
            if (got == 0)
            {
                return new RawAnswer(0, "", "");
            }

            have += got;
            headEnd = buffer.AsSpan(0, have).IndexOf("\r\n\r\n"u8);
        }

        string head = Encoding.Latin1.GetString(buffer, 0, headEnd + 2);
        int status = int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture);
        int length = bodiless ? 0 : Length(head);
        int bodyAt = headEnd + 4;
        while (have < bodyAt + length)
        {
            int got = socket!.Receive(buffer.AsSpan(have));
            if (got == 0)
            {
                break;
            }

            have += got;
        }

        return new RawAnswer(status, head, Encoding.UTF8.GetString(buffer, bodyAt, have - bodyAt));
    }

    private static int Length(string head)
    {
        const string name = "Content-Length: ";
        int at = head.IndexOf(name, StringComparison.OrdinalIgnoreCase);
        return at < 0 ? 0 : int.Parse(head.AsSpan(at + name.Length, head.IndexOf('\r', at) - at - name.Length), CultureInfo.InvariantCulture);
    }
}

internal sealed record RawAnswer(int Status, string Head, string Body);
