using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Retrieval;

/// <summary>
/// Peers first, upstream when they say that it may begin or have failed; the first whose bytes are verified and stored
/// wins and the other is cancelled. A trusted record of a peer binds upstream too: other hashes are a conflict.
/// </summary>
internal sealed class SourceRace
{
    private readonly IModuleStore store;
    private readonly ModuleSources sources;
    private readonly Verifier verifier;
    private readonly Admission admission;
    private readonly ILogger logger;

    public SourceRace(IModuleStore store, ModuleSources sources, Verifier verifier, ILogger logger)
    {
        this.store = store;
        this.sources = sources;
        this.verifier = verifier;
        this.logger = logger;
        admission = new Admission(store, logger);
    }

    /// <summary>Fetches, verifies and admits. <paramref name="held"/>: what is on record of a module version whose files are damaged.</summary>
    public Task<Outcome<ModuleFacts>> RunAsync(
        ModuleVersion module, ModuleFacts? held, FlightBoard.Entry flight, CancellationToken cancellationToken)
    {
        if (sources.Peers is { } peers)
        {
            return RaceAsync(peers, module, held, flight, cancellationToken);
        }

        flight.GoesUpstream();
        return UpstreamAsync(module, held, static () => null, cancellationToken);
    }

    private async Task<Outcome<ModuleFacts>> RaceAsync(
        IPeerSource peers, ModuleVersion module, ModuleFacts? held, FlightBoard.Entry flight, CancellationToken cancellationToken)
    {
        CancellationTokenSource peersEnd = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        CancellationTokenSource upstreamEnd = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<Outcome<ModuleFacts>> upstream = Task.FromResult(Outcome<ModuleFacts>.Absent(""));
        Task<Outcome<ModuleFacts>> fromPeers = upstream;
        try
        {
            StagedModule staged = await store.StageAsync(module, cancellationToken);
            PeerFetch fetch = new(staged, held, flight, verifier);
            fromPeers = PeersAsync(peers, fetch, peersEnd.Token);
            await Task.WhenAny(fromPeers, fetch.UpstreamMayStart);
            if (fromPeers.IsCompleted && Decides(await fromPeers))
            {
                return await fromPeers;
            }

            fetch.StartUpstream();
            upstream = UpstreamAsync(module, held, () => fetch.Expected, upstreamEnd.Token);
            Task<Outcome<ModuleFacts>> first = await Task.WhenAny(fromPeers, upstream);
            return Decides(await first) ? await first : Either(await fromPeers, await upstream);
        }
        catch (IOException exception)
        {
            return admission.NotStored(module, exception);
        }
        finally
        {
            // The loser clears away what it staged by itself; nobody has to wait for it.
            _ = EndAsync(peersEnd, fromPeers);
            _ = EndAsync(upstreamEnd, upstream);
        }
    }

    private static bool Decides(Outcome<ModuleFacts> outcome) => outcome.IsFound || outcome.Kind == OutcomeKind.Conflicting;

    private static Outcome<ModuleFacts> Either(Outcome<ModuleFacts> fromPeers, Outcome<ModuleFacts> upstream) =>
        fromPeers.IsFound ? fromPeers
        : upstream.IsFound ? upstream
        : ModuleSources.Graver(upstream, fromPeers);

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
            if (fetch.OwnConflict is { } conflict)
            {
                return admission.Refused(fetch.Module, outcome.Source, new Verdict(null, null, conflict));
            }

            if (!outcome.IsFound)
            {
                return outcome;
            }

            return fetch.Accepted is { } facts
                ? await admission.AdmitAsync(staged, facts, cancellationToken)
                : throw new InvalidOperationException("peers report a module version that was not verified");
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

    private Task<Outcome<ModuleFacts>> UpstreamAsync(
        ModuleVersion module, ModuleFacts? held, Func<ModuleHashes?> expected, CancellationToken cancellationToken) =>
        sources.FirstFoundAsync(source => TryAsync(source, module, held, expected, cancellationToken));

    private async Task<Outcome<ModuleFacts>> TryAsync(
        IModuleSource source, ModuleVersion module, ModuleFacts? held, Func<ModuleHashes?> expected, CancellationToken cancellationToken)
    {
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

            return expected()?.Against(facts.ZipHash, facts.ModHash) is { } conflict
                ? admission.Refused(module, name, new Verdict(null, null, conflict))
                : await admission.AdmitAsync(staged, facts, cancellationToken);
        }
        catch (IOException exception)
        {
            return admission.NotStored(module, exception);
        }
    }
}
