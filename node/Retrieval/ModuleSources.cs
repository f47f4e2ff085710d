namespace Athens.Federation.Node.Retrieval;

/// <summary>
/// The sources beside the store: peers, when there are any, and the upstreams in the order in which they are asked. The
/// first that finds wins. When none does, the gravest failure is the answer: a conflict is never hidden by a later
/// "absent", and "absent" needs every source to say so. (A source that merely knows of no holder says Absent, not
/// Unavailable.)
/// </summary>
internal sealed class ModuleSources
{
    private readonly IReadOnlyList<IModuleSource> upstreams;

    public ModuleSources(IEnumerable<IModuleSource> upstreams, IEnumerable<IPeerSource> peers)
    {
        this.upstreams = [.. upstreams];
        Peers = peers.SingleOrDefault();
    }

    /// <summary>Null for a node by itself.</summary>
    public IPeerSource? Peers { get; }

    public async Task<Outcome<T>> FirstFoundAsync<T>(Func<IModuleSource, Task<Outcome<T>>> ask)
        where T : class
    {
        Outcome<T>? gravest = null;
        foreach (IModuleSource source in upstreams)
        {
            Outcome<T> outcome = await ask(source);
            if (outcome.IsFound)
            {
                return outcome;
            }

            gravest = gravest is { } known ? Graver(known, outcome) : outcome;
        }

        return gravest ?? Outcome<T>.Unavailable("this node has no source to fetch from: it serves only what it holds");
    }

    /// <summary>Of two failures the one that is answered with; the first of two alike.</summary>
    public static Outcome<T> Graver<T>(Outcome<T> first, Outcome<T> second)
        where T : class =>
        Gravity(second.Kind) > Gravity(first.Kind) ? second : first;

    private static int Gravity(OutcomeKind kind) => kind switch
    {
        OutcomeKind.Conflicting => 6,
        OutcomeKind.Forbidden => 5,
        OutcomeKind.OutOfSpace => 4,
        OutcomeKind.Faulty => 3,
        OutcomeKind.Unavailable => 2,
        OutcomeKind.NotHeld => 1,
        _ => 0,
    };
}
