using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Provenance.Mirrors;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Transparency;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Logs;

/// <summary>
/// A mirrored log as the Go checksum database that it is at its own node, which need not be reachable for what is mirrored. What is not is asked of that
/// node, and answered once it has come here by the log itself.
/// </summary>
internal sealed class MirroredDatabase(
    Mirror mirror, PeerTable peers, PeerCalls calls, IIncidents? incidents, TimeProvider time, ILogger logger) : IChecksumDatabase
{
    /// <summary>For the log's own node, which may have to retrieve the module: a little more than it gives itself.</summary>
    private static readonly TimeSpan LookupPatience = TimeSpan.FromSeconds(35);

    /// <summary>For a node that no connection is kept to.</summary>
    private static readonly TimeSpan VisitPatience = TimeSpan.FromSeconds(1);

    /// <summary>For what the log's own node has signed to come here.</summary>
    private static readonly TimeSpan ArrivalPatience = TimeSpan.FromSeconds(10);

    /// <summary>The same for a tile, of which nobody knows that it exists.</summary>
    private static readonly TimeSpan TilePatience = TimeSpan.FromSeconds(1);

    public string Name => mirror.Name;

    public async ValueTask<Outcome<ChecksumAnswer>> LookupAsync(ModuleVersion module, CancellationToken cancellationToken)
    {
        try
        {
            return Refused() is { } refused ? refused
                : await mirror.FindAsync(module, cancellationToken) is { } record ? Found(record, AnswerSource.Store)
                : await AskAsync(module, cancellationToken);
        }
        catch (IOException exception)
        {
            return Failed(exception);
        }
    }

    public async ValueTask<Outcome<ChecksumAnswer>> ReadAsync(string resource, CancellationToken cancellationToken)
    {
        try
        {
            return Refused() is { } refused ? refused : resource switch
            {
                "latest" => Found(mirror.Head!.Latest, isImmutable: false),
                "checkpoint" => Found(mirror.Head!.Checkpoint, isImmutable: false),
                _ when TilePath.ParseGo(resource) is { } tile => await TileAsync(tile, RecordTile.Format, cancellationToken),
                _ when TilePath.Parse(resource) is { } tile => await TileAsync(tile, RecordTile.FormatBundle, cancellationToken),
                _ => Missing("file"),
            };
        }
        catch (IOException exception)
        {
            return Failed(exception);
        }
    }

    /// <summary>Signed by a key that is proven to have signed two histories, or is in quarantine: not "not found", which would send go elsewhere.</summary>
    private Outcome<ChecksumAnswer>? Refused() =>
        mirror.Fault.Length > 0 ? Outcome<ChecksumAnswer>.Conflicting($"the log {Name} is not to be believed: {mirror.Fault}")
        : incidents?.WhyQuarantined(mirror.Key) is not { } why ? null
        : incidents.UsableBelow(mirror.Key) > 0 ? Outcome<ChecksumAnswer>.Forbidden($"{why}\nask the operator of the log for its line of now")
        : Outcome<ChecksumAnswer>.Conflicting(why);

    private async ValueTask<Outcome<ChecksumAnswer>> TileAsync(
        Tile tile, Func<IEnumerable<LogRecord>, byte[]> format, CancellationToken cancellationToken)
    {
        // A client that comes from the log's own node may know a head that is on its way here.
        Tile leaves = tile.Level == Tile.Records ? tile with { Level = 0 } : tile;
        if (!leaves.IsWithin(mirror.Head!.Tree.Size) && Owner?.Link is not null)
        {
            await ArriveAsync(() => leaves.IsWithin(mirror.Head!.Tree.Size), TilePatience, cancellationToken);
        }

        if (!leaves.IsWithin(mirror.Head!.Tree.Size))
        {
            return Missing("tile");
        }

        if (tile.Level != Tile.Records)
        {
            return await mirror.TileAsync(tile, cancellationToken) is { } hashes ? Found(hashes, isImmutable: true) : Missing("tile");
        }

        long first = tile.Index * Tile.FullWidth;
        IReadOnlyList<MirrorLeaf> records = await mirror.LeavesAsync(first, tile.Width, cancellationToken);
        return records.All(static leaf => leaf.Text is not null)
            ? Found(format(records.Select((leaf, i) => new LogRecord(first + i, leaf.Text!.Value))), isImmutable: true)
            : Outcome<ChecksumAnswer>.NotHeld($"not all of these records of the log {Name} are mirrored with their text here");
    }

    private Peer? Owner => PeerKey.TryParse(mirror.Owner, out PeerKey key, out _) ? peers.Find(key) : null;

    private async ValueTask<Outcome<ChecksumAnswer>> AskAsync(ModuleVersion module, CancellationToken cancellationToken)
    {
        if (Owner is not { } owner || !calls.MayAsk(owner, module.Path))
        {
            return Outcome<ChecksumAnswer>.NotHeld($"the log {Name} has no record of {module} here, and its node may not be asked for it");
        }

        if (owner.Link is null && !peers.Near.Contains(owner))
        {
            await peers.VisitAsync([owner], VisitPatience, cancellationToken);
        }

        PeerAnswer<Wire.LookupResponse> answer = await calls.LookupAsync(owner, module, LookupPatience, cancellationToken);
        string asked = $"peer:{owner.Options.Name}";
        if (answer.Value is not { } response)
        {
            return Outcome<ChecksumAnswer>.Unavailable($"the log {Name} has no record of {module} here, and its node does not answer: {answer.Reason}", asked);
        }

        string reason = Shown.Text(response.Reason);
        return response.End switch
        {
            Wire.LookupResponse.Types.End.Found => await CheckAsync(module, owner, response.Answer.Memory, cancellationToken),
            Wire.LookupResponse.Types.End.Absent => Outcome<ChecksumAnswer>.Absent(reason, asked),
            Wire.LookupResponse.Types.End.NotHeld => Outcome<ChecksumAnswer>.NotHeld(reason, asked),
            Wire.LookupResponse.Types.End.Forbidden => Outcome<ChecksumAnswer>.Forbidden(reason, asked),
            Wire.LookupResponse.Types.End.Conflicting => Outcome<ChecksumAnswer>.Conflicting(reason, asked),
            _ => Outcome<ChecksumAnswer>.Unavailable(reason, asked),
        };
    }

    /// <summary>The answer counts for as much as the mirrored log says: the record has to be the leaf in its place.</summary>
    private async ValueTask<Outcome<ChecksumAnswer>> CheckAsync(
        ModuleVersion module, Peer owner, ReadOnlyMemory<byte> answer, CancellationToken cancellationToken)
    {
        if (LogRecord.Parse(answer.Span, out _, out string? reason) is not { } record)
        {
            return Lied(module, owner, reason!);
        }

        if (MirrorPull.ParseRecord(record.Text, out reason) is not { } read || read.Module != module)
        {
            return Lied(module, owner, reason ?? "it is of another module version");
        }

        if (!await ArriveAsync(() => mirror.Head!.Tree.Size > record.Index, ArrivalPatience, cancellationToken))
        {
            return Outcome<ChecksumAnswer>.Unavailable($"the record of {module} in the log {Name} has not come here yet");
        }

        return await mirror.FillAsync(record, module, cancellationToken)
            ? Found(record, $"peer:{owner.Options.Name}")
            : Lied(module, owner, $"the leaf {record.Index} is another one");
    }

    private async ValueTask<bool> ArriveAsync(Func<bool> isThere, TimeSpan patience, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = new(patience, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            while (true)
            {
                Task moved = mirror.Moved;
                if (isThere())
                {
                    return true;
                }

                await moved.WaitAsync(ending.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private Outcome<ChecksumAnswer> Lied(ModuleVersion module, Peer owner, string reason)
    {
        logger.LookupLied(Name, owner.Options.Name, module.ToString(), reason);
        owner.Failed(PeerFault.Lied, $"a look-up in its log {Name} was answered with a record of {module} that is not there: {reason}");
        return Outcome<ChecksumAnswer>.Conflicting($"the node of the log {Name} answers with a record of {module} that is not in the log");
    }

    private Outcome<ChecksumAnswer> Missing(string what) => Outcome<ChecksumAnswer>.NotHeld($"the log {Name} has no such {what} here");

    private static Outcome<ChecksumAnswer> Failed(IOException exception) => exception is StoreFailedException { NoSpace: true }
        ? Outcome<ChecksumAnswer>.OutOfSpace(exception.Message)
        : Outcome<ChecksumAnswer>.Faulty(exception.Message);

    private Outcome<ChecksumAnswer> Found(LogRecord record, string source) =>
        Outcome<ChecksumAnswer>.Found(new ChecksumAnswer((byte[])[.. record.Format(), .. mirror.Head!.Latest.Span], IsImmutable: false), source);

    private static Outcome<ChecksumAnswer> Found(ReadOnlyMemory<byte> file, bool isImmutable) =>
        Outcome<ChecksumAnswer>.Found(new ChecksumAnswer(file, isImmutable), AnswerSource.Store);
}
