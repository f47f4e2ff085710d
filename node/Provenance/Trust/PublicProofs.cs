using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Provenance.PublicDatabases;

namespace Athens.Federation.Node.Provenance.Trust;

/// <summary>
/// What the public checksum database has proven of module versions, for whoever decides on bytes: never for private paths, never for long, and never
/// asked again and again while it cannot answer. Thread-safe.
/// </summary>
internal sealed class PublicProofs : IDisposable
{
    /// <summary>Answers to one question take two or three round trips; a fetch has other ways in the meantime.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>After a failure it is not asked for so long.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(15);

    /// <summary>Questions at once: a cold build wants hundreds of module versions in a second.</summary>
    public const int MaxAtOnce = 16;

    private readonly SemaphoreSlim turns = new(MaxAtOnce, MaxAtOnce);
    private readonly VerifiedDatabase? database;
    private readonly IIncidents incidents;
    private readonly bool isReachable;
    private readonly TimeProvider time;
    private readonly ILogger logger;

    /// <summary>Timestamp of the last failure; 0: none.</summary>
    private long failedAt;

    /// <param name="database">Proves; null for a node that uses none.</param>
    /// <param name="incidents">A database whose key they quarantine proves nothing.</param>
    /// <param name="isReachable">False for a node that never goes upstream: it has what it has kept.</param>
    /// <param name="time">Measures patience and rest.</param>
    /// <param name="logger">For the operator.</param>
    public PublicProofs(VerifiedDatabase? database, IIncidents incidents, bool isReachable, TimeProvider time, ILogger<PublicProofs> logger)
    {
        this.database = database;
        this.incidents = incidents;
        this.isReachable = isReachable;
        this.time = time;
        this.logger = logger;
    }

    /// <summary>Whether it is of any use to ask now.</summary>
    public bool MayAsk(string path) => isReachable && database?.IsNeverAsked(path) == false && !IsResting() && IsBelieved(database);

    /// <summary>What was proven before; asks nobody.</summary>
    public async ValueTask<PublicProof?> RecallAsync(ModuleVersion module, CancellationToken cancellationToken)
    {
        if (database is null || !IsBelieved(database))
        {
            return null;
        }

        try
        {
            return Of(database, await database.FindAsync(module, cancellationToken));
        }
        catch (IOException error)
        {
            logger.ProofsUnreadable(database.Name, module, error.Message);
            return null;
        }
    }

    /// <summary>Asks, where it may, and keeps the answer for good. Null when there is no proof in time, for whatever reason. Never throws.</summary>
    public async Task<PublicProof?> AskAsync(ModuleVersion module)
    {
        if (database is null || !MayAsk(module.Path))
        {
            return null;
        }

        // What read the caller's bytes goes on; hashing and the disk are for the pool.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            await turns.WaitAsync(patience.Token);
            try
            {
                var answer = await database.ProveAsync(module, patience.Token);
                Volatile.Write(ref failedAt, answer.Kind == DatabaseAnswerKind.Unavailable ? time.GetTimestamp() : 0);
                return Of(database, answer.Value);
            }
            finally
            {
                turns.Release();
            }
        }
        catch (OperationCanceledException)
        {
            Volatile.Write(ref failedAt, time.GetTimestamp());
        }
        catch (IOException error)
        {
            logger.ProofsUnreadable(database.Name, module, error.Message);
        }

        return null;
    }

    /// <summary>What the database's log key said of a module version, for evidence; null when it was not proven, or cannot be any more.</summary>
    public async Task<LogStatement?> StatementAsync(ModuleVersion module)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            return database is not null
                && IsBelieved(database)
                && await database.FindAsync(module, patience.Token) is { } proven
                && await database.InclusionAsync(proven, patience.Token) is { } proof
                    ? LogStatement.InTree(database.Key, proven.Record, proof, proven.Head.Note)
                    : null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    public void Dispose() => turns.Dispose();

    private bool IsBelieved(VerifiedDatabase source) => incidents.WhyQuarantined(source.Key) is null;

    private bool IsResting() => Volatile.Read(ref failedAt) is var at and not 0 && time.GetElapsedTime(at) < Rest;

    private static PublicProof? Of(VerifiedDatabase database, ProvenModule? proven) =>
        proven is null ? null : new PublicProof(database.Name, proven.Record.Index, new HashPair(proven.ZipHash, proven.ModHash));
}
