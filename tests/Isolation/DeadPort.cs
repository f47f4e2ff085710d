using System.Net;
using System.Net.Sockets;

namespace Athens.Federation.Tests.Isolation;

/// <summary>An address that refuses connections, and that nobody else can listen on meanwhile: bound, not listening.</summary>
internal sealed class DeadPort : IDisposable
{
    private readonly Socket bound = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public DeadPort() => bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    public string Address => bound.LocalEndPoint!.ToString()!;

    public void Dispose() => bound.Dispose();
}
