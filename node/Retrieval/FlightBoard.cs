using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Retrieval;

/// <summary>How far a fetch of this node has come.</summary>
internal enum FlightPhase
{
    /// <summary>Nothing of this node's own is under way.</summary>
    None,

    /// <summary>A client waits for it; upstream has not been asked.</summary>
    Wanted,

    /// <summary>Upstream is being asked.</summary>
    Upstream,
}

/// <summary>What this node is fetching now, for peers that want the same. Bounded by the flights that there can be.</summary>
internal sealed class FlightBoard
{
    // Guards the dictionary; held for one operation on it.
    private readonly Lock gate = new();
    private readonly Dictionary<ModuleVersion, Entry> entries = [];
    private readonly TimeProvider time;

    public FlightBoard(TimeProvider time) => this.time = time;

    /// <summary>A flight has landed; its module version may be held now. Handlers return at once.</summary>
#pragma warning disable MA0046 // An event without a sender and arguments: what is held tells the rest.
    public event Action? Landed;
#pragma warning restore MA0046

    public FlightPhase PhaseOf(ModuleVersion module)
    {
        lock (gate)
        {
            return entries.TryGetValue(module, out Entry? entry) ? entry.Phase : FlightPhase.None;
        }
    }

    /// <summary>Waits until nothing flies for a module version, at most <paramref name="patience"/>.</summary>
    public async Task WhenLandedAsync(ModuleVersion module, TimeSpan patience, CancellationToken cancellationToken)
    {
        Task landed;
        lock (gate)
        {
            landed = entries.TryGetValue(module, out Entry? entry) ? entry.Landed.Task : Task.CompletedTask;
        }

        try
        {
            await landed.WaitAsync(patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Patience is over; the caller looks at the phase again.
        }
    }

    /// <summary>A flight begins; single flight sees to it that there is one for each module version. Dispose: it has landed.</summary>
    public Entry Begin(ModuleVersion module)
    {
        Entry entry = new(this, module);
        lock (gate)
        {
            entries[module] = entry;
        }

        return entry;
    }

    private void End(Entry entry)
    {
        lock (gate)
        {
            if (entries.TryGetValue(entry.Module, out Entry? current) && current == entry)
            {
                entries.Remove(entry.Module);
            }
        }

        entry.Landed.TrySetResult();
        Landed?.Invoke();
    }

    internal sealed class Entry(FlightBoard board, ModuleVersion module) : IDisposable
    {
        private volatile FlightPhase phase = FlightPhase.Wanted;

        public ModuleVersion Module { get; } = module;

        public FlightPhase Phase => phase;

        public TaskCompletionSource Landed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Upstream is asked from now on.</summary>
        public void GoesUpstream() => phase = FlightPhase.Upstream;

        public void Dispose() => board.End(this);
    }
}
