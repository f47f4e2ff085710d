using Athens.Federation.Node.Modules;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>Asks peers whether they hold a module version, all at once, and checks what they say.</summary>
internal sealed class HolderSearch
{
    /// <summary>An answer comes out of memory or one database look-up: who takes longer than this is not worth waiting for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly PeerCalls calls;
    private readonly TimeProvider time;
    private readonly ILogger logger;

    public HolderSearch(PeerCalls calls, TimeProvider time, ILogger logger)
    {
        this.calls = calls;
        this.time = time;
        this.logger = logger;
    }

    /// <inheritdoc cref="PeerCalls.MayAsk"/>
    public bool MayAsk(Peer peer, string path) => calls.MayAsk(peer, path);

    /// <summary>
    /// Asks <paramref name="peers"/>. The questions live on when the caller has heard enough, at most <see cref="Patience"/>:
    /// what late answers say is compared too.
    /// </summary>
    /// <param name="module">What to look for.</param>
    /// <param name="peers">Whom to ask.</param>
    /// <param name="contest">Is told how the rivals among them stand; null: nothing is announced to anyone.</param>
    /// <param name="believed">Called as soon as a trusted record is known.</param>
    public SearchRun Begin(ModuleVersion module, IReadOnlyList<Peer> peers, Contest? contest, Action<Holder>? believed)
    {
        SearchRun run = new(module, peers, calls.LocateTimes.HedgeDelay, time, logger) { Believed = believed };
        foreach (Peer peer in peers)
        {
            _ = AskAsync(run, peer, contest);
        }

        return run;
    }

    /// <summary>
    /// One question to one peer; how it stands is what it answered. A holder is added to <paramref name="run"/>, a lie noted on
    /// the peer.
    /// </summary>
    /// <param name="run">The search that this belongs to.</param>
    /// <param name="peer">Whom to ask.</param>
    /// <param name="request">One module version.</param>
    /// <param name="cancellationToken">The caller leaves.</param>
    public async Task<(Standing Standing, PeerCallEnd End)> LocateAsync(
        SearchRun run, Peer peer, Wire.LocateRequest request, CancellationToken cancellationToken)
    {
        PeerAnswer<Wire.LocateResponse> answer = await calls.LocateAsync(peer, request, Patience, cancellationToken);
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
            run.Add(holder);
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
            return new Holder(peer, location, record);
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
