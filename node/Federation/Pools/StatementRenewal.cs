using Athens.Federation.Node.Provenance.Pool;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Federation.Pools;

/// <summary>
/// Keeps this node's own statement true: signs a new one when its addresses or its log key have changed, or half of its life is over. Where the
/// organization's key is kept elsewhere it says in time that somebody must.
/// </summary>
internal sealed class StatementRenewal(PoolBook book, OrgKey orgKey, OwnStatement own, TimeProvider time, ILogger<StatementRenewal> logger) : BackgroundService
{
    /// <summary>A laptop that changed its network is found again within this.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Warning = TimeSpan.FromDays(30);

    private readonly Signal changed = new();
    private DateTimeOffset? warned;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        book.Changed += changed.Tell;
        while (!stoppingToken.IsCancellationRequested)
        {
            Task next = changed.Next;
            try
            {
                Look();
            }
            catch (IOException error)
            {
                logger.PoolNotKept(error.Message);
            }

            await Signal.WaitAsync(next, Interval, time, stoppingToken);
        }

        book.Changed -= changed.Tell;
    }

    /// <summary>Signs a new statement when one is due.</summary>
    /// <exception cref="IOException">The key cannot be read, or the statement cannot be kept.</exception>
    public void Look()
    {
        if (book.Current is not { } state || !state.HasOwnOrg())
        {
            return;
        }

        orgKey.PromoteWhenIn(state.Root);
        NodeStatement? present = state.Statements.FirstOrDefault(one => one.Statement.Org == state.OwnOrg && one.Statement.Identity.Span.SequenceEqual(own.Identity.Span))?.Statement;
        if (state.IsRevokedByOwnOrg(own.Identity) || (present is not null && own.IsGood(present)))
        {
            // Who was taken out of the pool does not put itself in again.
            return;
        }

        using SigningKey? key = orgKey.Find();
        if (key is not null && state.Root.Orgs.Any(org => org.Name == state.OwnOrg && org.Key.Equals(key.Verifier)))
        {
            book.TakeStatement(own.Make(state.Id, state.OwnOrg, NodeStatement.UsualLife, present).Sign(key));
        }
        else if (present is not null && present.Expires - time.GetUtcNow() < Warning && warned != present.Expires)
        {
            warned = present.Expires;
            logger.StatementExpires(present.Expires);
        }
    }
}
