namespace Athens.Federation.Node.Retrieval;

/// <summary>Two hashes of one thing that should be equal.</summary>
/// <param name="What">What was compared, as part of a sentence.</param>
/// <param name="Expected">The hash known or claimed.</param>
/// <param name="Computed">The hash of the bytes received.</param>
internal sealed record HashConflict(string What, string Expected, string Computed)
{
    public override string ToString() => $"{What}: expected {Expected}, computed {Computed}";
}

/// <summary>What verification says of staged files: accepted with their facts, malformed, or in conflict. Exactly one is set.</summary>
internal sealed record Verdict(ModuleFacts? Facts, string? Malformed, HashConflict? Conflict)
{
    public static Verdict Accept(ModuleFacts facts) => new(facts, null, null);

    public static Verdict Refuse(string reason) => new(null, reason, null);

    public static Verdict Disagree(string what, string expected, string computed) =>
        new(null, null, new HashConflict(what, expected, computed));
}
