using System.Globalization;
using Athens.Federation.Node.Federation.Pools;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.Pool;

namespace Athens.Federation.Node.Cli.Admin;

/// <summary><c>athens pool invite</c>: prints a token.</summary>
internal sealed class PoolInviteVerb(PoolDesk desk, OwnEndpoints endpoints, NodeKeys keys) : IAdminVerb
{
    private static readonly TimeSpan Usual = TimeSpan.FromHours(24);

    public string Name => "pool invite";

    public ValueTask<AdminAnswer> RunAsync(AdminRequest request, CancellationToken cancellationToken) => new(Run(request));

    private AdminAnswer Run(AdminRequest request)
    {
        if (desk.Book.Current is not { } state)
        {
            return PoolDesk.NoPool;
        }

        var life = request.Options.TryGetValue(PoolCommand.ExpiresOption, out var typed) ? Life(typed) : Usual;
        if (life is not { } good)
        {
            return new AdminAnswer(ExitCodes.WrongUse, "an invitation is good for a time such as 30m, 24h or 7d");
        }

        var seeds = endpoints.Current.Select(endpoint => new PoolSeed(endpoint, keys.Identity.PublicKey)).Take(Invitation.MaxSeeds).ToList();
        if (seeds.Count == 0)
        {
            return new AdminAnswer(ExitCodes.CouldNot, "nobody could use an invitation of this node, as it does not listen for peers: set [node] peer_listen, for example \":3443\"");
        }

        using var key = desk.Key.Find();
        if (key is null)
        {
            return PoolDesk.NoKey;
        }

        var isNode = request.Options.ContainsKey(PoolCommand.NodeOption);
        try
        {
            var invitation = desk.Book.Invite(isNode ? Invitation.GrantNode : Invitation.GrantOrg, good, seeds);
            var what = isNode ? $"a node of {state.OwnOrg}" : "one organization";
            return new AdminAnswer(
                ExitCodes.Done,
                $"For {what}, once, until {PoolText.Time(invitation.Expires)} UTC. Whoever has it can use it. On the other node:\n\n"
                + $"athens pool join {invitation.Text}{(isNode ? "" : " --org THEIR-NAME")}\n");
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            return new AdminAnswer(ExitCodes.CouldNot, error.Message);
        }
    }

    private static TimeSpan? Life(string text)
    {
        var number = text.Length > 1 && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var read) ? read : 0;
        TimeSpan? life = number is < 1 or > 10_000 ? null : text[^1] switch
        {
            's' => TimeSpan.FromSeconds(number),
            'm' => TimeSpan.FromMinutes(number),
            'h' => TimeSpan.FromHours(number),
            'd' => TimeSpan.FromDays(number),
            _ => null,
        };
        return life;
    }
}

/// <summary><c>athens pool withdraw ID</c>.</summary>
internal sealed class PoolWithdrawVerb(PoolDesk desk) : IAdminVerb
{
    public string Name => "pool withdraw";

    public ValueTask<AdminAnswer> RunAsync(AdminRequest request, CancellationToken cancellationToken)
    {
        var taken = desk.Book.Withdraw(request.Words is [var id] ? id : "");
        return new(taken.End == PoolEnd.Taken ? new AdminAnswer(ExitCodes.Done, "The invitation is not good any more.") : new AdminAnswer(ExitCodes.CouldNot, taken.Reason));
    }
}

/// <summary><c>athens pool approve [CHANGE]</c>.</summary>
internal sealed class PoolApproveVerb(PoolDesk desk, NamespaceProof proof) : IAdminVerb
{
    public string Name => "pool approve";

    public async ValueTask<AdminAnswer> RunAsync(AdminRequest request, CancellationToken cancellationToken)
    {
        if (desk.Book.Current is not { } state)
        {
            return PoolDesk.NoPool;
        }

        var matching = state.Proposals.Where(one => request.Words is not [var id] || (id.Length > 0 && one.Id.StartsWith(id, StringComparison.OrdinalIgnoreCase))).ToList();
        if (matching.Count != 1)
        {
            return new AdminAnswer(ExitCodes.CouldNot, matching.Count == 0
                ? "no such change waits for a signature: 'athens pool show' lists them"
                : $"{matching.Count} changes wait for a signature, name one:\n{string.Join('\n', matching.Select(one => $"athens pool approve {PoolDesk.Short(one.Id)}   {PoolChange.Describe(state.Root, one.Root)}"))}");
        }

        using var key = desk.Key.Find();
        if (key is null)
        {
            return PoolDesk.NoKey;
        }

        var proposal = matching[0];
        if (await proof.WhyNotAsync(state.Id, state.Root, proposal.Root, cancellationToken) is { } unproven)
        {
            return new AdminAnswer(ExitCodes.CouldNot, $"not signed: {unproven}");
        }

        var change = PoolChange.Describe(state.Root, proposal.Root);
        var taken = desk.Book.Sign(proposal.Id, key);
        return taken.End switch
        {
            PoolEnd.Refused => new AdminAnswer(ExitCodes.CouldNot, taken.Reason),
            PoolEnd.Conflict => new AdminAnswer(ExitCodes.SecurityFailure, taken.Reason),
            _ => desk.Tell(proposal.Id, $"Approved, and in force: {change}."),
        };
    }
}

/// <summary><c>athens pool remove ORG</c> or <c>ORG/NODE</c>.</summary>
internal sealed class PoolRemoveVerb(PoolDesk desk, TimeProvider time) : IAdminVerb
{
    public string Name => "pool remove";

    public ValueTask<AdminAnswer> RunAsync(AdminRequest request, CancellationToken cancellationToken) => new(Run(request));

    private AdminAnswer Run(AdminRequest request)
    {
        if (desk.Book.Current is not { } state)
        {
            return PoolDesk.NoPool;
        }

        return request.Words is not [var name] ? new AdminAnswer(ExitCodes.WrongUse, "name an organization, or ORG/NODE")
            : name.Split('/') is [var org, var node] ? RemoveNode(state, org, node)
            : state.Root.Find(name) is null ? new AdminAnswer(ExitCodes.CouldNot, $"the pool has no organization {name}: 'athens pool show' lists them")
            : desk.Propose(root => root.RemoveOrg(name), $"{name} is removed: no member serves it or believes it any more.");
    }

    private AdminAnswer RemoveNode(PoolState state, string org, string node)
    {
        if (org != state.OwnOrg)
        {
            return new AdminAnswer(ExitCodes.CouldNot, $"only {org} can take a node of its own out; another organization can be removed as a whole: athens pool remove {org}");
        }

        using var key = desk.Key.Find();
        if (key is null)
        {
            return PoolDesk.NoKey;
        }

        var members = state.Members.Where(member => member.Statement.Org == org && member.Statement.Node == node).ToList();
        foreach (var member in members)
        {
            desk.Book.TakeStatement(member.Statement.Revoked(time.GetUtcNow()).Sign(key));
        }

        return members.Count == 0
            ? new AdminAnswer(ExitCodes.CouldNot, $"{org} has no node {node}: 'athens pool members' lists them")
            : new AdminAnswer(ExitCodes.Done, $"{org}/{node} is taken out of the pool.");
    }
}

/// <summary><c>athens pool set quorum|threshold|namespace VALUE</c>.</summary>
internal sealed class PoolSetVerb(PoolDesk desk, NamespaceProof proof) : IAdminVerb
{
    public string Name => "pool set";

    public async ValueTask<AdminAnswer> RunAsync(AdminRequest request, CancellationToken cancellationToken)
    {
        if (desk.Book.Current is not { } state)
        {
            return PoolDesk.NoPool;
        }

        return request.Words switch
        {
            ["quorum", var text] when Number(text) is { } quorum => desk.Propose(root => root.SetQuorum(quorum), $"The quorum is {quorum}."),
            ["threshold", var text] when Number(text) is { } threshold => desk.Propose(root => root.SetThreshold(threshold), $"The threshold is {threshold}."),
            ["namespace", var text] when text.IndexOf('=', StringComparison.Ordinal) is > 0 and var at => await SetNamespaceAsync(state, text[..at], text[(at + 1)..], cancellationToken),
            _ => new AdminAnswer(ExitCodes.WrongUse, "athens pool set quorum N, athens pool set threshold N, or athens pool set namespace PATTERN=ORG"),
        };
    }

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private async Task<AdminAnswer> SetNamespaceAsync(PoolState state, string pattern, string org, CancellationToken cancellationToken)
    {
        try
        {
            var owner = org.Length == 0 ? null : org;
            var unproven = await proof.WhyNotAsync(state.Id, state.Root, state.Root.SetNamespace(pattern, owner), cancellationToken);
            return unproven is null
                ? desk.Propose(
                    root => root.SetNamespace(pattern, owner),
                    owner is null ? $"{pattern} belongs to nobody." : $"{pattern} belongs to {org}: of it only what {org} observed is believed.")
                : new AdminAnswer(ExitCodes.CouldNot, unproven);
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            return new AdminAnswer(ExitCodes.WrongUse, error.Message.Split(" (Parameter", 2)[0]);
        }
    }
}

/// <summary><c>athens pool renew</c>.</summary>
internal sealed class PoolRenewVerb(PoolDesk desk, TimeProvider time) : IAdminVerb
{
    public string Name => "pool renew";

    public ValueTask<AdminAnswer> RunAsync(AdminRequest request, CancellationToken cancellationToken) => new(desk.Book.Current is null
        ? PoolDesk.NoPool
        : desk.Propose(root => root.Renew(time.GetUtcNow(), PoolRoot.UsualLife), $"The pool's root is good until {PoolText.Time(time.GetUtcNow() + PoolRoot.UsualLife)}."));
}

/// <summary><c>athens pool rotate-key</c>: the old key proposes the new one.</summary>
internal sealed class PoolRotateKeyVerb(PoolDesk desk) : IAdminVerb
{
    public string Name => "pool rotate-key";

    public ValueTask<AdminAnswer> RunAsync(AdminRequest request, CancellationToken cancellationToken) => new(Run());

    private AdminAnswer Run()
    {
        if (desk.Book.Current is not { } state)
        {
            return PoolDesk.NoPool;
        }

        using var old = desk.Key.Find();
        if (old is null)
        {
            return PoolDesk.NoKey;
        }

        using var next = desk.Key.Stage(state.OwnOrg);
        var answer = desk.Propose(root => root.ReplaceKey(state.OwnOrg, next.Verifier), old, "");
        if (answer.ExitCode != ExitCodes.Done)
        {
            return answer;
        }

        // The new key signs too: it is the one of this organization in the proposed root.
        foreach (var proposal in desk.Book.Current?.Proposals.Where(one => one.Root.Find(state.OwnOrg)?.Key.ToString() == next.Verifier.ToString()) ?? [])
        {
            desk.Book.Sign(proposal.Id, next);
        }

        var open = desk.Book.Current?.Proposals.FirstOrDefault(one => one.Root.Find(state.OwnOrg)?.Key.ToString() == next.Verifier.ToString());
        return desk.Tell(open?.Id, $"The key of {state.OwnOrg} is now {next.Verifier}; the old one is kept beside it and signs nothing any more.");
    }
}
