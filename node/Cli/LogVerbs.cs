using System.Globalization;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.LogKeys;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Storage;
using Athens.Federation.Node.Transparency;
using Microsoft.Extensions.Logging.Abstractions;

namespace Athens.Federation.Node.Cli;

/// <summary>Looks after the node's own log and tells a person what was found.</summary>
internal sealed class LogVerbs(string dataFolder, string nodeName)
{
    /// <summary>
    /// A log that lost records may never be signed on under its name: clients that saw more would meet two histories. So either the lost records come back,
    /// or the log ends and another one begins, which is what <paramref name="beginAnew"/> decides.
    /// </summary>
    public async Task<int> RecoverAsync(bool beginAnew, CancellationToken cancellationToken)
    {
        using var maintenance = LogMaintenance.Open(dataFolder, TimeProvider.System);
        using var keys = NodeKeys.Open(dataFolder, nodeName);
        if (await FindProblemAsync(maintenance, keys, cancellationToken) is not { } problem)
        {
            return ExitCodes.Done;
        }

        Console.Error.WriteLine($"athens: {problem}");
        if (!beginAnew)
        {
            Console.Error.WriteLine(
                "athens: if a newer log.db exists, put it in place: nothing is lost then. If not, 'athens log recover --begin-anew' ends this log and begins "
                + "another one under a new name, in which everything held is recorded again; developers then need the new GOSUMDB, and peers learn it by themselves");
            return ExitCodes.CouldNot;
        }

        var evidence = maintenance.MakeEvidenceFolder();

        // The key first: whatever interrupts this, the old one never signs another history.
        NodeKeys.RetireLog(dataFolder, evidence);
        maintenance.MoveDatabase(evidence);
        HeadMark.Retire(dataFolder, evidence);
        using var renewed = NodeKeys.Open(dataFolder, nodeName);
        Console.Out.WriteLine($"The log {keys.Log.Name} has ended; its key and database are kept in {evidence}.");
        Console.Out.WriteLine($"The log {renewed.Log.Name} begins with the next start. Developers that verify against this node need:");
        Console.Out.WriteLine($"export GOSUMDB={renewed.Log.Verifier}");
        return ExitCodes.Done;
    }

    private async Task<string?> FindProblemAsync(LogMaintenance maintenance, NodeKeys keys, CancellationToken cancellationToken)
    {
        try
        {
            await using var store = maintenance.OpenStore();
            await using var log = await OpenAsync(store, keys, cancellationToken);
            if (log.Head is { } head)
            {
                Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The log {log.Name} is sound: {head.Tree.Size:N0} records. There is nothing to recover."));
            }

            return log.Problem;
        }
        catch (IOException error)
        {
            return error.Message;
        }
    }

    /// <summary>Gives the log another key and name. It stays one log: for some days its heads are signed by both keys, so that developers can change their line when it suits them.</summary>
    /// <param name="days">How long both keys sign; 0 for a key that others have.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    public async Task<int> RotateAsync(int days, CancellationToken cancellationToken)
    {
        using var maintenance = LogMaintenance.Open(dataFolder, TimeProvider.System);
        using var keys = NodeKeys.Open(dataFolder, nodeName);
        TreeHead at;
        await using (var store = maintenance.OpenStore())
        {
            await using var log = await OpenAsync(store, keys, cancellationToken);
            if (log.Head is not { } head)
            {
                Console.Error.WriteLine($"athens: {log.Problem}");
                return ExitCodes.CouldNot;
            }

            at = head.Tree;
        }

        var rotation = keys.RotateLog(at, TimeProvider.System.GetUtcNow().AddDays(days));
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The log {rotation.From.Name} goes on as {rotation.To.Name} after {at.Size:N0} records, with the next start. Peers learn it by themselves."));
        Console.Out.WriteLine(days > 0
            ? string.Create(CultureInfo.InvariantCulture, $"Until {rotation.Until.UtcDateTime:yyyy-MM-dd HH:mm} UTC both lines of GOSUMDB verify. Developers that verify against this node need by then:")
            : "The former line of GOSUMDB does not verify any more. Developers that verify against this node need:");
        Console.Out.WriteLine($"export GOSUMDB={rotation.To}");
        if (days == 0)
        {
            Console.Out.WriteLine("If others have the former key: start the node, then 'athens key revoke --from N' tells the peers from which record on it does not count.");
        }

        return ExitCodes.Done;
    }

    private Task<NodeLog> OpenAsync(ILogStore store, NodeKeys keys, CancellationToken cancellationToken) => NodeLog.OpenAsync(
        store,
        new LogSigner(keys.Log, keys.Former, keys.Rotation, TimeProvider.System),
        HeadMark.Open(dataFolder, keys.Log.Name, keys.Rotation?.From.Name),
        NullLogger.Instance,
        cancellationToken);
}
