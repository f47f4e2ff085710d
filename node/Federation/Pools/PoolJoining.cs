using System.Text;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.Pool;

namespace Athens.Federation.Node.Federation.Pools;

/// <summary>
/// Joins with an invitation, and goes on until other organizations have approved, also after a restart: what was begun is kept in a file until it
/// has ended.
/// </summary>
internal sealed class PoolJoining : BackgroundService
{
    /// <summary>Approving takes a person; who has it done at once should not wait.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>Bytes of the file: a token and a name.</summary>
    private const int MaxFile = 4 << 10;

    private readonly PoolBook book;
    private readonly JoinAttempt attempt;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly string file;
    private readonly SemaphoreSlim turn = new(1);
    private readonly Signal begun = new();
    private volatile Joining? current;

    /// <param name="book">Takes what is learned.</param>
    /// <param name="attempt">One try.</param>
    /// <param name="dataFolder">The node's.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">For the operator.</param>
    public PoolJoining(PoolBook book, JoinAttempt attempt, string dataFolder, TimeProvider time, ILogger<PoolJoining> logger)
    {
        this.book = book;
        this.attempt = attempt;
        this.time = time;
        this.logger = logger;
        file = Path.Combine(Path.GetFullPath(dataFolder), "pool-joining");
    }

    /// <summary>The pool that is being joined; null when none is.</summary>
    public string? Pool => current?.Invitation.PoolName;

    /// <summary>Tries once; what waits for others, or for a node to be reachable, goes on in the background.</summary>
    /// <param name="invitation">Parsed and not expired.</param>
    /// <param name="org">The organization that joins; empty for a node of the inviting one.</param>
    /// <param name="cancellationToken">Ends this try.</param>
    /// <exception cref="IOException">The disk or the key cannot be used.</exception>
    public async Task<JoinProgress> JoinAsync(Invitation invitation, string org, CancellationToken cancellationToken)
    {
        if (book.Current is { } state && state.HasOwnOrg())
        {
            return new(JoinEnd.Refused, $"this node is a member of pool {state.Root.Name} already; 'athens pool leave' ends that");
        }

        if (book.Current is { } other && other.Id != invitation.PoolId)
        {
            return new(JoinEnd.Refused, $"this node is joining pool {other.Root.Name}, or was removed from it; 'athens pool leave' ends that");
        }

        Joining joining = new(invitation, org);
        JoinProgress progress = await TryAsync(joining, cancellationToken);
        if (progress.End is JoinEnd.Waiting or JoinEnd.Unreachable)
        {
            Keep(joining);
            current = joining;
            begun.Tell();
        }

        return progress;
    }

    /// <summary>Does not go on with what was begun.</summary>
    public void GiveUp()
    {
        current = null;
        File.Delete(file);
    }

    public override void Dispose()
    {
        turn.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        current ??= Kept();
        TimeSpan pause = FirstPause;
        while (!stoppingToken.IsCancellationRequested)
        {
            Task next = begun.Next;
            if (current is not { } joining)
            {
                pause = FirstPause;
                await next.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            if (!stoppingToken.IsCancellationRequested && current == joining)
            {
                await GoOnAsync(joining, stoppingToken);
            }
        }
    }

    private async Task GoOnAsync(Joining joining, CancellationToken stoppingToken)
    {
        try
        {
            JoinProgress progress = await TryAsync(joining, stoppingToken);
            if (progress.End == JoinEnd.Refused)
            {
                logger.JoinEnded(joining.Invitation.PoolName, progress.Reason);
            }

            if (progress.End is JoinEnd.Refused or JoinEnd.Joined)
            {
                GiveUp();
            }
            else
            {
                logger.JoinWaits(joining.Invitation.PoolName, progress.Reason);
            }
        }
        catch (IOException error)
        {
            logger.JoinWaits(joining.Invitation.PoolName, error.Message);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Goes on after the restart.
        }
    }

    private async Task<JoinProgress> TryAsync(Joining joining, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            return joining.Invitation.Expires <= time.GetUtcNow()
                ? new(JoinEnd.Refused, "the invitation has expired: ask for a new one")
                : await attempt.RunAsync(joining.Invitation, joining.Org, cancellationToken);
        }
        finally
        {
            turn.Release();
        }
    }

    private void Keep(Joining joining)
    {
        File.Delete(file);
        DurableFile.TryCreate(file, Encoding.UTF8.GetBytes($"{joining.Invitation.Text}\n{joining.Org}\n"));
        DurableFile.Sync(Path.GetDirectoryName(file)!);
    }

    private Joining? Kept()
    {
        try
        {
            return new FileInfo(file) is { Exists: true, Length: <= MaxFile }
                && File.ReadAllText(file).Split('\n') is [var token, var org, ""]
                && Invitation.Parse(token, time.GetUtcNow(), out _) is { } invitation
                    ? new Joining(invitation, org)
                    : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            logger.PoolNotKept(error.Message);
            return null;
        }
    }

    private sealed record Joining(Invitation Invitation, string Org);
}
