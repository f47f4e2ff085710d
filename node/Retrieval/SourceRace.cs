using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.Trust;

namespace Athens.Federation.Node.Retrieval;

/// <summary>
/// Peers first, upstream when they say that it may begin or have failed; the first whose bytes are verified and stored
/// wins and the other is cancelled. Bytes of peers are taken when the policy of trust believes them, bytes of upstream unless it refuses them: a trusted record
/// of a peer binds upstream too.
/// </summary>
internal sealed class SourceRace
{
    private readonly IModuleStore store;
    private readonly ModuleSources sources;
    private readonly Verifier verifier;
    private readonly Admission admission;
    private readonly TrustDesk desk;
    private readonly ILogger logger;

    public SourceRace(IModuleStore store, ModuleSources sources, Verifier verifier, TrustDesk desk, ILogger logger)
    {
        this.store = store;
        this.sources = sources;
        this.verifier = verifier;
        this.desk = desk;
        this.logger = logger;
        admission = new Admission(store, logger);
    }

    /// <summary>Fetches, verifies and admits. <paramref name="held"/>: what is on record of a module version whose files are damaged.</summary>
    public async Task<Outcome<ModuleFacts>> RunAsync(
        ModuleVersion module, ModuleFacts? held, FlightBoard.Entry flight, CancellationToken cancellationToken)
    {
        TrustCase trust = desk.Open(module, held is null ? null : new HashPair(held.ZipHash, held.ModHash));
        try
        {
            await desk.RecallAsync(trust, cancellationToken);
            return await RefusalAsync(trust) ?? await RunAsync(trust, held, flight, cancellationToken);
        }
        catch (IOException exception)
        {
            return admission.NotStored(module, exception);
        }
        finally
        {
            await desk.CloseAsync(trust);
        }
    }

    private async Task<Outcome<ModuleFacts>> RunAsync(
        TrustCase trust, ModuleFacts? held, FlightBoard.Entry flight, CancellationToken cancellationToken)
    {
        if (sources.Peers is { } peers)
        {
            return await RaceAsync(peers, trust, held, flight, cancellationToken);
        }

        flight.GoesUpstream();
        return await UpstreamAsync(trust, held, cancellationToken);
    }

    /// <summary>Not even looked for: it is quarantined, or the mirrored logs disagree, and no public proof settles it.</summary>
    private static async Task<Outcome<ModuleFacts>?> RefusalAsync(TrustCase trust)
    {
        if (trust.Now.IsRefused)
        {
            await trust.ProveAsync();
        }

        return trust.Now is { IsRefused: true } verdict
            ? Outcome<ModuleFacts>.Conflicting($"{trust.Module} is refused: {verdict.Why}")
            : null;
    }

    private async Task<Outcome<ModuleFacts>> RaceAsync(
        IPeerSource peers, TrustCase trust, ModuleFacts? held, FlightBoard.Entry flight, CancellationToken cancellationToken)
    {
        CancellationTokenSource peersEnd = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        CancellationTokenSource upstreamEnd = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<Outcome<ModuleFacts>> upstream = Task.FromResult(Outcome<ModuleFacts>.Absent(""));
        Task<Outcome<ModuleFacts>> fromPeers = upstream;
        try
        {
            StagedModule staged = await store.StageAsync(trust.Module, cancellationToken);
            PeerFetch fetch = new(staged, held, flight, verifier, trust);
            fromPeers = PeersAsync(peers, fetch, peersEnd.Token);
            await Task.WhenAny(fromPeers, fetch.UpstreamMayStart);
            if (fromPeers.IsCompleted && Decides(await fromPeers))
            {
                return await fromPeers;
            }

            fetch.StartUpstream();
            upstream = UpstreamAsync(trust, held, upstreamEnd.Token);
            Task<Outcome<ModuleFacts>> first = await Task.WhenAny(fromPeers, upstream);
            return await first is var outcome && (outcome.IsFound || (first == fromPeers && Decides(outcome)))
                ? outcome
                : await LastAsync(fetch, fromPeers, await upstream);
        }
        finally
        {
            // The loser clears away what it staged by itself; nobody has to wait for it.
            _ = EndAsync(peersEnd, fromPeers);
            _ = EndAsync(upstreamEnd, upstream);
        }
    }

    /// <summary>
    /// Upstream has ended. What it does not have, or was refused for, the peers may have yet: where a tag was moved, the original is delivered as long as
    /// anybody holds it.
    /// </summary>
    private static async Task<Outcome<ModuleFacts>> LastAsync(PeerFetch fetch, Task<Outcome<ModuleFacts>> fromPeers, Outcome<ModuleFacts> upstream)
    {
        if (upstream.IsFound || (upstream.Kind == OutcomeKind.Conflicting && !fetch.Trust.Now.IsBelieved))
        {
            return upstream;
        }

        if (upstream.Kind == OutcomeKind.Absent)
        {
            fetch.NoteUpstreamHasNone();
        }

        return Either(await fromPeers, upstream);
    }

    private static bool Decides(Outcome<ModuleFacts> outcome) => outcome.IsFound || outcome.Kind == OutcomeKind.Conflicting;

    /// <summary>Peers that hold it and are not believed are told of beside what upstream said: a person can do something about either.</summary>
    private static Outcome<ModuleFacts> Either(Outcome<ModuleFacts> fromPeers, Outcome<ModuleFacts> upstream)
    {
        if (fromPeers.IsFound)
        {
            return fromPeers;
        }

        Outcome<ModuleFacts> graver = ModuleSources.Graver(upstream, fromPeers);
        return fromPeers.Kind == OutcomeKind.NotHeld && upstream.Reason.Length > 0
            ? graver with { Reason = $"{upstream.Reason}\n{fromPeers.Reason}" }
            : graver;
    }

    private async Task EndAsync(CancellationTokenSource end, Task<Outcome<ModuleFacts>> running)
    {
        try
        {
            await end.CancelAsync();
            await running;
        }
        catch (OperationCanceledException)
        {
            // What was wanted.
        }
        catch (Exception exception)
        {
            logger.Fault("A fetch that was not needed any more", exception);
        }
        finally
        {
            end.Dispose();
        }
    }

    private async Task<Outcome<ModuleFacts>> PeersAsync(IPeerSource peers, PeerFetch fetch, CancellationToken cancellationToken)
    {
        await using StagedModule staged = fetch.Staged;
        try
        {
            Outcome<ModuleFacts> outcome = await peers.FetchAsync(fetch, cancellationToken);
            if (!outcome.IsFound)
            {
                return outcome;
            }

            if (fetch.Accepted is not { } facts)
            {
                throw new InvalidOperationException("peers report a module version that was not verified");
            }

            TrustVerdict verdict = await JudgeAsync(fetch.Trust, facts, isUpstream: false);
            return verdict.IsBelieved ? await admission.AdmitAsync(staged, facts, cancellationToken)
                : verdict.IsRefused ? Refused(fetch.Module, outcome.Source, verdict)
                : Outcome<ModuleFacts>.NotHeld($"{fetch.Module} is not taken from peers: {verdict.Why}");
        }
        catch (IOException exception)
        {
            return admission.NotStored(fetch.Module, exception);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // A fault in the way to peers must not keep a developer from what upstream has.
            logger.Fault($"Fetching {fetch.Module} from peers", exception);
            return Outcome<ModuleFacts>.Faulty($"fetching {fetch.Module} from peers failed by a fault of this node; its log says more");
        }
    }

    private Task<Outcome<ModuleFacts>> UpstreamAsync(TrustCase trust, ModuleFacts? held, CancellationToken cancellationToken) =>
        sources.FirstFoundAsync(source => TryAsync(source, trust, held, cancellationToken));

    private async Task<Outcome<ModuleFacts>> TryAsync(
        IModuleSource source, TrustCase trust, ModuleFacts? held, CancellationToken cancellationToken)
    {
        ModuleVersion module = trust.Module;
        try
        {
            await using StagedModule staged = await store.StageAsync(module, cancellationToken);
            Outcome<FetchedModule> fetched = await source.FetchAsync(staged, cancellationToken);
            if (fetched.Value is not { } claims)
            {
                if (fetched.Kind == OutcomeKind.Conflicting)
                {
                    logger.SourceReportsConflict(module, fetched.Source, fetched.Reason);
                }

                return fetched.As<ModuleFacts>();
            }

            string name = fetched.Source.Length == 0 ? AnswerSource.Upstream : fetched.Source;
            Verdict verdict = await verifier.VerifyAsync(staged, claims, held, name, cancellationToken);
            if (verdict.Facts is not { } facts)
            {
                return admission.Refused(module, name, verdict);
            }

            // What is not enough for peers' bytes is enough here: this node has observed them itself.
            return await JudgeAsync(trust, facts, isUpstream: true) is { IsRefused: true } refused
                ? Refused(module, name, refused)
                : await admission.AdmitAsync(staged, facts, cancellationToken);
        }
        catch (IOException exception)
        {
            return admission.NotStored(module, exception);
        }
    }

    private static Task<TrustVerdict> JudgeAsync(TrustCase trust, ModuleFacts facts, bool isUpstream) =>
        trust.JudgeFinallyAsync(new HashPair(facts.ZipHash, facts.ModHash), isUpstream);

    private static Outcome<ModuleFacts> Refused(ModuleVersion module, string source, TrustVerdict verdict) =>
        Outcome<ModuleFacts>.Conflicting($"{module} from {source} is refused: {verdict.Why}", source);
}
