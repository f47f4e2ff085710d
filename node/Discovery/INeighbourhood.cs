namespace Athens.Federation.Node.Discovery;

/// <summary>Who says on the LAN that it is there. Safe for any thread.</summary>
internal interface INeighbourhood
{
    /// <summary>At most 256, this node not among them, ordered by instance name. Empty when discovery is off or cannot be had.</summary>
    IReadOnlyList<Neighbour> Current { get; }

    /// <summary>Raised after <see cref="Current"/> has changed, on a thread that receives packets: a handler must not wait.</summary>
#pragma warning disable MA0046 // An event without a sender and arguments: there is one neighbourhood, and it is asked for what changed.
    event Action? Changed;
#pragma warning restore MA0046
}
