namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>How it ended when something was given to the pool's book.</summary>
internal enum PoolEnd
{
    /// <summary>It changed what the book knows, and is durable.</summary>
    Taken,

    /// <summary>It is good, and told nothing new; or something newer was known already.</summary>
    Known,

    /// <summary>It is not accepted, and nothing changed.</summary>
    Refused,

    /// <summary>Somebody signed two things of which only one may be: a security failure. Nothing changed, the evidence is kept.</summary>
    Conflict,
}

/// <summary>The end, and why.</summary>
/// <param name="End">See there.</param>
/// <param name="Reason">One sentence for people, without a dot at its end; never empty.</param>
internal readonly record struct PoolTaken(PoolEnd End, string Reason);
