namespace Athens.Federation.Node.Discovery.Resolving;

/// <summary>What DNS says of a name. Whoever is on the way to the name server can have it say anything: a hint, or as much as an owner of a domain proves by it.</summary>
/// <param name="End">Whether it says anything.</param>
/// <param name="Values">At most <see cref="NameLookup.MaxRecords"/>; none unless it was found.</param>
/// <param name="Ttl">How long it is good for.</param>
/// <param name="Reason">For a person; empty when it was found.</param>
internal sealed record Looked<T>(LookupEnd End, IReadOnlyList<T> Values, TimeSpan Ttl, string Reason);
