using Athens.Federation.Node.Federation.Identity;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>Peers over HTTP/2 and mutual TLS 1.3.</summary>
/// <param name="certificate">This node's; renews itself.</param>
/// <param name="rotate">Gives the addresses of a host in an order that begins anywhere.</param>
internal sealed class HttpTransport(NodeCertificate certificate, Func<System.Net.IPAddress[], System.Net.IPAddress[]> rotate) : IPeerTransport
{
    public IPeerLine Open(PeerKey key, PeerTarget target, Action closed) =>
        new HttpLine(refused => PeerTls.ClientOptions(certificate, key, (_, reason) => refused(reason)), target, rotate, closed);
}
