using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>A follower of the current root that not enough orgs have signed yet.</summary>
/// <param name="Id">SHA-256 of the root's text, 64 hex digits; people are shown, and may use, the first eight.</param>
/// <param name="Root">What is proposed.</param>
/// <param name="Note">With all signatures that are known to be good, and no other.</param>
/// <param name="SignedBy">Orgs of the current or the proposed root that signed, by name.</param>
/// <param name="MissingOfOld">How many more orgs of the current root must sign.</param>
/// <param name="MissingOfNew">How many more orgs of the proposed root must sign.</param>
internal sealed record Proposal(string Id, PoolRoot Root, SignedNote Note, IReadOnlyList<string> SignedBy, int MissingOfOld, int MissingOfNew);
