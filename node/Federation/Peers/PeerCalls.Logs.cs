using System.Diagnostics;
using System.Runtime.CompilerServices;
using Athens.Federation.Node.Modules;
using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Peers;

/// <content>Calls about logs (provenance.proto).</content>
internal sealed partial class PeerCalls
{
    /// <summary>Heads and proofs are small; what takes longer than this is a peer that is not well.</summary>
    private static readonly TimeSpan LogPatience = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The heads of the peer's own log as they change, unchecked, until the connection ends. It waits at the peer and does not count as a call under way. The
    /// reader notes success and failure on the peer.
    /// </summary>
    /// <exception cref="PeerCallException">The call did not end well.</exception>
    public static async IAsyncEnumerable<Wire.HeadNews> WatchAsync(
        Peer peer, PeerLink link, bool withCosigned, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using Activity? span = Begin(peer, "watch");
        using AsyncServerStreamingCall<Wire.HeadNews> call = LogsOf(link).Watch(
            new Wire.WatchRequest { Cosigned = withCosigned }, new CallOptions(cancellationToken: cancellationToken));
        while (await NextAsync(call.ResponseStream, "watch", span, cancellationToken))
        {
            yield return call.ResponseStream.Current;
        }

        End(span, "watch", "answered");
    }

    /// <summary>The heads of logs that the peer mirrors as they change, unchecked, until the connection ends. As with <see cref="WatchAsync"/>.</summary>
    /// <exception cref="PeerCallException">The call did not end well.</exception>
    public static async IAsyncEnumerable<Wire.RelayedHead> WatchRelayedAsync(
        Peer peer, PeerLink link, IEnumerable<uint> logs, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using Activity? span = Begin(peer, "watchrelayed");
        using AsyncServerStreamingCall<Wire.RelayedHead> call = LogsOf(link).WatchRelayed(
            new Wire.WatchRelayedRequest { Logs = { logs } }, new CallOptions(cancellationToken: cancellationToken));
        while (await NextAsync(call.ResponseStream, "watchrelayed", span, cancellationToken))
        {
            yield return call.ResponseStream.Current;
        }

        End(span, "watchrelayed", "answered");
    }

    /// <summary>Frames of records as they come, unchecked. Without a deadline, since it is progress that counts: the reader cancels, and notes failure on the peer.</summary>
    /// <exception cref="PeerCallException">The call did not end well.</exception>
    public static async IAsyncEnumerable<Wire.RecordsFrame> RecordsAsync(
        Peer peer, Wire.RecordsRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (peer.Link is not { } link)
        {
            throw new PeerCallException(new CallFault(PeerFault.Unreachable, "not connected", TimeSpan.Zero), null);
        }

        using PeerLease lease = await peer.LeaseAsync(cancellationToken);
        using Activity? span = Begin(peer, "records");
        using AsyncServerStreamingCall<Wire.RecordsFrame> call = LogsOf(link).Records(request, new CallOptions(cancellationToken: cancellationToken));
        while (await NextAsync(call.ResponseStream, "records", span, cancellationToken))
        {
            yield return call.ResponseStream.Current;
        }

        End(span, "records", "answered");
    }

    public Task<PeerAnswer<Wire.PrefixResponse>> PrefixAsync(Peer peer, Wire.PrefixRequest request, CancellationToken cancellationToken) =>
        CallAsync(peer, new CallRules("prefix", LogPatience), (link, options) => LogsOf(link).PrefixAsync(request, options), cancellationToken);

    /// <summary>Tells a peer that its log has signed this head, which it seems not to know of.</summary>
    public Task<PeerAnswer<Wire.SeenHeadResponse>> SeenHeadAsync(Peer peer, Wire.SeenHeadRequest request, CancellationToken cancellationToken) =>
        CallAsync(peer, new CallRules("seenhead", LogPatience), (link, options) => LogsOf(link).SeenHeadAsync(request, options), cancellationToken);

    /// <summary>The record of a module version in the peer's own log, which may have to retrieve the module for it.</summary>
    public Task<PeerAnswer<Wire.LookupResponse>> LookupAsync(Peer peer, ModuleVersion module, TimeSpan patience, CancellationToken cancellationToken)
    {
        Wire.LookupRequest request = new() { Module = new Wire.ModuleVersion { Path = module.Path, Version = module.Version } };
        return MayAsk(peer, module.Path)
            ? CallAsync(peer, new CallRules("lookup", patience), (link, options) => LogsOf(link).LookupAsync(request, options), cancellationToken)
            : Task.FromResult(Private<Wire.LookupResponse>());
    }

    private static Wire.LogService.LogServiceClient LogsOf(PeerLink link) =>
        link.Logs ?? throw new RpcException(new Status(StatusCode.Unimplemented, "nothing is asked about logs here"));
}
