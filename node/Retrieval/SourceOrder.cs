namespace Athens.Federation.Node.Retrieval;

/// <summary>
/// The sources in the order in which they are asked. The first that finds wins. When none does, the gravest failure is
/// the answer: a conflict is never hidden by a later "absent", and "absent" needs every source to say so.
/// (A source that merely knows of no holder says Absent, not Unavailable.)
/// </summary>
internal sealed class SourceOrder
{
    private readonly IReadOnlyList<IModuleSource> sources;

    public SourceOrder(IEnumerable<IModuleSource> sources) => this.sources = [.. sources];

    public async Task<Outcome<T>> FirstFoundAsync<T>(Func<IModuleSource, Task<Outcome<T>>> ask)
        where T : class
    {
        Outcome<T>? gravest = null;
        foreach (IModuleSource source in sources)
        {
            Outcome<T> outcome = await ask(source);
            if (outcome.IsFound)
            {
                return outcome;
            }

            if (gravest is null || Gravity(outcome.Kind) > Gravity(gravest.Value.Kind))
            {
                gravest = outcome;
            }
        }

        return gravest ?? Outcome<T>.Unavailable("this node has no source to fetch from: it serves only what it holds");
    }

    private static int Gravity(OutcomeKind kind) => kind switch
    {
        OutcomeKind.Conflicting => 5,
        OutcomeKind.Forbidden => 4,
        OutcomeKind.OutOfSpace => 3,
        OutcomeKind.Faulty => 2,
        OutcomeKind.Unavailable => 1,
        _ => 0,
    };
}
