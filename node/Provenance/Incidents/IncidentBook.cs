using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Incidents;

/// <summary>What became of evidence that was brought.</summary>
internal enum EvidenceEnd
{
    /// <summary>A new incident.</summary>
    Kept,

    /// <summary>The same disagreement is known, living or cleared. Nothing changed.</summary>
    Known,

    /// <summary>There is no room for more of its kind. Nothing changed.</summary>
    Full,

    /// <summary>It does not prove what it says.</summary>
    ProvesNothing,
}

/// <param name="End">What became of it.</param>
/// <param name="Id">The incident's, new or known; else null.</param>
/// <param name="Reason">Why it proves nothing; else empty.</param>
internal readonly record struct EvidenceTaken(EvidenceEnd End, string? Id, string Reason = "");

/// <summary>The incidents of this node: kept in a store, held in memory as quarantines. Thread safe.</summary>
internal sealed class IncidentBook : IIncidents, IAsyncDisposable
{
    /// <summary>Incidents kept, cleared ones among them: the oldest cleared make room. At most <see cref="EvidenceText.MaxLength"/> bytes each, twice (store and file).</summary>
    public const int MaxKept = 1000;

    /// <summary>Of those, such as came from peers and rest on keys that this node does not trust: anybody can make up as many as he likes.</summary>
    public const int MaxForeign = 100;

    /// <summary>Revocations of one log, each of fewer records than the one before: an operator may learn that the key was stolen earlier than he thought.</summary>
    public const int MaxRevocations = 4;

    private readonly IIncidentStore store;
    private readonly ILogTrust trust;
    private readonly EvidenceFolder folder;
    private readonly TimeProvider time;
    private readonly ILogger logger;

    /// <summary>One writer at a time.</summary>
    private readonly SemaphoreSlim gate = new(1);
    private volatile IReadOnlyList<Incident> all = [];
    private volatile IReadOnlyDictionary<string, Incident> byId = new Dictionary<string, Incident>(StringComparer.Ordinal);
    private volatile Quarantine quarantine = new([]);
    private int isDisposed;

    private IncidentBook(IIncidentStore store, ILogTrust trust, EvidenceFolder folder, TimeProvider time, ILogger logger) =>
        (this.store, this.trust, this.folder, this.time, this.logger) = (store, trust, folder, time, logger);

    /// <inheritdoc/>
    public event Action? Changed;

    /// <summary>All incidents, the oldest first.</summary>
    public IReadOnlyList<Incident> All => all;

    /// <summary>Reads what is kept.</summary>
    /// <exception cref="IOException">It cannot be read; the message says what to do.</exception>
    public static async Task<IncidentBook> OpenAsync(IIncidentStore store, ILogTrust trust, EvidenceFolder folder, TimeProvider time, ILogger logger)
    {
        var book = new IncidentBook(store, trust, folder, time, logger);
        book.Put(await store.AllAsync(CancellationToken.None));
        var open = book.all.Where(incident => incident.Cleared is null).ToList();
        if (open.Count > 0)
        {
            logger.Open(open.Count, string.Join(", ", open.Take(10).Select(incident => $"{incident.Id} ({incident.Subject})")));
        }

        return book;
    }

    /// <inheritdoc/>
    public async ValueTask<string?> ReportAsync(ReadOnlyMemory<byte> evidence, CancellationToken cancellationToken)
    {
        var taken = await TakeAsync(evidence, "", cancellationToken);
        if (taken.End == EvidenceEnd.ProvesNothing)
        {
            logger.ProvesNothing(taken.Reason);
        }

        return taken.Id;
    }

    /// <summary>Takes evidence that this node found, or that a peer sent; its signatures and proofs are checked here.</summary>
    /// <param name="evidence">Any bytes.</param>
    /// <param name="from">The peer; empty when this node found it.</param>
    /// <param name="cancellationToken">Gives up before anything is written.</param>
    /// <exception cref="IOException">It could not be kept; the quarantine holds until the node ends all the same.</exception>
    public async ValueTask<EvidenceTaken> TakeAsync(ReadOnlyMemory<byte> evidence, string from, CancellationToken cancellationToken)
    {
        if (Find(Evidence.IdOf(evidence.Span)) is { } same)
        {
            return new EvidenceTaken(EvidenceEnd.Known, same.Id);
        }

        if (EvidenceVerifier.Verify(evidence.Span, out var reason) is not { } finding)
        {
            return new EvidenceTaken(EvidenceEnd.ProvesNothing, null, reason!);
        }

        await gate.WaitAsync(cancellationToken);
        try
        {
            var met = Incident.Of(evidence.Span, finding, time.GetUtcNow(), from);
            met = met with { Concerns = IsTrusted(met) };
            return await KeepAsync(met, evidence);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Ends a quarantine by a person's decision. False when there is no such living incident.</summary>
    /// <exception cref="IOException">The decision could not be kept; nothing changed.</exception>
    public async Task<bool> ClearAsync(string id, string by, string because, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (Find(id) is not { Cleared: null } incident)
            {
                return false;
            }

            var clearance = new Clearance(by, time.GetUtcNow(), because);
            await store.ClearAsync(id, clearance, CancellationToken.None);
            Replace(incident, incident with { Cleared = clearance });
            logger.Cleared(id, by, because, incident.Sentence);
        }
        finally
        {
            gate.Release();
        }

        Changed?.Invoke();
        return true;
    }

    public Incident? Find(string id) => byId.GetValueOrDefault(id);

    /// <summary>The evidence of an incident; null when there is no such incident.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public ValueTask<ReadOnlyMemory<byte>?> EvidenceAsync(string id, CancellationToken cancellationToken) => store.EvidenceAsync(id, cancellationToken);

    /// <summary>Where a person finds an incident's evidence.</summary>
    public string FileOf(Incident incident) => folder.PathOf(incident.Id);

    /// <inheritdoc/>
    public string? WhyQuarantined(ModuleVersion module) =>
        InEffect(quarantine.Find(module)) is { } incident
            ? $"{module} is in quarantine by incident {incident.Id}: {incident.Sentence}. A person has to look into it; 'athens incident clear {incident.Id}' on this node ends the quarantine"
            : null;

    /// <inheritdoc/>
    public string? WhyQuarantined(NoteVerifier logKey) =>
        InEffect(quarantine.Find(logKey)) is not { } incident ? null
            : incident.Kind == EvidenceKind.RevokedLog ? $"the log key of {logKey.Name} is revoked, incident {incident.Id}: {incident.Sentence}"
            : $"the log key of {logKey.Name} is in quarantine by incident {incident.Id}: {incident.Sentence}. 'athens incident clear {incident.Id}' on this node ends the quarantine";

    /// <inheritdoc/>
    public long UsableBelow(NoteVerifier logKey)
    {
        var below = long.MaxValue;
        foreach (var incident in quarantine.Find(logKey))
        {
            below = IsInEffect(incident) ? Math.Min(below, incident.UsableBelow) : below;
        }

        return below;
    }

    /// <summary>Whether something may not be used because of it: this node trusts the keys that accuse. A key accuses itself, and a node may revoke what is its own.</summary>
    public bool IsInEffect(Incident incident) => incident.Cleared is null && (incident.Concerns || (incident.Kind == EvidenceKind.RevokedLog
        ? IsTrusted(incident)
        : incident.Keys.All(key => key.Equals(incident.Guilty) || trust.IsTrusted(key))));

    /// <summary>Waits for what is being kept. The container knows the book by two names and calls it for each.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref isDisposed, 1) == 0)
        {
            await gate.WaitAsync();
            gate.Dispose();
        }
    }

    private bool IsTrusted(Incident incident) => incident.Kind == EvidenceKind.RevokedLog
        ? trust.IsKeptBy(incident.Guilty!, incident.Keys[0])
        : incident.Keys.All(trust.IsTrusted);

    private Incident? InEffect(IReadOnlyList<Incident> living)
    {
        foreach (var incident in living)
        {
            if (IsInEffect(incident))
            {
                if (!incident.Concerns && IsTrusted(incident))
                {
                    // Kept for the time when a peer is not connected and its key thus not known.
                    _ = MarkAsync(incident.Id);
                }

                return incident;
            }
        }

        return null;
    }

    private async ValueTask<EvidenceTaken> KeepAsync(Incident met, ReadOnlyMemory<byte> evidence)
    {
        if (KnownAs(met) is { } known)
        {
            if (met.Concerns && !known.Concerns)
            {
                await MarkHeldAsync(known);
            }

            return new EvidenceTaken(EvidenceEnd.Known, known.Id);
        }

        if (met.Kind == EvidenceKind.RevokedLog && Revocations(met).Count() >= MaxRevocations)
        {
            return new EvidenceTaken(EvidenceEnd.Full, null);
        }

        var isForeign = met.From.Length > 0 && !met.Concerns;
        List<string> drop = all.Count < MaxKept ? [] : [.. all.Where(incident => incident.Cleared is not null).Take(1).Select(incident => incident.Id)];
        var isFull = all.Count - drop.Count >= MaxKept;
        if (isForeign && (isFull || all.Count(incident => incident is { From.Length: > 0, Concerns: false, Cleared: null }) >= MaxForeign))
        {
            return new EvidenceTaken(EvidenceEnd.Full, null);
        }

        await AddAsync(met, evidence, drop, isFull);
        return new EvidenceTaken(EvidenceEnd.Kept, met.Id);
    }

    private async Task AddAsync(Incident met, ReadOnlyMemory<byte> evidence, List<string> drop, bool isFull)
    {
        // The quarantine first: it holds even if nothing can be written.
        if (all.Count < 2 * MaxKept)
        {
            Put([.. all.Where(incident => !drop.Contains(incident.Id)), met]);
        }

        try
        {
            if (isFull)
            {
                throw new IOException($"{MaxKept} incidents are open already: look at them with 'athens incident list' and clear those that are settled");
            }

            await store.AddAsync(met, evidence, drop, CancellationToken.None);
        }
        catch (IOException error)
        {
            logger.NotKept(met.Id, met.Sentence, error.Message);
            Changed?.Invoke();
            throw;
        }

        KeepFile(met.Id, evidence, drop);
        Tell(met);
        Changed?.Invoke();
    }

    private void KeepFile(string id, ReadOnlyMemory<byte> evidence, List<string> drop)
    {
        drop.ForEach(folder.Drop);
        try
        {
            folder.Keep(id, evidence.Span);
        }
        catch (IOException error)
        {
            logger.NoFile(id, folder.PathOf(id), error.Message);
        }
    }

    private void Tell(Incident met)
    {
        if (met.From.Length > 0 && !met.Concerns)
        {
            logger.Foreign(met.Id, met.From, met.Sentence, IsInEffect(met) ? "The key accuses itself and is in quarantine" : "It has no effect here");
            return;
        }

        var effect = met.Kind == EvidenceKind.RevokedLog ? $"Nothing of the {met.Subject} is used; what stands before stays"
            : met.Guilty is { } log ? $"Nothing that the log key of {log.Name} signed is used" : $"No bytes of {met.Module} are admitted";
        logger.Found(met.Id, met.Sentence, effect, met.From.Length == 0 ? "this node" : $"peer {met.From}", FileOf(met));
    }

    /// <summary>The same disagreement, or one by which the same log key is in quarantine already: more of it would tell nothing new.</summary>
    private Incident? KnownAs(Incident met) => all.FirstOrDefault(incident =>
        string.Equals(incident.Matter, met.Matter, StringComparison.Ordinal)
        || (met.Guilty is { } log && log.Equals(incident.Guilty) && IsInEffect(incident)
            && (met.Kind == EvidenceKind.RevokedLog) == (incident.Kind == EvidenceKind.RevokedLog) && incident.UsableBelow <= met.UsableBelow));

    private IEnumerable<Incident> Revocations(Incident met) =>
        all.Where(incident => incident.Kind == EvidenceKind.RevokedLog && incident.Guilty!.Equals(met.Guilty) && incident.Keys[0].Equals(met.Keys[0]));

    private async Task MarkAsync(string id)
    {
        await gate.WaitAsync();
        try
        {
            if (Find(id) is { Concerns: false } incident)
            {
                await MarkHeldAsync(incident);
            }
        }
        catch (IOException error)
        {
            logger.NotKept(id, "its mark of concerning this node", error.Message);
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task MarkHeldAsync(Incident incident)
    {
        Replace(incident, incident with { Concerns = true });
        await store.MarkAsync(incident.Id, CancellationToken.None);
    }

    private void Replace(Incident old, Incident changed) => Put([.. all.Select(incident => ReferenceEquals(incident, old) ? changed : incident)]);

    private void Put(IReadOnlyList<Incident> incidents)
    {
        all = incidents;
        byId = incidents.ToDictionary(incident => incident.Id, StringComparer.Ordinal);
        quarantine = new Quarantine(incidents);
    }
}
