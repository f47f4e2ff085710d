using Athens.Federation.Node.Cli;
using Athens.Federation.Node.Cli.Admin;
using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Host.Admin;

/// <summary>The verbs that this node carries out, by name.</summary>
internal sealed class AdminVerbs(IEnumerable<IAdminVerb> verbs, TimeProvider time, ILogger<AdminVerbs> logger)
{
    /// <summary>For any verb.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private readonly Dictionary<string, IAdminVerb> verbs = verbs.ToDictionary(verb => verb.Name, StringComparer.Ordinal);

    /// <summary>Runs a verb; every failure is an answer.</summary>
    public async Task<AdminAnswer> RunAsync((string Verb, AdminRequest Request)? asked, CancellationToken cancellationToken)
    {
        if (asked is not var (name, request) || !verbs.TryGetValue(name, out var verb))
        {
            return new AdminAnswer(ExitCodes.CouldNot, $"this node does not know 'athens {Shown.Text(asked?.Verb ?? "")}': is it older than the command?");
        }

        var answer = await RunAsync(verb, request, cancellationToken);
        logger.Ran(Shown.Text(request.By), name, answer.ExitCode);
        return answer;
    }

    private async Task<AdminAnswer> RunAsync(IAdminVerb verb, AdminRequest request, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await verb.RunAsync(request, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            return new AdminAnswer(ExitCodes.CouldNot, $"'athens {verb.Name}' was given up after {Limit.TotalMinutes:0} minutes or because the command ended");
        }
        catch (IOException error)
        {
            return new AdminAnswer(ExitCodes.CouldNot, error.Message);
        }
        catch (Exception error)
        {
            logger.VerbFault(verb.Name, error);
            return new AdminAnswer(ExitCodes.CouldNot, "a fault of the node; its log says more");
        }
    }
}
