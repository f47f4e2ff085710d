using System.Net;
using System.Net.Sockets;

namespace Athens.Federation.Tests.Isolation;

/// <summary>
/// An address where connection attempts get no answer at all, as behind a firewall that drops: a socket that listens with the
/// shortest queue, which is full, and never accepts. Linux drops the SYNs of whoever comes then.
/// </summary>
internal sealed class BlackHole : IDisposable
{
    /// <summary>An answer over loopback takes microseconds; who has none by now gets none.</summary>
    private static readonly TimeSpan Unanswered = TimeSpan.FromMilliseconds(300);

    private const int MostToFill = 8;

    private readonly Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> filling = [];

    public BlackHole()
    {
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        while (filling.Count < MostToFill && IsAnswered())
        {
        }
    }

    /// <summary>Why there can be none on this system; null when there can.</summary>
    public static string? Missing { get; } = Try();

    public string Address => listener.LocalEndPoint!.ToString()!;

    private bool IsFull => filling.Count < MostToFill;

    public void Dispose()
    {
        filling.ForEach(static socket => socket.Dispose());
        listener.Dispose();
    }

    private static string? Try()
    {
        using BlackHole tried = new();
        return tried.IsFull ? null : "this system answers connection attempts although the queue of the listening socket is full";
    }

    private bool IsAnswered()
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        filling.Add(socket);
        try
        {
            socket.Connect(listener.LocalEndPoint!);
            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            return socket.Poll(Unanswered, SelectMode.SelectWrite);
        }
    }
}

/// <summary>Skipped, and counted so, where the system cannot be made to drop a SYN without being root.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class BlackHoleTheoryAttribute : TheoryAttribute
{
    public BlackHoleTheoryAttribute() => Skip = BlackHole.Missing;
}
