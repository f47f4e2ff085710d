using System.Globalization;
using System.Text;

namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>Tells the operator what became of the pool, and keeps evidence.</summary>
internal sealed class PoolReports(PoolFolder folder, ILogger logger)
{
    // One for each kind: what anybody can say without end must not use up the room of what has to be heard.
    private readonly OnceSaid expiries = new();
    private readonly OnceSaid conflicts = new();
    private readonly OnceSaid proposals = new();
    private readonly OnceSaid owners = new();

    public void NotKept(string reason) => logger.NotKept(reason);

    public void Left(string pool) => logger.Left(pool);

    /// <summary>What a change, or a thing that could not be taken, means.</summary>
    public void Tell(PoolContent? before, PoolStep step)
    {
        if (step.Rival is not null)
        {
            Conflict(step);
        }

        if (step.Next is not { } next)
        {
            return;
        }

        if (before is null)
        {
            logger.Joined(next.Chain.Tip.Name, next.Chain.Id, next.OwnOrg);
        }
        else
        {
            Roots(before, next);
            Proposals(before, next);
            Owners(before, next);
        }
    }

    public void Expiry(PoolState? state)
    {
        if (state is { ExpiresSoon: true } && expiries.IsNew($"{state.IsExpired} {state.Root.Sha256}"))
        {
            Action<ILogger, string, string> tell = state.IsExpired ? PoolEvents.Expired : PoolEvents.ExpiresSoon;
            tell(logger, state.Root.Name, PoolSyntax.Format(state.Root.Expires));
        }
    }

    private void Conflict(PoolStep step)
    {
        var stays = step.Rival!;
        var name = $"{stays.Root.Sha256[..16]}-{PoolSyntax.Sha256(step.Note!.Text)[..16]}";
        if (!conflicts.IsNew(name))
        {
            return;
        }

        string place;
        try
        {
            place = folder.KeepConflict(name, Encoding.UTF8.GetString(stays.Note.ToBytes()), Encoding.UTF8.GetString(step.Note.ToBytes()));
        }
        catch (IOException error)
        {
            place = $"could not be kept: {error.Message}";
        }

        logger.SignedTwo(step.Taken.Reason, place);
    }

    private void Roots(PoolContent before, PoolContent next)
    {
        var tip = next.Chain.Tip;
        if (tip.Sha256 == before.Chain.Tip.Sha256)
        {
            return;
        }

        var gone = before.Chain.Roots
            .Skip(next.Chain.Roots.Count - 1)
            .Select(one => one.Root.Version.ToString(CultureInfo.InvariantCulture))
            .ToList();
        if (gone.Count > 0)
        {
            logger.Replaced(tip.Version, tip.Name, gone.Count, string.Join(", ", gone));
        }

        logger.Adopted(tip.Name, tip.Version, tip.Orgs.Count, tip.Quorum, tip.Threshold);
        if (before.Chain.Tip.Find(next.OwnOrg) is not null && tip.Find(next.OwnOrg) is null)
        {
            logger.Removed(next.OwnOrg, tip.Name);
        }
    }

    private void Proposals(PoolContent before, PoolContent next)
    {
        foreach (var fresh in next.Proposals.Values.Where(one => !before.Proposals.ContainsKey(one.Id)))
        {
            if (!fresh.SignedBy.Contains(next.OwnOrg, StringComparer.Ordinal) && proposals.IsNew(fresh.Id))
            {
                logger.Proposed(fresh.Id[..PoolBook.ShownDigits], fresh.Root.Name, string.Join(", ", fresh.SignedBy));
            }
        }
    }

    /// <summary>Whether a node is claimed by two orgs, one of them just now.</summary>
    private void Owners(PoolContent before, PoolContent next)
    {
        foreach (var (key, fresh) in next.Statements)
        {
            if (fresh.Statement.IsRevoked || (before.Statements.TryGetValue(key, out var old) && ReferenceEquals(old, fresh)))
            {
                continue;
            }

            var other = next.Statements.Values.FirstOrDefault(one => !one.Statement.IsRevoked && one.Statement.Org != fresh.Statement.Org
                && one.Statement.Identity.Span.SequenceEqual(fresh.Statement.Identity.Span));
            if (other is not null && owners.IsNew($"{fresh.Statement.IdentityText} {fresh.Statement.Org} {other.Statement.Org}"))
            {
                var holder = StatementRule.Holder(next.Chain, [fresh, other]).Statement.Org;
                logger.TwoOwners(fresh.Statement.Org, fresh.Statement.IdentityText, other.Statement.Org, holder);
            }
        }
    }
}
