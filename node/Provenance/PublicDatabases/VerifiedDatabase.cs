using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.PublicDatabases;

/// <summary>
/// A checksum database of others, believed as far as its log proves (what golang.org/x/mod/sumdb's client does): heads are signed and of one
/// history, records and tiles belong to its latest head. What was proven once is kept for good, and serves while the source is down.
/// </summary>
/// <remarks>After a security failure the answer in hand is refused and the timeline stays as it is; what was proven before is still served.</remarks>
internal sealed class VerifiedDatabase : IDisposable
{
    /// <summary>Bytes of a look-up's answer: the record of a module version with the longest names, and a head with many signatures.</summary>
    public const int MaxLookup = 64 << 10;

    /// <summary>Bytes of a signed head: a few hundred, and as many again for each cosignature.</summary>
    public const int MaxHead = 32 << 10;

    private const string Latest = "latest";

    private readonly DatabaseIdentity database;
    private readonly IDatabaseSource source;
    private readonly IDatabaseArchive archive;
    private readonly DatabaseReader reader;
    private readonly DatabaseTimeline timeline;
    private readonly DatabaseEvidence evidence;
    private readonly PrefixPatterns never;
    private readonly ILogger logger;

    /// <param name="database">Whose signatures count.</param>
    /// <param name="source">Answers for it.</param>
    /// <param name="archive">Keeps what was proven.</param>
    /// <param name="evidence">Keeps what was not.</param>
    /// <param name="never">Module paths that are never asked for, nor answered from what is kept: whoever wants a proof passes here.</param>
    /// <param name="logger">Told of failures.</param>
    public VerifiedDatabase(
        DatabaseIdentity database,
        IDatabaseSource source,
        IDatabaseArchive archive,
        DatabaseEvidence evidence,
        PrefixPatterns never,
        ILogger<VerifiedDatabase> logger)
    {
        this.database = database;
        this.source = source;
        this.archive = archive;
        this.evidence = evidence;
        this.never = never;
        this.logger = logger;
        reader = new DatabaseReader(database, source, archive);
        timeline = new DatabaseTimeline(database, reader, archive);
    }

    /// <summary>Told of two histories that the database's key signed; null where no incidents are kept.</summary>
    public IIncidents? Incidents { get; init; }

    /// <summary>Further paths that are never asked for.</summary>
    public ReceivedModules? Received { get; init; }

    public string Name => database.Name;

    public NoteVerifier Key => database.Key;

    /// <summary>Whether a path is private here: the database is never asked for it.</summary>
    public bool IsNeverAsked(string path) => never.Matches(path) || Received?.IsUnproven(path) == true;

    /// <summary>What was proven of a module version before, without asking anybody.</summary>
    /// <exception cref="IOException">The archive failed.</exception>
    public async ValueTask<ProvenModule?> FindAsync(ModuleVersion module, CancellationToken cancellationToken)
    {
        if (IsNeverAsked(module.Path)
            || await archive.FindAsync(module, cancellationToken) is not { } kept
            || await timeline.HeadAsync(cancellationToken) is not { } head)
        {
            return null;
        }

        var record = new LogRecord(kept.Number, kept.Text);
        return record.LeafHash.ToArray().AsSpan().SequenceEqual(kept.Leaf) && ProvenModule.HashesIn(kept.Text, module, out _) is var (zip, mod)
            ? new ProvenModule(record, head, zip, mod)
            : null;
    }

    /// <summary>Asks the source what the database says of a module version, and proves it.</summary>
    /// <exception cref="IOException">The archive failed.</exception>
    public Task<DatabaseAnswer<ProvenModule>> ProveAsync(ModuleVersion module, CancellationToken cancellationToken)
    {
        if (IsNeverAsked(module.Path))
        {
            var reason = $"{Name} is never asked for this path, which is private here. Set GONOSUMDB or GOPRIVATE to a pattern that has it";
            return Task.FromResult(new DatabaseAnswer<ProvenModule>(DatabaseAnswerKind.Private, null, reason));
        }

        var resource = $"lookup/{ModulePath.Escape(module.Path)}@{ModulePath.Escape(module.Version)}";
        return AnswerAsync(resource, () => ProveAsync(module, resource, cancellationToken));
    }

    /// <summary>The proof that a record stands in its head's tree, for others; null when the tiles for it cannot be had.</summary>
    /// <exception cref="IOException">The archive failed.</exception>
    public async Task<IReadOnlyList<MerkleHash>?> InclusionAsync(ProvenModule proven, CancellationToken cancellationToken)
    {
        try
        {
            var (proof, _) = await reader.ReadAsync(
                new ReadPurpose(proven.Head, $"the proof of record {proven.Record.Index}"),
                useKept: true,
                (tree, token) => InclusionProof.ProveAsync(proven.Record.Index, proven.Head.Tree.Size, tree, token),
                cancellationToken);
            return proof;
        }
        catch (Exception error) when (error is SourceFailedException or SourceAbsentException or DatabaseMisbehavedException)
        {
            return null;
        }
    }

    /// <summary>Whether a resource is the name of a tile of hashes.</summary>
    public static bool IsTile(string resource) => TilePath.ParseGo(resource) is { Level: not Tile.Records };

    /// <summary>A tile of hashes (<see cref="IsTile"/>), if it is kept as wide.</summary>
    /// <exception cref="IOException">The archive failed.</exception>
    public async ValueTask<TileContent?> FindTileAsync(string resource, CancellationToken cancellationToken)
    {
        var tile = TilePath.ParseGo(resource)!.Value;
        var kept = await archive.TilesAsync([new TilePlace(tile.Level, tile.Index)], cancellationToken);
        return kept[0] is { } hashes && hashes.Length >= tile.Size ? new TileContent(tile, hashes.AsMemory(0, tile.Size)) : null;
    }

    /// <summary>Reads and proves a tile of hashes (<see cref="IsTile"/>); asks for a new head first when the latest does not reach so far.</summary>
    /// <exception cref="IOException">The archive failed.</exception>
    public Task<DatabaseAnswer<TileContent>> ReadTileAsync(string resource, CancellationToken cancellationToken) =>
        AnswerAsync(resource, async () =>
        {
            var tile = TilePath.ParseGo(resource)!.Value;
            var head = await timeline.HeadAsync(cancellationToken);
            if (head is null || !tile.IsWithin(head.Tree.Size))
            {
                head = await RefreshAsync(cancellationToken);
            }

            if (!tile.IsWithin(head.Tree.Size))
            {
                return new(DatabaseAnswerKind.Beyond, null, $"the newest head of {Name} that could be had has {head.Tree.Size} records");
            }

            await HashAsync(head, tile.First, resource, cancellationToken);
            return DatabaseAnswer<TileContent>.Found((await FindTileAsync(resource, cancellationToken))!);
        });

    /// <summary>The newest head that the source gives, or the latest known when the source cannot be asked.</summary>
    /// <exception cref="IOException">The archive failed.</exception>
    public Task<DatabaseAnswer<SignedHead>> LatestAsync(CancellationToken cancellationToken) =>
        AnswerAsync(Latest, async () =>
        {
            try
            {
                return DatabaseAnswer<SignedHead>.Found(await RefreshAsync(cancellationToken));
            }
            catch (SourceFailedException error)
            {
                return await timeline.HeadAsync(cancellationToken) is { } known
                    ? DatabaseAnswer<SignedHead>.Found(known)
                    : throw new SourceFailedException(error.Message);
            }
        });

    public void Dispose() => timeline.Dispose();

    private async Task<DatabaseAnswer<ProvenModule>> ProveAsync(ModuleVersion module, string resource, CancellationToken cancellationToken)
    {
        var body = await GetAsync(resource, MaxLookup, cancellationToken);
        if (LookupAnswer.Parse(body.Span, out var reason) is not { } answer)
        {
            throw new SourceFailedException($"{Name} answered what is no record: {reason}");
        }

        var record = answer.Record;
        var met = SignedHead.Of(answer.Head, database, resource);
        var head = await timeline.MergeAsync(met, resource, cancellationToken);
        if (ProvenModule.HashesIn(record.Text.Span, module, out reason) is not var (zip, mod))
        {
            throw BadRecord(reason!);
        }

        if (record.Index >= met.Tree.Size)
        {
            throw BadRecord($"the record has the number {record.Index}, the tree that came with it has {met.Tree.Size}");
        }

        if (await HashAsync(head, new TreeNode(0, record.Index), resource, cancellationToken) != record.LeafHash)
        {
            throw BadRecord($"the log of {Name} has another record in the place {record.Index}");
        }

        var kept = new KeptRecord(module, record.Index, record.Text.ToArray(), record.LeafHash.ToArray());
        await archive.KeepAsync(new ArchiveAddition { Record = kept }, cancellationToken);
        return DatabaseAnswer<ProvenModule>.Found(new ProvenModule(record, head, zip, mod));

        DatabaseMisbehavedException BadRecord(string why) => new(
            new DatabaseIncident(database, DatabaseFault.BadRecord, why) { Resource = resource, Known = head.Note, Met = met.Note, Answer = body });
    }

    /// <summary>The hash of a subtree in a head's tree, proven. The tiles that prove it are kept.</summary>
    private async Task<MerkleHash> HashAsync(SignedHead head, TreeNode node, string resource, CancellationToken cancellationToken)
    {
        var (hashes, tiles) = await reader.ReadAsync(
            new ReadPurpose(head, resource),
            useKept: true,
            (tree, token) => tree.ReadAsync(new[] { node.StoredIndex }, token),
            cancellationToken);
        await archive.KeepAsync(new ArchiveAddition { Tiles = tiles }, cancellationToken);
        return hashes[0];
    }

    private async Task<SignedHead> RefreshAsync(CancellationToken cancellationToken)
    {
        var body = await GetAsync(Latest, MaxHead, cancellationToken);
        return SignedNote.Parse(body.Span, out var reason) is { } note
            ? await timeline.MergeAsync(SignedHead.Of(note, database, Latest), Latest, cancellationToken)
            : throw new SourceFailedException($"{Name} answered what is no head: {reason}");
    }

    private async Task<ReadOnlyMemory<byte>> GetAsync(string resource, int maxLength, CancellationToken cancellationToken)
    {
        var answer = await source.GetAsync(resource, maxLength, cancellationToken);
        return answer.Kind switch
        {
            SourceAnswerKind.Found => answer.Body,
            SourceAnswerKind.Absent when resource != Latest => throw new SourceAbsentException(answer.Reason),
            _ => throw new SourceFailedException(answer.Reason),
        };
    }

    private async Task<DatabaseAnswer<T>> AnswerAsync<T>(string resource, Func<Task<DatabaseAnswer<T>>> ask)
        where T : class
    {
        try
        {
            return await ask();
        }
        catch (SourceAbsentException error)
        {
            return new(DatabaseAnswerKind.Absent, null, error.Message);
        }
        catch (SourceFailedException error)
        {
            logger.SourceFailed(Name, resource, error.Message);
            return new(DatabaseAnswerKind.Unavailable, null, error.Message);
        }
        catch (DatabaseMisbehavedException error)
        {
            logger.Misbehaved(Name, resource, error.Message, evidence.Keep(error.Incident));
            await ReportAsync(error.Incident);
            return new(DatabaseAnswerKind.Misbehaved, null, error.Message);
        }
    }

    /// <summary>Only a fork is proven by what the key signed: the rest may be its server's doing, or somebody's on the way.</summary>
    private async ValueTask ReportAsync(DatabaseIncident incident)
    {
        if (Incidents is null || incident.Fault != DatabaseFault.Fork)
        {
            return;
        }

        try
        {
            await Incidents.ReportAsync(EvidenceFile.OfFork(incident), CancellationToken.None);
        }
        catch (IOException error)
        {
            logger.ForkNotReported(Name, error.Message);
        }
    }
}
