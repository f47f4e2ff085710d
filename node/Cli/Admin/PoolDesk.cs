using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Pools;
using Athens.Federation.Node.Provenance.Pool;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Cli.Admin;

/// <summary>What the verbs of <c>athens pool</c> have in common: the pool, this organization's key, and how an end is told to a person.</summary>
internal sealed class PoolDesk(PoolBook book, OrgKey key, FederationOptions options)
{
    /// <summary>Characters of an id that people are shown.</summary>
    private const int ShortId = 8;

    public PoolBook Book => book;

    public OrgKey Key => key;

    /// <summary>The organization that was typed, else the configuration's.</summary>
    public string OrgOf(AdminRequest request) => request.Options.GetValueOrDefault(PoolCommand.OrgOption) is { Length: > 0 } typed ? typed : options.Org;

    public static AdminAnswer NoPool { get; } = new(
        ExitCodes.CouldNot, "this node is in no pool: 'athens pool create NAME --org ORG' begins one, 'athens pool join INVITATION --org ORG' joins one");

    public static string Short(string id) => id[..Math.Min(id.Length, ShortId)];

    /// <summary>Proposes a change with this organization's key and tells what is missing.</summary>
    /// <exception cref="IOException">Key or disk cannot be used.</exception>
    public AdminAnswer Propose(Func<PoolRoot, PoolRoot> change, string done)
    {
        using var signer = key.Find();
        return signer is null ? NoKey : Propose(change, signer, done);
    }

    /// <inheritdoc cref="Propose(Func{PoolRoot, PoolRoot}, string)"/>
    public AdminAnswer Propose(Func<PoolRoot, PoolRoot> change, SigningKey signer, string done)
    {
        try
        {
            var (taken, proposal) = book.Propose(change, signer);
            return taken.End switch
            {
                PoolEnd.Refused => new AdminAnswer(ExitCodes.CouldNot, taken.Reason),
                PoolEnd.Conflict => new AdminAnswer(ExitCodes.SecurityFailure, taken.Reason),
                _ => Tell(proposal?.Id, done),
            };
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            // What a change refuses is what a person typed.
            return new AdminAnswer(ExitCodes.WrongUse, error.Message.Split(" (Parameter", 2)[0]);
        }
    }

    /// <summary>Says that a change is in force, or who has to sign yet.</summary>
    public AdminAnswer Tell(string? proposal, string done)
    {
        var open = book.Current?.Proposals.FirstOrDefault(one => one.Id == proposal);
        return open is null
            ? new AdminAnswer(ExitCodes.Done, done)
            : new AdminAnswer(ExitCodes.Done, $"Proposed, and signed by {string.Join(", ", open.SignedBy)}. {PoolText.Missing(open)}");
    }

    public static AdminAnswer NoKey { get; } = new(
        ExitCodes.CouldNot, "the key of this organization is not on this node (keys/org): run the command on the node that has it");
}
