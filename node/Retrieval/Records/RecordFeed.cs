using System.Threading.Channels;
using Athens.Federation.Node.Provenance.OwnLog;

namespace Athens.Federation.Node.Retrieval.Records;

/// <summary>
/// Sees to it that what the node holds is in its log: at the start what the store has without a record, then what each flight brings. It goes by the
/// store's index, not by single events, so that nothing is left out when the log could not be written for a while.
/// </summary>
internal sealed class RecordFeed : BackgroundService
{
    /// <summary>Records under way at once: a share of the log's batch, so that look-ups that wait for theirs find room in it.</summary>
    private const int Together = 256;

    /// <summary>How much of the index is read at once: the most that a store gives.</summary>
    private const int Page = 2000;

    /// <summary>The index counts in whole microseconds, and no two entries have the same.</summary>
    private const int Step = 1;

    /// <summary>After a flight's end, for others to end too: nobody waits for the feed, and a storm of flights needs the disk itself.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly IModuleStore store;
    private readonly NodeLog log;
    private readonly ModuleRecords records;
    private readonly FlightBoard board;
    private readonly TimeProvider time;
    private readonly ILogger logger;

    // One waiting signal is as good as many: the index tells what is new.
    private readonly Channel<bool> landed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private DateTimeOffset since = DateTimeOffset.MinValue;

    public RecordFeed(IModuleStore store, NodeLog log, ModuleRecords records, FlightBoard board, TimeProvider time, ILogger<RecordFeed> logger)
    {
        this.store = store;
        this.log = log;
        this.records = records;
        this.board = board;
        this.time = time;
        this.logger = logger;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        board.Landed += Wake;
        try
        {
            var pause = FirstPause;
            while (log.Problem is null)
            {
                try
                {
                    await FeedAsync(stoppingToken);
                    pause = FirstPause;
                    await landed.Reader.ReadAsync(stoppingToken);
                    await Task.Delay(Gathering, time, stoppingToken);
                }
                catch (IOException error)
                {
                    logger.RecordsWait(pause, error.Message);
                    await Task.Delay(pause, time, stoppingToken);
                    pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The rest is done at the next start.
        }
        finally
        {
            board.Landed -= Wake;
        }
    }

    private void Wake() => landed.Writer.TryWrite(true);

    private async Task FeedAsync(CancellationToken cancellationToken)
    {
        var added = 0;
        IReadOnlyList<IndexEntry> page;
        do
        {
            page = await store.IndexAsync(since, Page, cancellationToken);
            foreach (var entries in page.Chunk(Together))
            {
                var appended = await Task.WhenAll(entries.Select(entry => RecordAsync(entry, cancellationToken)));
                added += appended.Count(isNew => isNew);
                since = entries[^1].StoredAt.AddMicroseconds(Step);
            }
        }
        while (page.Count == Page);

        if (added > 0)
        {
            logger.RecordsAdded(added);
        }
    }

    /// <summary>Whether a record came into the log.</summary>
    private async Task<bool> RecordAsync(IndexEntry entry, CancellationToken cancellationToken)
    {
        if (await log.FindAsync(entry.Module, cancellationToken) is not null || await store.FindAsync(entry.Module, cancellationToken) is not { } facts)
        {
            return false;
        }

        var appended = await records.AppendAsync(facts, cancellationToken);
        if (appended is { Kind: AppendKind.Conflicting } conflict)
        {
            logger.RecordConflicts(entry.Module, log.Name, conflict.Number, conflict.Record.ZipHash, facts.ZipHash);
        }

        return appended is { Kind: AppendKind.Appended };
    }
}
