using System.Diagnostics;
using System.Runtime.CompilerServices;
using Athens.Federation.Node.Telemetry;
using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>
/// The only place that calls peers about modules: no private path is told to outsiders, no peer has more calls than its
/// bound, every call has a deadline, and every end is noted on the peer.
/// </summary>
internal sealed partial class PeerCalls
{
    private readonly PrivateGate gate;
    private readonly TimeProvider time;

    public PeerCalls(PrivateGate gate, TimeProvider time)
    {
        this.gate = gate;
        this.time = time;
    }

    /// <summary>How long Locate takes of late: what late answers are measured by.</summary>
    public LatencyQuantile LocateTimes { get; } = new();

    /// <summary>May this peer be asked about this path at all?</summary>
    public bool MayAsk(Peer peer, string path) => gate.Allows(path, peer.Options);

    /// <inheritdoc cref="LocateAsync(Peer, Wire.LocateRequest, CallPatience, CancellationToken)"/>
    public Task<PeerAnswer<Wire.LocateResponse>> LocateAsync(
        Peer peer, Wire.LocateRequest request, TimeSpan patience, CancellationToken cancellationToken) =>
        LocateAsync(peer, request, new CallPatience(patience), cancellationToken);

    /// <summary>
    /// Locate. With <c>wait_ms</c> the peer may hold the answer back for so long; that time is added to
    /// <paramref name="patience"/>, and says nothing of its latency.
    /// </summary>
    public async Task<PeerAnswer<Wire.LocateResponse>> LocateAsync(
        Peer peer, Wire.LocateRequest request, CallPatience patience, CancellationToken cancellationToken)
    {
        if (!request.Modules.All(module => MayAsk(peer, module.Path)))
        {
            return Private<Wire.LocateResponse>();
        }

        bool waits = request.WaitMs > 0;
        CallRules rules = new("locate", patience.Length + TimeSpan.FromMilliseconds(request.WaitMs))
        {
            IsMeasured = !waits,
            IsLastResort = patience.IsLastResort,
        };
        long start = time.GetTimestamp();
        PeerAnswer<Wire.LocateResponse> answer = await CallAsync(
            peer,
            rules,
            (link, options) => (request.Modules.Count > 1 ? link.Lists : link.Client).LocateAsync(request, options),
            cancellationToken);
        if (answer.End == PeerCallEnd.Answered && !waits)
        {
            LocateTimes.Add(time.GetElapsedTime(start));
        }

        if (answer.Value is { } response && response.Locations.Count != request.Modules.Count)
        {
            string reason = $"{response.Locations.Count} locations for {request.Modules.Count} module versions";
            peer.Failed(PeerFault.Protocol, reason);
            return PeerAnswer<Wire.LocateResponse>.Not(PeerCallEnd.Failed, reason);
        }

        return answer;
    }

    public Task<PeerAnswer<Wire.VersionsResponse>> VersionsAsync(
        Peer peer, string path, TimeSpan patience, CancellationToken cancellationToken) =>
        MayAsk(peer, path)
            ? CallAsync(
                peer,
                new CallRules("versions", patience) { IsMeasured = true },
                (link, options) => link.Lists.VersionsAsync(new Wire.VersionsRequest { Path = path }, options),
                cancellationToken)
            : Task.FromResult(Private<Wire.VersionsResponse>());

    public Task<PeerAnswer<Wire.ResolveResponse>> ResolveAsync(
        Peer peer, string path, string query, TimeSpan patience, CancellationToken cancellationToken) =>
        MayAsk(peer, path)
            ? CallAsync(
                peer,
                new CallRules("resolve", patience) { IsMeasured = true },
                (link, options) => link.Client.ResolveAsync(new Wire.ResolveRequest { Path = path, Query = query }, options),
                cancellationToken)
            : Task.FromResult(Private<Wire.ResolveResponse>());

    /// <summary>
    /// Fetch: waits for its turn, then gives the frames as they come, unchecked. It has no deadline, since it is progress that
    /// counts: the reader cancels. The reader also notes success and failure on the peer.
    /// </summary>
    /// <param name="peer">Whom to ask.</param>
    /// <param name="request">What for.</param>
    /// <param name="begun">Called when it is this call's turn: what went before was not the peer's slowness.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="PeerCallException">The call did not end well.</exception>
    public async IAsyncEnumerable<Wire.FetchFrame> FetchAsync(
        Peer peer, Wire.FetchRequest request, Action begun, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!MayAsk(peer, request.Module.Path) || peer.Link is not { } link)
        {
            throw new PeerCallException(new CallFault(PeerFault.Unreachable, "not connected", TimeSpan.Zero), null);
        }

        using PeerLease lease = await peer.LeaseAsync(cancellationToken);
        begun();
        using Activity? span = Begin(peer, "fetch")?.SetTag("athens.file", request.File.ToString()).SetTag("athens.offset", request.Offset);
        using AsyncServerStreamingCall<Wire.FetchFrame> call = link.Client.Fetch(
            request, new CallOptions(cancellationToken: cancellationToken));
        long bytes = 0;
        while (await NextAsync(call.ResponseStream, "fetch", span, cancellationToken))
        {
            bytes += call.ResponseStream.Current.Data.Length;
            span?.SetTag("athens.bytes", bytes);
            yield return call.ResponseStream.Current;
        }

        End(span, "fetch", "answered");
    }

    private static async Task<bool> NextAsync<T>(
        IAsyncStreamReader<T> frames, string method, Activity? span, CancellationToken cancellationToken)
    {
        try
        {
            return await frames.MoveNext(cancellationToken);
        }
        catch (RpcException exception)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                End(span, method, "cancelled");
                throw new OperationCanceledException(exception.Message, exception, cancellationToken);
            }

            var fault = CallFault.Of(exception);
            End(span, method, fault.Fault?.ToString() ?? "notheld");
            throw new PeerCallException(fault, exception);
        }
    }

    private async Task<PeerAnswer<T>> CallAsync<T>(
        Peer peer, CallRules rules, Func<PeerLink, CallOptions, AsyncUnaryCall<T>> call, CancellationToken cancellationToken)
        where T : class
    {
        if (peer.Link is not { } link || (peer.IsSetAside && !(rules.IsLastResort && peer.IsMerelySlow)))
        {
            return peer.IsBusy
                ? PeerAnswer<T>.Not(PeerCallEnd.Busy, "asked not to be asked")
                : PeerAnswer<T>.Not(PeerCallEnd.NotAsked, "not connected, or set aside");
        }

        using Activity? span = Begin(peer, rules.Method);
        using CancellationTokenSource patience = new(rules.Patience, time);
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        CallEnding ends = new(ending.Token, cancellationToken);
        PeerAnswer<T> answer = await SendAsync(peer, link, rules, call, ends);
        End(span, rules.Method, answer.End.ToString());
        if (answer.End == PeerCallEnd.GivenUp)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        return answer;
    }

    private async Task<PeerAnswer<T>> SendAsync<T>(
        Peer peer, PeerLink link, CallRules rules, Func<PeerLink, CallOptions, AsyncUnaryCall<T>> call, CallEnding ends)
        where T : class
    {
        PeerLease lease;
        try
        {
            lease = await peer.LeaseAsync(ends.Token);
        }
        catch (OperationCanceledException)
        {
            return PeerAnswer<T>.Not(PeerCallEnd.GivenUp, "too many calls to it are under way");
        }

        using (lease)
        {
            long start = time.GetTimestamp();
            try
            {
                DateTime deadline = time.GetUtcNow().UtcDateTime + rules.Patience;
                using AsyncUnaryCall<T> sent = call(link, new CallOptions(deadline: deadline, cancellationToken: ends.Token));
                T value = await sent.ResponseAsync;
                Answered(peer, rules, start);
                return PeerAnswer<T>.Of(value);
            }
            catch (RpcException exception)
            {
                return Judge<T>(peer, rules, start, exception, ends);
            }
        }
    }

    private PeerAnswer<T> Judge<T>(Peer peer, CallRules rules, long start, RpcException exception, CallEnding ends)
        where T : class
    {
        CallFault fault = CallFault.Of(exception);
        if (ends.Token.IsCancellationRequested)
        {
            // The caller went away, or most of the call's time was used up by waiting for its turn: no fault of the peer.
            if (ends.Caller.IsCancellationRequested || time.GetElapsedTime(start) < rules.Patience / 2)
            {
                return PeerAnswer<T>.Not(PeerCallEnd.GivenUp, "given up");
            }

            string reason = $"no answer to {rules.Method} in {rules.Patience.TotalMilliseconds:0} ms";
            fault = new CallFault(PeerFault.Slow, reason, TimeSpan.Zero);
        }

        if (fault.Fault is not { } kind)
        {
            Answered(peer, rules, start);
            return PeerAnswer<T>.Not(PeerCallEnd.NotHeld, fault.Reason);
        }

        peer.Failed(kind, fault.Reason, fault.Pushback);
        return PeerAnswer<T>.Not(kind == PeerFault.Busy ? PeerCallEnd.Busy : PeerCallEnd.Failed, fault.Reason);
    }

    private void Answered(Peer peer, CallRules rules, long start)
    {
        if (rules.IsMeasured)
        {
            peer.Succeeded(time.GetElapsedTime(start), 0);
        }
    }

    private static Activity? Begin(Peer peer, string method) =>
        Tracing.Source.StartActivity("peers.call", ActivityKind.Client)
            ?.SetTag("athens.peer", peer.Options.Name)
            .SetTag("athens.method", method);

    private static void End(Activity? span, string method, string outcome)
    {
        span?.SetTag("athens.outcome", outcome);
        Meters.PeerCall(method, outcome);
    }

    private static PeerAnswer<T> Private<T>()
        where T : class => PeerAnswer<T>.Not(PeerCallEnd.NotAsked, "private to this node's organization");

    /// <param name="Token">The caller leaves, or the call's patience is over.</param>
    /// <param name="Caller">The former alone.</param>
    private readonly record struct CallEnding(CancellationToken Token, CancellationToken Caller);

    private sealed record CallRules(string Method, TimeSpan Patience)
    {
        /// <summary>Its time counts for the peer's latency.</summary>
        public bool IsMeasured { get; init; }

        /// <inheritdoc cref="CallPatience.IsLastResort"/>
        public bool IsLastResort { get; init; }
    }
}
