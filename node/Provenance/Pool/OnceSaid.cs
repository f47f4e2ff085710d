namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>What of one kind was told to the operator already, so that a peer that repeats itself does not fill the log.</summary>
internal sealed class OnceSaid
{
    /// <summary>Things said; after that nothing new is, until the next start. Whoever reads the log has seen enough.</summary>
    private const int MaxSaid = 1000;

    private readonly Lock gate = new();
    private readonly HashSet<string> said = new(StringComparer.Ordinal);

    public bool IsNew(string what)
    {
        lock (gate)
        {
            return said.Count < MaxSaid && said.Add(what);
        }
    }
}
