namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>Who signed a root, and how many are missing.</summary>
/// <param name="Old">Orgs of the root that it follows.</param>
/// <param name="New">Orgs of its own.</param>
/// <param name="MissingOfOld">Signatures that it takes yet.</param>
/// <param name="MissingOfNew">The same of its own orgs.</param>
internal sealed record RootTally(IReadOnlyList<string> Old, IReadOnlyList<string> New, int MissingOfOld, int MissingOfNew)
{
    public bool IsEnough => MissingOfOld == 0 && MissingOfNew == 0;

    public string Wanting => MissingOfOld > 0 && MissingOfNew > 0
        ? $"{MissingOfOld} more of the pool's orgs must sign it, and {MissingOfNew} more of those it will have"
        : MissingOfOld > 0 ? $"{MissingOfOld} more of the pool's orgs must sign it"
        : $"{MissingOfNew} more of the orgs that it will have must sign it";

    public IReadOnlyList<string> SignedBy => [.. Old.Union(New, StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
