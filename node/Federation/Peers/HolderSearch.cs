using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.Trust;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>Asks peers whether they hold a module version, all at once, and checks what they say.</summary>
internal sealed class HolderSearch
{
    /// <summary>An answer comes out of memory or one database look-up: who takes longer than this is not worth waiting for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>For one that is known to be slow, when nobody else is left.</summary>
    public static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(3);

    private readonly PeerCalls calls;
    private readonly TrustDesk desk;
    private readonly TimeProvider time;
    private readonly ILogger logger;

    public HolderSearch(PeerCalls calls, TrustDesk desk, TimeProvider time, ILogger logger)
    {
        this.calls = calls;
        this.desk = desk;
        this.time = time;
        this.logger = logger;
    }

    /// <inheritdoc cref="PeerCalls.MayAsk"/>
    public bool MayAsk(Peer peer, string path) => calls.MayAsk(peer, path);

    /// <summary>A search that has asked nobody yet.</summary>
    /// <param name="trust">What to look for, and what is known of it.</param>
    /// <param name="proving">Ends when no public proof is to be waited for any more.</param>
    public SearchRun Begin(TrustCase trust, Task proving) => new(trust, proving, calls.LocateTimes.HedgeDelay, time, logger);

    /// <summary>
    /// Asks <paramref name="peers"/>, who must not have been asked before in this search. The questions live on when the caller has heard
    /// enough, at most <see cref="Patience"/>: what late answers say is compared too.
    /// </summary>
    /// <param name="run">The search.</param>
    /// <param name="peers">Whom to ask.</param>
    /// <param name="contest">Is told how the rivals among them stand; null: nothing is announced to anyone.</param>
    /// <param name="isAll">Nobody else will be asked.</param>
    /// <returns>Ends when all have answered or were given up.</returns>
    public Task AskAsync(SearchRun run, IReadOnlyList<Peer> peers, Contest? contest, bool isAll)
    {
        run.Expect(peers, isAll);
        return Task.WhenAll(peers.Select(peer => AskAsync(run, peer, contest)));
    }

    /// <summary>
    /// Asks peers that were set aside for being slow: they may have been overloaded for a moment, and nobody else is left. They are given longer.
    /// </summary>
    public async Task AskLastAsync(SearchRun run, IEnumerable<Peer> peers, CancellationToken cancellationToken)
    {
        CallPatience last = new(LastPatience, IsLastResort: true);
        await Task.WhenAll(peers.Select(peer => LocateAsync(run, peer, Question(run.Module), last, cancellationToken)));
    }

    /// <summary>
    /// One question to one peer; how it stands is what it answered. A holder is added to <paramref name="run"/>, a lie noted on
    /// the peer.
    /// </summary>
    /// <param name="run">The search that this belongs to.</param>
    /// <param name="peer">Whom to ask.</param>
    /// <param name="request">One module version.</param>
    /// <param name="cancellationToken">The caller leaves.</param>
    public Task<(Standing Standing, PeerCallEnd End)> LocateAsync(
        SearchRun run, Peer peer, Wire.LocateRequest request, CancellationToken cancellationToken) =>
        LocateAsync(run, peer, request, new CallPatience(Patience), cancellationToken);

    private async Task<(Standing Standing, PeerCallEnd End)> LocateAsync(
        SearchRun run, Peer peer, Wire.LocateRequest request, CallPatience patience, CancellationToken cancellationToken)
    {
        PeerAnswer<Wire.LocateResponse> answer = await calls.LocateAsync(peer, request, patience, cancellationToken);
        if (answer.Value is not { } response)
        {
            return (Standing.Out, answer.End);
        }

        Wire.Location location = response.Locations[0];
        Standing standing = location.State switch
        {
            Wire.Location.Types.State.Wanted => Standing.Wanted,
            Wire.Location.Types.State.Fetching => Standing.Fetching,
            _ => Standing.Out,
        };
        if (location.State == Wire.Location.Types.State.Held && Check(run.Module, peer, location) is { } holder)
        {
            if (desk.WhyQuarantined(holder.Log) is null)
            {
                run.Add(holder);
            }

            standing = Standing.Holds;
        }

        return (standing, answer.End);
    }

    public static Wire.LocateRequest Question(params IEnumerable<ModuleVersion> modules)
    {
        Wire.LocateRequest request = new();
        request.Modules.AddRange(modules.Select(static module => new Wire.ModuleVersion { Path = module.Path, Version = module.Version }));
        return request;
    }

    /// <summary>A holder, or null when what the peer says is a lie, which is noted on it.</summary>
    public static Holder? Check(ModuleVersion module, Peer peer, Wire.Location location)
    {
        if (peer.Log is not { } log)
        {
            return null;
        }

        if (LocationCheck.Examine(module, location, log, out string? lie) is { } record)
        {
            return new Holder(peer, log, location, record);
        }

        peer.Failed(PeerFault.Lied, $"{module}: {lie}");
        return null;
    }

    private async Task AskAsync(SearchRun run, Peer peer, Contest? contest)
    {
        Standing standing = Standing.Out;
        bool turnedAway = false;
        try
        {
            Wire.LocateRequest request = Question(run.Module);
            request.WantsUpstream = contest is not null;
            (standing, PeerCallEnd end) = await LocateAsync(run, peer, request, CancellationToken.None);
            turnedAway = end is PeerCallEnd.Busy or PeerCallEnd.GivenUp;
        }
        catch (Exception exception)
        {
            logger.PeersFault($"Asking {peer.Options.Name} for {run.Module}", exception);
        }
        finally
        {
            contest?.Heard(peer.Options.Key, standing);
            run.Ended(peer, turnedAway);
        }
    }
}
