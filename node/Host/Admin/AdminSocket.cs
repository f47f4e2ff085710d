using System.Net.Sockets;
using Athens.Federation.Node.Cli.Admin;

namespace Athens.Federation.Node.Host.Admin;

/// <summary>The file <c>admin.sock</c>: made so that nobody but its owner can ever connect.</summary>
internal static class AdminSocket
{
    private const int Backlog = 16;

    /// <summary>Binds and listens. A file that a node left behind when it was killed is replaced.</summary>
    /// <exception cref="IOException">The path cannot be used, or another node listens there; the message says what to do.</exception>
    public static Socket Open(string path)
    {
        if (!AdminWire.FitsSocket(path))
        {
            throw new IOException($"{path} is longer than the {AdminWire.MaxPath} bytes that a socket's path can have: give the node a data folder with a shorter path");
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            RemoveStale(path);
            socket.Bind(new UnixDomainSocketEndPoint(path));

            // Nobody can connect before there is somebody who listens, so the mode is there in time.
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            socket.Listen(Backlog);
            return socket;
        }
        catch (Exception error) when (error is SocketException or UnauthorizedAccessException)
        {
            socket.Dispose();
            throw new IOException($"{path} cannot be listened on: {error.Message}", error);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void RemoveStale(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        if (File.GetAttributes(path).HasFlag(FileAttributes.ReparsePoint) || new FileInfo(path).Length > 0)
        {
            throw new IOException($"{path} is no socket: move it away");
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
            return;
        }

        throw new IOException($"another node listens on {path}: each node needs a data folder of its own");
    }
}
