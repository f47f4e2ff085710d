using System.Globalization;
using System.Text.Json.Nodes;
using Athens.Federation.Node.Federation.Pools;
using Athens.Federation.Node.Provenance.Pool;

namespace Athens.Federation.Node.Cli.Admin;

/// <summary>How a pool is shown.</summary>
internal static class PoolText
{
    public static string Missing(Proposal proposal) => Math.Max(proposal.MissingOfOld, proposal.MissingOfNew) is var missing && missing == 1
        ? $"One more organization has to sign: athens pool approve {PoolDesk.Short(proposal.Id)}"
        : $"{missing} more organizations have to sign: athens pool approve {PoolDesk.Short(proposal.Id)}";

    public static string Describe(PoolState state, IReadOnlyList<OpenInvitation> invitations)
    {
        var root = state.Root;
        List<string> lines =
        [
            $"pool {root.Name} ({PoolDesk.Short(state.Id)}), root version {root.Version}, good until {Day(root.Expires)}{(state.IsExpired ? ": EXPIRED" : state.ExpiresSoon ? ": soon" : "")}",
            $"quorum {root.Quorum}: as many organizations must have observed the same hashes",
            $"threshold {root.Threshold}: as many organizations must sign a change{(root.IsMajority ? "" : "; that is no majority, so two groups can decide differently, and a removal can be undone")}",
            .. root.Orgs.Select(org => $"org {org.Name}{(org.Name == state.OwnOrg ? " (this node's)" : "")}: {Nodes(state, org.Name)}, key {org.Key}"),
            .. root.Namespaces.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"namespace {pair.Key} of {pair.Value}"),
            .. state.Proposals.Select(proposal => $"change {PoolDesk.Short(proposal.Id)}: {PoolChange.Describe(root, proposal.Root)}; signed by {string.Join(", ", proposal.SignedBy)}. {Missing(proposal)}"),
            .. invitations.Select(one => $"invitation {PoolDesk.Short(one.Id)} of {(one.Grant == Invitation.GrantNode ? "a node" : "an organization")}, {(one.UsedBy is { } by ? $"used by {by}" : $"open until {Time(one.Expires)}")}"),
        ];
        return string.Join('\n', lines);
    }

    public static JsonObject ToJson(PoolState state) => new()
    {
        ["pool"] = state.Root.Name,
        ["id"] = state.Id,
        ["version"] = state.Root.Version,
        ["expires"] = state.Root.Expires.UtcDateTime.ToString("u", CultureInfo.InvariantCulture),
        ["quorum"] = state.Root.Quorum,
        ["threshold"] = state.Root.Threshold,
        ["own_org"] = state.OwnOrg,
        ["orgs"] = new JsonArray([.. state.Root.Orgs.Select(org => new JsonObject { ["name"] = org.Name, ["key"] = org.Key.ToString() })]),
        ["namespaces"] = new JsonObject(state.Root.Namespaces.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)JsonValue.Create(pair.Value)))),
        ["changes"] = new JsonArray(
        [
            .. state.Proposals.Select(proposal => new JsonObject
            {
                ["id"] = proposal.Id,
                ["change"] = PoolChange.Describe(state.Root, proposal.Root),
                ["signed_by"] = new JsonArray([.. proposal.SignedBy.Select(org => (JsonNode)JsonValue.Create(org)!)]),
            }),
        ]),
    };

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static string Day(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Nodes(PoolState state, string org) => state.Members.Count(member => member.Statement.Org == org) switch
    {
        0 => "no node known",
        1 => "1 node",
        var count => $"{count} nodes",
    };
}
