using System.Text;
using Athens.Federation.Node.Federation.Pools;
using Athens.Federation.Node.Provenance.Pool;

namespace Athens.Federation.Node.Cli.Admin;

/// <summary><c>athens pool change CHANGE --out FILE</c>: what is to be signed where the organization's key is.</summary>
internal sealed class PoolChangeFileVerb(PoolDesk desk) : IAdminVerb
{
    public string Name => "pool change";

    public ValueTask<AdminAnswer> RunAsync(AdminRequest request, CancellationToken cancellationToken)
    {
        if (desk.Book.Current is not { } state)
        {
            return new(PoolDesk.NoPool);
        }

        var found = state.Proposals.Where(one => request.Words is [var id] && id.Length > 0 && one.Id.StartsWith(id, StringComparison.OrdinalIgnoreCase)).ToList();
        return new(found is [var proposal]
            ? new AdminAnswer(
                ExitCodes.Done,
                $"{PoolChange.Describe(state.Root, proposal.Root)}\nWhere the organization's key is: athens org sign FILE --key KEY. Then here: athens pool accept FILE",
                Output: proposal.Note.ToBytes())
            : new AdminAnswer(ExitCodes.CouldNot, "no such change, or more than one, waits for a signature: 'athens pool show' lists them"));
    }
}

/// <summary><c>athens pool statement --out FILE</c>: this node's own, to be signed where the organization's key is.</summary>
internal sealed class PoolStatementVerb(PoolDesk desk, OwnStatement own) : IAdminVerb
{
    public string Name => "pool statement";

    public ValueTask<AdminAnswer> RunAsync(AdminRequest request, CancellationToken cancellationToken)
    {
        if (desk.Book.Current is not { } state)
        {
            return new(PoolDesk.NoPool);
        }

        var text = own.Make(state.Id, state.OwnOrg, NodeStatement.OfflineLife).Text;
        return new(new AdminAnswer(
            ExitCodes.Done,
            $"{text}\nWhere the organization's key is: athens org sign FILE --key KEY. Then here: athens pool accept FILE",
            Output: Encoding.UTF8.GetBytes(text)));
    }
}

/// <summary><c>athens pool accept FILE</c>: takes what was signed elsewhere.</summary>
internal sealed class PoolAcceptVerb(PoolDesk desk) : IAdminVerb
{
    public string Name => "pool accept";

    public ValueTask<AdminAnswer> RunAsync(AdminRequest request, CancellationToken cancellationToken)
    {
        if (desk.Book.Current is null)
        {
            return new(PoolDesk.NoPool);
        }

        var taken = desk.Book.TakeSignature(request.Input);
        return new(taken.End switch
        {
            PoolEnd.Refused => new AdminAnswer(ExitCodes.CouldNot, taken.Reason),
            PoolEnd.Conflict => new AdminAnswer(ExitCodes.SecurityFailure, taken.Reason),
            PoolEnd.Known => new AdminAnswer(ExitCodes.Done, "It was known already."),
            _ => new AdminAnswer(ExitCodes.Done, $"Taken: {taken.Reason}."),
        });
    }
}

/// <summary><c>athens pool namespace PATTERN --out FILE</c>: the proof to be published on the pattern's domain, as a file or as a TXT record.</summary>
internal sealed class PoolNamespaceVerb(PoolDesk desk) : IAdminVerb
{
    public string Name => "pool namespace";

    public ValueTask<AdminAnswer> RunAsync(AdminRequest request, CancellationToken cancellationToken) => new(Run(request));

    private AdminAnswer Run(AdminRequest request)
    {
        if (desk.Book.Current is not { } state)
        {
            return PoolDesk.NoPool;
        }

        using var key = desk.Key.Find();
        if (key is null)
        {
            return PoolDesk.NoKey;
        }

        try
        {
            var pattern = request.Words is [var word] ? word : "";
            var file = NamespaceProof.File(state.Id, pattern, key);
            return new AdminAnswer(
                ExitCodes.Done,
                $"""
                Publish the file as https://{pattern.Split('/')[0]}{NamespaceProof.WellKnown}, or this record in DNS:
                {NamespaceProof.RecordName(pattern)}. IN TXT "{NamespaceProof.Record(state.Id, pattern, key)}"
                Then: athens pool set namespace "{pattern}={state.OwnOrg}"
                """,
                Output: file);
        }
        catch (ArgumentException error)
        {
            return new AdminAnswer(ExitCodes.WrongUse, error.Message.Split(" (Parameter", 2)[0]);
        }
    }
}
