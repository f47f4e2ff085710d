namespace Athens.Federation.Node.Storage;

/// <summary>
/// One lock a name, from a fixed number of locks: two names may share one, which costs them a wait and nothing else.
/// </summary>
internal sealed class KeyedLocks
{
    /// <summary>Far more than admissions can run at once, so that two different modules rarely meet.</summary>
    private const int Stripes = 1024;

    private readonly SemaphoreSlim[] locks = Enumerable.Range(0, Stripes).Select(_ => new SemaphoreSlim(1)).ToArray();

    /// <summary>Waits for the name's lock. Dispose what is returned, once, to let it go.</summary>
    public async ValueTask<IDisposable> TakeAsync(string name, CancellationToken cancellationToken)
    {
        var stripe = locks[(uint)StringComparer.Ordinal.GetHashCode(name) % Stripes];
        await stripe.WaitAsync(cancellationToken);
        return new Held(stripe);
    }

    private sealed class Held(SemaphoreSlim stripe) : IDisposable
    {
        public void Dispose() => stripe.Release();
    }
}
