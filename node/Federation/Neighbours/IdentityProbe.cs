using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Peers;

namespace Athens.Federation.Node.Federation.Neighbours;

/// <summary>
/// Finds out who a stranger is: a TLS handshake to its end and nothing more. (Only the end proves the key: a certificate that was shown may be another's.) The
/// stranger learns this node's key, which the LAN is told anyway, and lets nobody in whom it does not know.
/// </summary>
internal sealed class IdentityProbe(PeerDialer dialer)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    /// <summary>Null: it proved the key. Else what went wrong.</summary>
    public async Task<string?> ProveAsync(IPEndPoint at, PeerKey claimed, CancellationToken cancellationToken)
    {
        string? refused = null;
        var failure = await ShakeAsync(at, dialer.Tls(claimed, (_, reason) => refused = reason), cancellationToken);
        return failure is null ? null : refused ?? failure;
    }

    /// <summary>The key that whoever is there has proven; or null, and what went wrong.</summary>
    public async Task<(PeerKey? Key, string Failure)> WhoAsync(IPEndPoint at, CancellationToken cancellationToken)
    {
        (PeerKey? Key, string? Reason) shown = default;
        var failure = await ShakeAsync(at, dialer.TlsOfAnybody((key, reason) => shown = (key, reason)), cancellationToken);
        return failure is null ? (shown.Key, "") : (null, shown.Reason ?? failure);
    }

    private async Task<string?> ShakeAsync(IPEndPoint at, SslClientAuthenticationOptions options, CancellationToken cancellationToken)
    {
        using CancellationTokenSource patience = new(Limit, dialer.Time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            using Socket socket = new(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(at, ending.Token);
            await using SslStream tls = new(new NetworkStream(socket, ownsSocket: false));
            await tls.AuthenticateAsClientAsync(options, ending.Token);
            return null;
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return "no answer in time";
        }
        catch (Exception exception) when (exception is SocketException or IOException or AuthenticationException)
        {
            return exception.Message;
        }
    }
}
