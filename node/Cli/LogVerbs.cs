using System.Globalization;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Storage;
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
            await using var log = await NodeLog.OpenAsync(store, keys.Log, HeadMark.Open(dataFolder, keys.Log.Name), NullLogger.Instance, cancellationToken);
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
}
